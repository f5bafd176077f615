package tofu.cli;

/// Why a command cannot go on: becomes one line on the standard error, and an exit code.
public final class Failure extends Exception {
    private static final long serialVersionUID = 1L;

    /// What the process ends with.
    private final int exitCode;

    /// Makes a failure.
    ///
    /// @param exitCode one of [ExitCode]
    /// @param message what was wrong, in one line
    public Failure(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
