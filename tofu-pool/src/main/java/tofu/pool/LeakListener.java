package tofu.pool;

/// Told of messages that an application has lost, whenever the log is.
///
/// Threads: any of the application's, or one that reports; holds no lock.
@FunctionalInterface
public interface LeakListener {
    /// Messages have become unreachable without having been closed or moved.
    ///
    /// @param messages how many, since the last time that this was said of the place
    /// @param got the place where the application got them, as a stack trace
    void leaked(int messages, Throwable got);
}
