package tofu.engine.link;

import tofu.engine.channel.Deadline;

/// Finds out that nothing has come on a connection for a while: once, until something comes again.
///
/// What comes moves no deadline: it is noted, and looked at when the deadline is due.
///
/// Thread: the loop.
final class IdleWatch {
    /// 0: nobody wants to know.
    private final long idleNanos;

    /// When something came last; without meaning before the first time.
    private long heardNanos;

    private long deadlineNanos = Deadline.NONE;

    IdleWatch(long idleNanos) {
        this.idleNanos = idleNanos;
    }

    /// Something has come, or may from now on.
    void onHeard(long nowNanos) {
        if (idleNanos > 0) {
            heardNanos = nowNanos;
            if (deadlineNanos == Deadline.NONE) {
                deadlineNanos = Deadline.after(nowNanos, idleNanos);
            }
        }
    }

    long deadlineNanos() {
        return deadlineNanos;
    }

    /// Looks whether it is time to tell.
    ///
    /// @param reading whether we read: else the silence is ours, and does not count
    /// @return true once
    boolean isIdle(long nowNanos, boolean reading) {
        if (!Deadline.isDue(deadlineNanos, nowNanos)) {
            return false;
        }
        if (!reading) {
            heardNanos = nowNanos;
        }
        deadlineNanos = Deadline.after(heardNanos, idleNanos);
        if (!Deadline.isDue(deadlineNanos, nowNanos)) {
            return false;
        }
        deadlineNanos = Deadline.NONE;
        return true;
    }
}
