package tofu.bench.duel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// What the messages carry: a stamp in the first eight bytes, big-endian, and filler. A stamp is
/// the lane (16 bits), which is the sender's number for channel or thread, and the message's
/// number within it.
///
/// Thread: one.
final class Payload {
    private static final int NUMBER_BITS = 48;
    private static final VarHandle STAMP =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] bytes;

    Payload(int size) {
        bytes = new byte[size];
    }

    /// The bytes for the next message; the same array each time.
    byte[] with(long sequence) {
        STAMP.set(bytes, 0, sequence);
        return bytes;
    }

    /// The stamp of a payload that was received.
    static long sequence(byte[] bytes) {
        return (long) STAMP.get(bytes, 0);
    }

    /// The stamp of a lane's message.
    static long sequence(int lane, long number) {
        return (long) lane << NUMBER_BITS | number;
    }

    static int lane(long sequence) {
        return (int) (sequence >>> NUMBER_BITS);
    }
}
