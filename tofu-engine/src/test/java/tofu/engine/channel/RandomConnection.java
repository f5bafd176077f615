package tofu.engine.channel;

import java.io.ByteArrayOutputStream;
import java.util.random.RandomGenerator;

/// Makes inputs for [FrameFuzz]: frames that are mostly right, now and then wrong, cut at random.
///
/// Thread: the generator's.
final class RandomConnection {
    private static final int MAX_FRAMES = 48;

    private static final int HELLO_REQUEST = 3;
    private static final int HELLO_RESPONSE = 4;

    private RandomConnection() {}

    static byte[] next(RandomGenerator random) {
        ByteArrayOutputStream input = new ByteArrayOutputStream(4_096);
        int mode = random.nextInt(16);
        input.write(mode);
        byte[] script = new byte[2 * random.nextInt(9)];
        random.nextBytes(script);
        input.write(script.length);
        input.writeBytes(script);
        int count = random.nextInt(1, MAX_FRAMES);
        int hello = (mode & 3) == 0 ? HELLO_REQUEST : HELLO_RESPONSE;
        for (int i = 0; i < count; i++) {
            boolean odd = random.nextInt(64) == 0;
            int opCode = i == 0 ? hello : random.nextInt(odd ? 16 : 3);
            frame(input, random, opCode, odd);
        }
        return input.toByteArray();
    }

    private static void frame(
            ByteArrayOutputStream out, RandomGenerator random, int opCode, boolean odd) {
        byte[] header = new byte[16];
        random.nextBytes(header);
        boolean regular = opCode < HELLO_REQUEST;
        int marks = regular || odd ? random.nextInt(16) << 4 : 0;
        header[2] = (byte) (marks | opCode);
        header[11] |= (byte) (odd ? 0 : 1);
        if (odd && random.nextBoolean()) {
            java.util.Arrays.fill(header, 4, 12, (byte) 0);
        }
        int headersLength = length(random);
        int bodyLength = length(random);
        header[12] = (byte) (headersLength >> 8);
        header[13] = (byte) headersLength;
        header[14] = (byte) (bodyLength >> 8);
        header[15] = (byte) bodyLength;
        out.writeBytes(header);
        byte[] payload = new byte[headersLength + bodyLength];
        java.util.Arrays.fill(payload, (byte) random.nextInt());
        out.writeBytes(payload);
    }

    /// Half of them are 0; few are long.
    private static int length(RandomGenerator random) {
        int choice = random.nextInt(2_048);
        if (choice < 1_024) {
            return 0;
        }
        if (choice < 2_030) {
            return random.nextInt(64);
        }
        return random.nextInt(choice < 2_047 ? 1_200 : 65_536);
    }
}
