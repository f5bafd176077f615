package tofu.tests.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import tofu.api.Message;

/// What messages carry: which line they are for, who sent them, the number among the sender's,
/// which is the message's id as well, and bytes that follow from these.
///
/// @param line the line's id
/// @param sender the sender's number
/// @param number 1, 2, 3, … for each sender on each line
record Load(long line, int sender, long number) {
    private static final int LENGTH = 20;

    /// For whom nothing else matters: the longest body of an update.
    static final int SHORT = 64;

    /// Beyond this there is a long text header, too.
    private static final int LONG = 50_000;

    private static final String PAD = "p".repeat(60_000);

    /// Fills a message in a few steps, so that it grows.
    ///
    /// @param maxBody the longest body, in bytes
    void fill(Message message, int maxBody) {
        byte[] bytes = bytes(maxBody);
        message.id(number);
        int begun = Math.min(LENGTH, bytes.length);
        int half = Math.max(begun, bytes.length / 2);
        message.body().append(bytes, 0, begun).append(bytes, begun, half - begun);
        message.body().append(bytes, half, bytes.length - half);
        if (bytes.length > LONG) {
            message.headers().append("pad", PAD);
        }
    }

    /// Reads what a message carries, and checks that it came as it was.
    static Load of(Message message, int maxBody) {
        MemorySegment body = message.body().segment();
        assertThat(body.byteSize()).as("length of a body").isGreaterThanOrEqualTo(LENGTH);
        ByteBuffer first = ByteBuffer.wrap(body.asSlice(0, LENGTH).toArray(ValueLayout.JAVA_BYTE));
        Load load = new Load(first.getLong(), first.getInt(), first.getLong());
        MemorySegment expected = MemorySegment.ofArray(load.bytes(maxBody));
        if (body.mismatch(expected) != -1 || message.id() != load.number) {
            throw new AssertionError("not as it was sent: " + message.header() + ", " + load);
        }
        return load;
    }

    private byte[] bytes(int maxBody) {
        SplittableRandom random = new SplittableRandom(line * 31 + sender * 1_009L + number);
        byte[] bytes = new byte[LENGTH + random.nextInt(maxBody - LENGTH + 1)];
        random.nextBytes(bytes);
        ByteBuffer.wrap(bytes).putLong(line).putInt(sender).putLong(number);
        return bytes;
    }
}
