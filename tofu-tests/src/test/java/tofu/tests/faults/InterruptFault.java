package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import tofu.tests.rigs.Descriptors;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.Warnings;

/// Threads that are interrupted, and groups and engines that are closed, at any moment: every call
/// returns, and nothing is left behind. Alone in the process, as it counts what is open there.
///
/// A failure names its seed; `-Dtofu.seed=SEED` begins with that.
@Isolated
class InterruptFault {
    private static final int WARM_UP = 10;

    /// All that may be out when an engine closes under threads which hold messages: a message each,
    /// some on their way into a queue.
    private static final String HELD = "(?s).*\\{((LEASE|QUEUE)=\\d(, )?)+\\}\\s*";

    @Test
    void whateverIsInterruptedOrClosedEveryCallReturnsAndNothingIsLeft() {
        run(200);
    }

    @Test
    @Tag("long")
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void theSameTenThousandTimes() {
        run(10_000);
    }

    private static void run(int rounds) {
        long seed = Long.getLong("tofu.seed", System.nanoTime());
        Turmoil.Figures figures = new Turmoil.Figures();
        Warnings warnings = Warnings.collect();
        try {
            play(seed, WARM_UP, warnings, figures);
            awaitNoThreads();
            int descriptors = Descriptors.count();
            play(seed + WARM_UP, rounds, warnings, figures);
            awaitNoThreads();
            Eventually.holds(
                    "no more than " + descriptors + " descriptors",
                    () -> Descriptors.count() <= descriptors);
        } finally {
            Warnings.stop();
        }
        System.out.printf(
                Locale.ROOT,
                "interrupts and closes at random: seed %d, %,d rounds, %,d interrupts (%,d felt),"
                        + " %,d closes, the longest %,d ms, %,d messages received;"
                        + " 0 threads, 0 descriptors, 0 messages left%n",
                seed,
                rounds,
                figures.interrupts.get(),
                figures.interrupted.get(),
                figures.closes.get(),
                figures.longestCloseNanos.get() / 1_000_000,
                figures.messages.get());
    }

    private static void play(long seed, int rounds, Warnings warnings, Turmoil.Figures figures) {
        for (int i = 0; i < rounds; i++) {
            Turmoil turmoil = new Turmoil(seed + i, figures);
            try {
                turmoil.run();
                if (turmoil.enginesCloseEarly()) {
                    warnings.texts().removeIf(text -> text.matches(HELD));
                }
                assertThat(warnings.texts()).as("warnings").isEmpty();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + (seed + i), e);
            }
        }
    }

    private static void awaitNoThreads() {
        Eventually.holds(
                "the engines' threads end",
                () ->
                        Thread.getAllStackTraces().keySet().stream()
                                .noneMatch(thread -> thread.getName().startsWith("tofu-")));
    }
}
