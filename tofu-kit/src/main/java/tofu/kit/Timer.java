package tofu.kit;

/// Something that a [Dispatcher] will do later, once or again and again.
///
/// Threads: any may cancel.
public final class Timer {
    /// The place of a timer that does not wait.
    static final int NOWHERE = -1;

    private final Timers timers;
    private final Runnable task;
    private final long number;

    /// Between two runs; 0 for a timer that runs once.
    private final long intervalNanos;

    /// Guarded by the timers.
    private long dueNanos;

    /// Where it is among those that wait; guarded by the timers.
    private int place = NOWHERE;

    Timer(Timers timers, Runnable task, long number, long dueNanos, long intervalNanos) {
        this.timers = timers;
        this.task = task;
        this.number = number;
        this.dueNanos = dueNanos;
        this.intervalNanos = intervalNanos;
    }

    /// Sees to it that it does not run any more; one that runs just now, ends its run.
    public void cancel() {
        timers.remove(this);
    }

    Runnable task() {
        return task;
    }

    long intervalNanos() {
        return intervalNanos;
    }

    long dueNanos() {
        return dueNanos;
    }

    void dueNanos(long nanos) {
        dueNanos = nanos;
    }

    int place() {
        return place;
    }

    void place(int index) {
        place = index;
    }

    /// Whether it is due before another one; of two at the same time, the one that was made first.
    boolean isBefore(Timer other) {
        return dueNanos != other.dueNanos ? dueNanos < other.dueNanos : number < other.number;
    }
}
