package tofu.cli;

/// What `tofuctl` ends with. Ended by a signal it is 128 and the signal's number, as in a shell:
/// 130 after Ctrl-C, 143 after SIGTERM.
public final class ExitCode {
    /// All was done.
    public static final int DONE = 0;

    /// All was tried, and the answer is no: no ping was answered, a replay went another way.
    public static final int NO = 1;

    /// The arguments make no sense.
    public static final int USAGE = 2;

    /// Cannot connect, or cannot listen.
    public static final int UNREACHABLE = 3;

    /// A connection ended before its time.
    public static final int BROKEN = 4;

    /// A file, or the standard output, cannot be read or written.
    public static final int FILE = 5;

    /// A bug of `tofuctl` itself.
    public static final int BUG = 70;

    private ExitCode() {}
}
