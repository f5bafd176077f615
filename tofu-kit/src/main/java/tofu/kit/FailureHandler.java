package tofu.kit;

/// The one place for what handlers, timers and tasks throw.
///
/// Threads: called by the thread that runs the dispatcher. Applications implement it: methods are
/// added with a default only.
@FunctionalInterface
public interface FailureHandler {
    /// Hears of a failure. A channel that it concerns is ended afterwards, whatever this does.
    ///
    /// @param failure what was thrown
    /// @param channel the number of the message's channel; 0 for a timer or a task
    void onFailure(Throwable failure, int channel);
}
