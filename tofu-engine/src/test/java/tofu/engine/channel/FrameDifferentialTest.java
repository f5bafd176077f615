package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Random connections, cut at random and with little memory: the engine and [NaiveCodec] read the
/// same frames and come to the same verdict.
///
/// Each connection has a seed of its own: the first one's is printed, the others' follow. To replay
/// one: `-Dtofu.fuzz.seed=SEED -Dtofu.fuzz.frames=1`.
class FrameDifferentialTest {
    private static final long SHORT_RUN = 100_000;
    private static final long LONG_RUN = 100_000_000;

    private final FrameFuzz fuzz = new FrameFuzz();

    @Test
    void bothReadTheSame() {
        run(Long.getLong("tofu.fuzz.frames", SHORT_RUN));
    }

    @Test
    @Tag("long")
    void bothReadTheSameInAHundredMillionFrames() {
        long first = Long.getLong("tofu.fuzz.seed", System.nanoTime());
        long begin = System.nanoTime();
        run(Long.getLong("tofu.fuzz.frames", LONG_RUN));
        double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf(
                "frames: %s; 0 differences; %.0f s, %,.0f frames/s; from seed %d%n",
                fuzz, seconds, fuzz.frames() / seconds, first);
    }

    private void run(long frames) {
        long seed = Long.getLong("tofu.fuzz.seed", System.nanoTime());
        while (fuzz.frames() < frames) {
            check(seed);
            seed++;
        }
        assertThat(fuzz.refusals()).as("connections that were refused").isPositive();
        assertThat(fuzz.starvations()).as("waits for memory").isPositive();
    }

    private void check(long seed) {
        byte[] input = RandomConnection.next(new SplittableRandom(seed));
        try {
            fuzz.run(input);
        } catch (RuntimeException | AssertionError e) {
            String hex = HexFormat.of().formatHex(input);
            throw new AssertionError("-Dtofu.fuzz.seed=" + seed + ", the input is " + hex, e);
        }
    }
}
