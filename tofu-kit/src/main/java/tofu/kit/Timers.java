package tofu.kit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// What is to be done when, in order of time. Time is an argument, in nanoseconds from 0.
///
/// A heap in an array: what is due next is the first, and each is due before the two that hang on
/// it. So a timer that waits is set to another time without a need for memory: one that runs again
/// and again is never lost.
///
/// Threads: any; the monitor is held for a few steps, and never while a task runs.
final class Timers {
    /// How many may wait at a time.
    static final int MAX_TIMERS = 1 << 20;

    /// What `nanosToNext` says while there is none; and when a timer is due that rests.
    static final long NEVER = Long.MAX_VALUE;

    private final List<Timer> waiting = new ArrayList<>();

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
        timer.place(waiting.size() - 1);
        rise(timer);
        return timer;
    }

    /// Adds a timer that rests until it is [set][#set(Timer, long)], and whenever it has run.
    ///
    /// @throws RejectedExecutionException at [#MAX_TIMERS]
    Timer addResting(Runnable task) {
        return add(NEVER, NEVER, task);
    }

    /// Sets a timer to another time; nothing happens if it waits no more. Needs no memory.
    synchronized void set(Timer timer, long dueNanos) {
        if (timer.place() != Timer.NOWHERE) {
            timer.dueNanos(dueNanos);
            settle(timer);
        }
    }

    /// Sets a timer to an earlier time, as [#set(Timer, long)]; never to a later one.
    synchronized void hasten(Timer timer, long dueNanos) {
        set(timer, Math.min(dueNanos, timer.dueNanos()));
    }

    synchronized void remove(Timer timer) {
        if (timer.place() != Timer.NOWHERE) {
            Timer last = waiting.removeLast();
            if (last != timer) {
                put(timer.place(), last);
                settle(last);
            }
            timer.place(Timer.NOWHERE);
        }
    }

    synchronized boolean isFirst(Timer timer) {
        return !waiting.isEmpty() && waiting.getFirst() == timer;
    }

    /// How long it is until the next is due.
    synchronized long nanosToNext(long nowNanos) {
        return waiting.isEmpty() ? NEVER : Math.max(0, waiting.getFirst().dueNanos() - nowNanos);
    }

    /// Takes a timer that is due; one that runs again is due again an interval from now, so that
    /// one that is late never has to catch up.
    synchronized @Nullable Timer takeDue(long nowNanos) {
        if (waiting.isEmpty() || waiting.getFirst().dueNanos() > nowNanos) {
            return null;
        }
        Timer due = waiting.getFirst();
        if (due.intervalNanos() > 0) {
            set(due, Nanos.add(nowNanos, due.intervalNanos()));
        } else {
            remove(due);
        }
        return due;
    }

    synchronized void clear() {
        waiting.forEach(timer -> timer.place(Timer.NOWHERE));
        waiting.clear();
    }

    synchronized int size() {
        return waiting.size();
    }

    // ---- the heap

    private void put(int place, Timer timer) {
        waiting.set(place, timer);
        timer.place(place);
    }

    private void settle(Timer timer) {
        rise(timer);
        sink(timer);
    }

    private void rise(Timer timer) {
        int place = timer.place();
        while (place > 0 && timer.isBefore(waiting.get(above(place)))) {
            put(place, waiting.get(above(place)));
            place = above(place);
        }
        put(place, timer);
    }

    private void sink(Timer timer) {
        int place = timer.place();
        int next = nextBelow(place);
        while (next < waiting.size() && waiting.get(next).isBefore(timer)) {
            put(place, waiting.get(next));
            place = next;
            next = nextBelow(place);
        }
        put(place, timer);
    }

    private static int above(int place) {
        return (place - 1) / 2;
    }

    /// The place of the earlier one of the two that hang on a place; beyond the end if none does.
    private int nextBelow(int place) {
        int left = 2 * place + 1;
        int right = left + 1;
        boolean both = right < waiting.size();
        return both && waiting.get(right).isBefore(waiting.get(left)) ? right : left;
    }
}
