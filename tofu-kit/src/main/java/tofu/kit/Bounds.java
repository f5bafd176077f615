package tofu.kit;

import java.time.Duration;
import tofu.api.BinaryHeader;
import tofu.api.Message;
import tofu.api.Options;

/// Refuses numbers and durations that are out of range, and says how much a message counts.
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

    /// Lets a bound in bytes pass that has room for the longest message: what is longer than that
    /// would find none at any time, and so would never be sent.
    ///
    /// @param name of the bound, for who reads the refusal
    /// @return the bound
    /// @throws IllegalArgumentException names the bound and its least value
    static long roomForOne(String name, long bytes) {
        if (bytes < Options.MAX_MESSAGE_BYTES) {
            throw new IllegalArgumentException(
                    name + " is " + bytes + ", must be at least " + Options.MAX_MESSAGE_BYTES);
        }
        return bytes;
    }

    /// How much a message counts: as on the wire.
    ///
    /// @return 16 to 131,086 bytes
    static long bytes(Message message) {
        return bytes(message.headers().length(), message.body().length());
    }

    /// How much a message counts that has so many bytes of text headers, and such a body.
    static long bytes(int headers, int body) {
        return (long) BinaryHeader.LENGTH + headers + body;
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
