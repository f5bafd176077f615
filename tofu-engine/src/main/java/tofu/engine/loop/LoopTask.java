package tofu.engine.loop;

/// Something that a loop calls: soon after it was scheduled, or when its deadline has come.
///
/// Called on the loop; may not block, and may not throw.
public interface LoopTask {
    /// Called after the task was scheduled.
    ///
    /// @param nowNanos the time of this turn
    void onScheduled(long nowNanos);

    /// Called when [#deadlineNanos()] has come; may be called early.
    ///
    /// @param nowNanos the time of this turn
    void onTick(long nowNanos);

    /// The time of the next tick.
    ///
    /// @return nanoseconds, as [Clock#nanoTime()] counts them; [DeadlineQueue#NEVER] for none
    long deadlineNanos();
}
