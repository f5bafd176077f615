package tofu.engine;

import java.time.Duration;

/// Durations as nanoseconds.
final class Nanos {
    private Nanos() {}

    /// A duration in nanoseconds; what does not fit becomes the longest or shortest.
    static long saturated(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException tooLong) {
            return duration.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }
}
