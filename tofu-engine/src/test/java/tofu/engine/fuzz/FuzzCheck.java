package tofu.engine.fuzz;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Checks that cost nothing when they pass: a fuzzer makes many of them.
public final class FuzzCheck {
    private FuzzCheck() {}

    public static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    public static void check(boolean holds, Supplier<String> what) {
        if (!holds) {
            throw new AssertionError(what.get());
        }
    }

    /// Checks that something is there.
    public static <T> T present(@Nullable T thing, String what) {
        if (thing == null) {
            throw new AssertionError(what);
        }
        return thing;
    }
}
