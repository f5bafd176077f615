package tofu.engine.channel;

/// Points in time as [System#nanoTime()] counts them, so that they wrap around.
public final class Deadline {
    /// No deadline.
    public static final long NONE = Long.MAX_VALUE;

    private Deadline() {}

    /// The deadline that comes a while after now; never [#NONE].
    ///
    /// @param nowNanos the time
    /// @param timeoutNanos how long from now, at most 2^62
    /// @return the deadline
    public static long after(long nowNanos, long timeoutNanos) {
        long deadline = nowNanos + timeoutNanos;
        return deadline == NONE ? deadline - 1 : deadline;
    }

    /// Whether a deadline has come.
    ///
    /// @param deadlineNanos the deadline, may be [#NONE]
    /// @param nowNanos the time
    /// @return true when it is time
    public static boolean isDue(long deadlineNanos, long nowNanos) {
        return deadlineNanos != NONE && deadlineNanos - nowNanos <= 0;
    }

    /// The earlier of two deadlines.
    ///
    /// @param a a deadline, may be [#NONE]
    /// @param b another
    /// @return the earlier one
    public static long earlier(long a, long b) {
        if (a == NONE || b == NONE) {
            return a == NONE ? b : a;
        }
        return a - b <= 0 ? a : b;
    }
}
