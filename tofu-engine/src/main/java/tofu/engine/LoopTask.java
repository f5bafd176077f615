package tofu.engine;

/// Something that a loop calls: soon after it was scheduled, or when its deadline has come.
///
/// Called on the loop; may not block, and may not throw.
interface LoopTask {
    /// Called after the task was scheduled.
    void onScheduled(long nowNanos);

    /// Called when [#deadlineNanos()] has come; may be called early.
    void onTick(long nowNanos);

    /// The time of the next tick, [tofu.engine.channel.Deadline#NONE] for none.
    long deadlineNanos();
}
