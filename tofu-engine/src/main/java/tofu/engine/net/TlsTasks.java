package tofu.engine.net;

/// Runs what takes too long for a loop: signing, checking certificates, asking the application for
/// its keys.
@FunctionalInterface
public interface TlsTasks {
    /// Runs something beside the loop, and something else on it afterwards.
    ///
    /// Thread: the loop.
    ///
    /// @param work on any thread; throws nothing
    /// @param then on the loop, once the work is done; not at all if the loop has ended
    /// @return false if it cannot be done now, as there is too much of it
    boolean run(Runnable work, Runnable then);
}
