package tofu.kit;

import java.time.Duration;

/// Durations of any length as nanoseconds.
final class Nanos {
    private Nanos() {}

    /// Turns a duration into nanoseconds.
    ///
    /// @return 0 for a negative one, [Long#MAX_VALUE] for one that is too long
    static long of(Duration duration) {
        if (duration.isNegative()) {
            return 0;
        }
        try {
            return duration.toNanos();
        } catch (ArithmeticException tooLong) {
            return Long.MAX_VALUE;
        }
    }

    /// Adds without wrapping around.
    ///
    /// @param nowNanos not negative
    /// @param nanos not negative
    static long add(long nowNanos, long nanos) {
        long sum = nowNanos + nanos;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }
}
