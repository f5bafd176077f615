package tofu.tests.sim;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/// An invariant that does not hold.
final class Violation extends AssertionError {
    @Serial private static final long serialVersionUID = 1L;

    Violation(String message) {
        super(message);
    }

    Violation(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
