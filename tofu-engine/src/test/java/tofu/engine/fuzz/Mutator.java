package tofu.engine.fuzz;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/// Changes inputs at random, as a fuzzer does.
///
/// Thread: the generator's.
public final class Mutator {
    private static final int MAX_LENGTH = 1 << 13;
    private static final int MAX_CHANGES = 6;
    private static final int[] TELLING = {0, 1, 2, 15, 16, 17, 31, 32, 63, 64, 127, 128, 254, 255};

    private final RandomGenerator random;
    private final List<byte[]> seeds;

    /// Makes a mutator of some inputs, of which there may be none.
    public Mutator(RandomGenerator random, List<byte[]> seeds) {
        this.random = random;
        this.seeds = seeds;
    }

    /// A new input: one of the given ones, changed; now and then one made of nothing.
    public byte[] next() {
        byte[] input = random.nextInt(16) == 0 ? noise(random.nextInt(1, 64)) : seed();
        int changes = random.nextInt(1, MAX_CHANGES + 1);
        for (int i = 0; i < changes; i++) {
            input = changed(input);
        }
        return input.length > MAX_LENGTH ? Arrays.copyOf(input, MAX_LENGTH) : input;
    }

    private byte[] seed() {
        return seeds.isEmpty() ? noise(32) : seeds.get(random.nextInt(seeds.size())).clone();
    }

    private byte[] noise(int length) {
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        return noise;
    }

    private byte[] changed(byte[] input) {
        if (input.length == 0) {
            return noise(random.nextInt(1, 32));
        }
        int at = random.nextInt(input.length);
        int length = random.nextInt(1, Math.min(40, input.length - at) + 1);
        return switch (random.nextInt(8)) {
            case 0 -> {
                input[at] ^= (byte) (1 << random.nextInt(8));
                yield input;
            }
            case 1 -> {
                input[at] = (byte) TELLING[random.nextInt(TELLING.length)];
                yield input;
            }
            case 2 -> {
                input[at] = (byte) random.nextInt();
                yield input;
            }
            case 3 -> joined(input, at, noise(random.nextInt(1, 8)), at);
            case 4 -> joined(input, at, new byte[0], at + length);
            case 5 -> joined(input, at, Arrays.copyOfRange(input, at, at + length), at);
            case 6 -> joined(input, at, tail(seed()), input.length);
            default -> Arrays.copyOf(input, at);
        };
    }

    private byte[] tail(byte[] other) {
        return other.length == 0
                ? other
                : Arrays.copyOfRange(other, random.nextInt(other.length), other.length);
    }

    /// The input up to a place, something else, and the input from another place on.
    private static byte[] joined(byte[] input, int end, byte[] middle, int start) {
        byte[] joined = Arrays.copyOf(input, end + middle.length + input.length - start);
        System.arraycopy(middle, 0, joined, end, middle.length);
        System.arraycopy(input, start, joined, end + middle.length, input.length - start);
        return joined;
    }
}
