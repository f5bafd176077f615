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

    LoopSums since(LoopSums earlier) {
        return new LoopSums(
                turns - earlier.turns,
                ledTurns - earlier.ledTurns,
                flushes - earlier.flushes,
                events - earlier.events,
                busyNanos - earlier.busyNanos,
                longestTurnNanos);
    }
}
