package tofu.kit;

import java.util.TreeSet;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// What is to be done when, in order of time. Time is an argument, in nanoseconds from 0.
///
/// Threads: any; the monitor is held for a few steps, and never while a task runs.
final class Timers {
    /// How many may wait at a time.
    static final int MAX_TIMERS = 1 << 20;

    /// What `nanosToNext` says while there is none.
    static final long NEVER = Long.MAX_VALUE;

    private final TreeSet<Timer> waiting = new TreeSet<>(Timer::compareTo);

    private long lastNumber;

    /// Adds a timer.
    ///
    /// @param intervalNanos 0: it runs once
    /// @throws RejectedExecutionException at [#MAX_TIMERS]
    synchronized Timer add(long dueNanos, long intervalNanos, Runnable task) {
        if (waiting.size() >= MAX_TIMERS) {
            throw new RejectedExecutionException(MAX_TIMERS + " timers wait already");
        }
        Timer timer = new Timer(this, task, ++lastNumber, dueNanos, intervalNanos);
        waiting.add(timer);
        return timer;
    }

    synchronized void remove(Timer timer) {
        waiting.remove(timer);
    }

    synchronized boolean isFirst(Timer timer) {
        return !waiting.isEmpty() && waiting.first() == timer;
    }

    /// How long it is until the next is due.
    synchronized long nanosToNext(long nowNanos) {
        return waiting.isEmpty() ? NEVER : Math.max(0, waiting.first().dueNanos() - nowNanos);
    }

    /// Takes a timer that is due; one that runs again is due again an interval from now, so that
    /// one that is late never has to catch up.
    synchronized @Nullable Timer takeDue(long nowNanos) {
        if (waiting.isEmpty() || waiting.first().dueNanos() > nowNanos) {
            return null;
        }
        Timer due = waiting.removeFirst();
        if (due.intervalNanos() > 0) {
            due.dueNanos(Nanos.add(nowNanos, due.intervalNanos()));
            waiting.add(due);
        }
        return due;
    }

    synchronized void clear() {
        waiting.clear();
    }

    synchronized int size() {
        return waiting.size();
    }
}
