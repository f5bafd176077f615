package tofu.engine;

import tofu.api.Statistics;
import tofu.engine.loop.Turns;

/// What one loop has done, as applications see it.
///
/// Threads: any.
record LoopSums(
        long turns, long ledTurns, long flushes, long events, long busyNanos, long longestTurnNanos)
        implements Statistics.PerLoop {
    static LoopSums of(Turns turns) {
        return new LoopSums(
                turns.turns(),
                turns.led(),
                turns.flushes(),
                turns.events(),
                turns.busyNanos(),
                turns.longestNanos());
    }

    /// Never negative: a snapshot that was delayed may have counted more than a later one.
    LoopSums since(LoopSums earlier) {
        return new LoopSums(
                Math.max(turns - earlier.turns, 0),
                Math.max(ledTurns - earlier.ledTurns, 0),
                Math.max(flushes - earlier.flushes, 0),
                Math.max(events - earlier.events, 0),
                Math.max(busyNanos - earlier.busyNanos, 0),
                longestTurnNanos);
    }
}
