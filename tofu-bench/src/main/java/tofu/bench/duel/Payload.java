package tofu.bench.duel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// What the messages carry: a sequence number in the first eight bytes, big-endian, and filler.
///
/// Thread: one.
final class Payload {
    private static final VarHandle SEQUENCE =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] bytes;

    Payload(int size) {
        bytes = new byte[size];
    }

    /// The bytes for the next message; the same array each time.
    byte[] with(long sequence) {
        SEQUENCE.set(bytes, 0, sequence);
        return bytes;
    }

    /// The sequence number in a payload that was received.
    static long sequence(byte[] bytes) {
        return (long) SEQUENCE.get(bytes, 0);
    }
}
