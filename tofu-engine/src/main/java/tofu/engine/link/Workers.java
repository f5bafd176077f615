package tofu.engine.link;

/// Threads beside the loops, for what would hold up a loop: the computing of handshakes,
/// and looking up the users of Unix domain sockets.
///
/// Threads: any. Neither method waits for what runs.
public interface Workers extends AutoCloseable {
    /// Runs something, on another thread.
    ///
    /// @param work throws nothing
    /// @return false if it will not be run: there is too much of it, there is no thread to be had,
    ///     or the workers are closed
    boolean run(Runnable work);

    /// Begins nothing more, and interrupts what runs.
    @Override
    void close();
}
