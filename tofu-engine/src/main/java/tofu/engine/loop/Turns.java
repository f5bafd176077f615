package tofu.engine.loop;

import java.util.concurrent.atomic.AtomicLongArray;

/// What a loop has counted: its turns, and how long they were without the waiting in them.
///
/// Threads: whoever acts as the loop writes, by plain stores; any reads.
public final class Turns {
    private static final int TURNS = 0;
    private static final int LED = 1;
    private static final int FLUSHES = 2;
    private static final int EVENTS = 3;
    private static final int BUSY = 4;
    private static final int LONGEST = 5;
    private static final int COUNTS = 6;

    /// More than a cache line before and behind what is written: others write their own.
    private static final int PAD = 16;

    private final AtomicLongArray counts = new AtomicLongArray(PAD + COUNTS + PAD);

    /// When the part of the turn began that is under way.
    private long sinceNanos;

    /// How long the parts before it were.
    private long partsNanos;

    private boolean waiting;

    private final Turn turn;

    /// Nothing yet.
    ///
    /// @param turn told when the loop is busy
    Turns(Turn turn) {
        this.turn = turn;
    }

    private long read(int what) {
        return counts.getOpaque(PAD + what);
    }

    private void add(int what, long more) {
        counts.setOpaque(PAD + what, counts.getPlain(PAD + what) + more);
    }

    // ---- the loop

    /// A turn begins.
    ///
    /// @param led whether a receiver makes it
    void begin(long nowNanos, boolean led) {
        sinceNanos = nowNanos;
        partsNanos = 0;
        waiting = false;
        add(TURNS, 1);
        if (led) {
            add(LED, 1);
        }
        turn.onBusy();
    }

    /// Whether the turn waits for events.
    boolean isWaiting() {
        return waiting;
    }

    /// The turn begins to wait for events.
    void await(long nowNanos) {
        waiting = true;
        partsNanos += nowNanos - sinceNanos;
        turn.onIdle();
    }

    /// There is something to do, or the wait is over.
    void goOn(long nowNanos) {
        waiting = false;
        sinceNanos = nowNanos;
        turn.onBusy();
    }

    /// A turn ends.
    ///
    /// @param events what it has found to do
    void end(long nowNanos, int events) {
        long nanos = partsNanos + (waiting ? 0 : nowNanos - sinceNanos);
        add(EVENTS, events);
        add(BUSY, nanos);
        if (nanos > counts.getPlain(PAD + LONGEST)) {
            counts.setOpaque(PAD + LONGEST, nanos);
        }
        if (!waiting) {
            turn.onIdle();
        }
    }

    /// A sender has done what there was to do, outside of a turn.
    void flushed() {
        add(FLUSHES, 1);
    }

    // ---- any thread

    /// How many turns have begun.
    ///
    /// @return turns
    public long turns() {
        return read(TURNS);
    }

    /// How many of them a receiver has made.
    ///
    /// @return turns
    public long led() {
        return read(LED);
    }

    /// How often a sender has done the loop's work.
    ///
    /// @return times
    public long flushes() {
        return read(FLUSHES);
    }

    /// What turns have found to do.
    ///
    /// @return tasks, events and commands
    public long events() {
        return read(EVENTS);
    }

    /// How long all turns were together, without waiting.
    ///
    /// @return nanoseconds
    public long busyNanos() {
        return read(BUSY);
    }

    /// How long the longest one was.
    ///
    /// @return nanoseconds
    public long longestNanos() {
        return read(LONGEST);
    }
}
