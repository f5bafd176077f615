package tofu.recipes;

import org.jspecify.annotations.Nullable;

/// Why a recipe did not succeed, in words for the person who ran it, and the exit code that says
/// so.
final class Failure extends Exception {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    private Failure(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    Failure(String message) {
        this(1, message);
    }

    Failure(String message, Throwable cause) {
        super(message, cause);
        this.exitCode = 1;
    }

    /// The arguments make no sense.
    ///
    /// @param wrong what is wrong with them
    /// @param usage how they should be
    static Failure ofArguments(@Nullable String wrong, String usage) {
        return new Failure(2, wrong + "\n" + usage);
    }

    /// The exit code of the process: 1, or 2 if its arguments are to blame.
    int exitCode() {
        return exitCode;
    }
}
