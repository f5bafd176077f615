package tofu.engine.fuzz;

import java.util.Arrays;

/// The bytes of a fuzzer, read as decisions; once they are used up, every decision is 0.
///
/// Thread: one at a time.
public final class FuzzInput {
    /// Lengths on both sides of a slot's capacity, of a bound of the code, and of the field.
    private static final int[] TELLING = {
        111, 112, 113, 303, 304, 305, 1_071, 1_072, 1_073, 4_143, 4_144, 4_145, 8_175, 8_176, 8_177,
        8_192, 16_383, 16_384, 16_385, 16_431, 16_432, 16_433, 65_519, 65_534, 65_535
    };

    private final byte[] data;
    private int at;

    public FuzzInput(byte[] data) {
        this.data = data;
    }

    public boolean isEmpty() {
        return at >= data.length;
    }

    /// A number from 0 to 255.
    public int octet() {
        return isEmpty() ? 0 : data[at++] & 0xFF;
    }

    /// A number from 0 on, but less than a bound of at most 256.
    public int below(int bound) {
        return octet() % bound;
    }

    public boolean flag() {
        return (octet() & 1) != 0;
    }

    /// A number from 0 to 65,535.
    public int pair() {
        return octet() << 8 | octet();
    }

    /// The length of a part of a frame: mostly short, now and then a telling one, or any.
    public int length() {
        int choice = octet();
        if (choice < 192) {
            return choice & 31;
        }
        return choice < 248 ? TELLING[choice % TELLING.length] : pair();
    }

    /// So many bytes, or what there is.
    public byte[] bytes(int count) {
        int end = Math.min(at + count, data.length);
        byte[] bytes = Arrays.copyOfRange(data, Math.min(at, end), end);
        at = end;
        return bytes;
    }

    /// All that is left.
    public byte[] rest() {
        return bytes(data.length - at);
    }
}
