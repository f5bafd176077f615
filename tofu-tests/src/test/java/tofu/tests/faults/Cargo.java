package tofu.tests.faults;

import java.util.Arrays;
import java.util.SplittableRandom;

/// Bodies of all lengths, most of them short; a message's id decides its body.
///
/// @param seed decides the lengths
record Cargo(long seed) {
    private static final int LONGEST = 65_535;
    private static final int SHORT = 1_000;
    private static final int LONG_ONE_IN = 16;

    byte[] of(long id) {
        SplittableRandom random = new SplittableRandom(seed * 1_000_003 + id);
        int bound = random.nextInt(LONG_ONE_IN) == 0 ? LONGEST + 1 : SHORT;
        byte[] body = new byte[random.nextInt(bound)];
        Arrays.fill(body, (byte) (id * 7));
        return body;
    }
}
