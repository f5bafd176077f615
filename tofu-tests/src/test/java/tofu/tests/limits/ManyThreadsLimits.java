package tofu.tests.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import tofu.tests.rigs.Pulse;

/// Several real threads at each bound of an engine, and at all of them together: nothing is lost or
/// doubled, every wait ends, and nothing is left. Alone in the process, as it looks for what is
/// left there, and for warnings.
///
/// A failure names its seed; `-Dtofu.seed=SEED` begins with the same options and the same scripts.
/// Which thread is when where is not in the seed: it may need some runs to fail again.
@Isolated
class ManyThreadsLimits {
    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void atEachBoundEveryMessageEndsOnceAndNothingIsLeft() {
        play(Bound.values().length, Duration.ofHours(1), 300);
    }

    @Test
    @Tag("long")
    @Timeout(value = 2, unit = TimeUnit.DAYS)
    void theSameForHours() {
        long seconds = Long.getLong("tofu.limits.seconds", 3_600);
        play(Integer.MAX_VALUE, Duration.ofSeconds(seconds), 2_000);
    }

    private static void play(int mostRounds, Duration longest, int longestMillis) {
        long seed = Long.getLong("tofu.seed", System.nanoTime());
        long start = System.nanoTime();
        long arrivals = 0;
        int rounds = 0;
        try (LogRecords records = LogRecords.collect()) {
            while (rounds < mostRounds && System.nanoTime() - start < longest.toNanos()) {
                Setting setting = Setting.of(seed + rounds, longestMillis);
                try {
                    arrivals += new Round(setting).play();
                    new Watchdog().await("no thread is left", () -> Pulse.engineThreads() == 0);
                    assertThat(records.texts()).as("what was logged").isEmpty();
                } catch (RuntimeException | AssertionError e) {
                    throw new AssertionError(
                            "-Dtofu.seed="
                                    + setting.seed()
                                    + ", round "
                                    + rounds
                                    + ": "
                                    + setting
                                    + records.texts(),
                            e);
                }
                rounds++;
            }
        }
        System.out.printf(
                Locale.ROOT,
                "threads at limits: seeds %d to %d, %,d rounds in %,d s, %,d messages arrived; none"
                        + " lost or doubled, 0 threads, messages, warnings left%n",
                seed,
                seed + rounds - 1,
                rounds,
                (System.nanoTime() - start) / 1_000_000_000,
                arrivals);
    }
}
