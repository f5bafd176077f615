package tofu.kit;

import java.time.Duration;

/// Refuses numbers and durations that are out of range.
final class Bounds {
    private Bounds() {}

    /// Lets a number pass that is large enough.
    ///
    /// @param name of the number, for who reads the refusal
    /// @return the number
    /// @throws IllegalArgumentException names the number and its least value
    static int atLeast(int least, String name, int number) {
        if (number < least) {
            throw new IllegalArgumentException(
                    name + " is " + number + ", must be at least " + least);
        }
        return number;
    }

    /// Lets a duration pass that is one.
    ///
    /// @param name of the duration, for who reads the refusal
    /// @return the duration
    /// @throws IllegalArgumentException names the duration if it is zero or negative
    static Duration moreThanZero(String name, Duration duration) {
        if (!duration.isPositive()) {
            throw new IllegalArgumentException(
                    name + " is " + duration + ", must be more than zero");
        }
        return duration;
    }
}
