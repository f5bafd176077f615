package tofu.engine.link;

/// So much a second, and so much at once after a quiet second.
///
/// Kept as the time up to which all is used up: no counter, nothing to refill.
///
/// Thread: the loop.
final class TokenBucket {
    private static final long SECOND_NANOS = 1_000_000_000;

    /// What one costs, 0 if it is for nothing; rounded up, so that it is never one too many.
    private final long costNanos;

    /// How far ahead of the time may be used up by the others, when one comes.
    private final long mostAheadNanos;

    /// Up to when it is used up; without meaning before the first.
    private long usedUntil;

    private boolean begun;

    /// A full one.
    ///
    /// @param perSecond how many, 0 for any number
    TokenBucket(int perSecond) {
        this.costNanos = perSecond == 0 ? 0 : (SECOND_NANOS + perSecond - 1) / perSecond;
        this.mostAheadNanos = costNanos * (perSecond - 1L);
    }

    /// Takes one.
    ///
    /// @return false if there is none now
    boolean take(long nowNanos) {
        if (costNanos == 0) {
            return true;
        }
        if (!begun || usedUntil - nowNanos < 0) {
            begun = true;
            usedUntil = nowNanos;
        }
        if (usedUntil - nowNanos > mostAheadNanos) {
            return false;
        }
        usedUntil += costNanos;
        return true;
    }
}
