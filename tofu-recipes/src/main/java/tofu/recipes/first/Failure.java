package tofu.recipes.first;

import org.jspecify.annotations.Nullable;

/// Why a recipe did not succeed, in words for the person who ran it, and the exit code that says
/// so.
///
/// Unchecked: a recipe stops where it did not go as planned, and only its program catches this.
public final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    private Failure(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    /// Something else happened than it should.
    ///
    /// @param message what happened
    public Failure(String message) {
        this(1, message);
    }

    /// Something failed.
    ///
    /// @param message what was tried, and why it failed
    public Failure(String message, Throwable cause) {
        super(message, cause);
        this.exitCode = 1;
    }

    /// The arguments make no sense.
    ///
    /// @param wrong what is wrong with them
    /// @param usage how they should be
    public static Failure ofArguments(@Nullable String wrong, String usage) {
        return new Failure(2, wrong + "\n" + usage);
    }

    /// The exit code of the process: 1, or 2 if its arguments are to blame.
    public int exitCode() {
        return exitCode;
    }
}
