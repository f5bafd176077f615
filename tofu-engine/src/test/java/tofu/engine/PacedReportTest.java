package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tofu.engine.link.Resolver;
import tofu.engine.net.Net;

class PacedReportTest {
    private static final long TEN_SECONDS = 10_000_000_000L;

    private final World world = new World();
    private final List<Long> reports = new ArrayList<>();
    private final PacedReport report = new PacedReport(this::report, world);

    /// Runs when a report is written.
    private Runnable meanwhile = () -> {};

    private void report() {
        reports.add(world.now);
        Runnable once = meanwhile;
        meanwhile = () -> {};
        once.run();
    }

    /// A world whose clock goes on while somebody sleeps, two seconds at a time, and whose
    /// background is run by the test.
    private static final class World implements Environment {
        final List<Runnable> background = new ArrayList<>();
        boolean hasThreads = true;
        int waitsForNothing;
        long now = Long.MAX_VALUE - 1; // it wraps around

        @Override
        public boolean inBackground(Runnable task) {
            return hasThreads && background.add(task);
        }

        @Override
        public void park(Object blocker, long nanos) {
            if (Thread.currentThread().isInterrupted()) {
                waitsForNothing++;
                assertThat(waitsForNothing).as("waits that an interrupt has ended").isLessThan(2);
                return;
            }
            now += Math.min(nanos, 2_000_000_000L);
        }

        @Override
        public long nanoTime() {
            return now;
        }

        @Override
        public Net openNet() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Resolver resolver() {
            throw new UnsupportedOperationException();
        }

        @Override
        public long seed() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int readBytes() {
            return 64;
        }

        @Override
        public ByteBuffer newScratch() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void await(CountDownLatch latch) {
            throw new UnsupportedOperationException();
        }
    }

    private void runBackground() {
        List<Runnable> tasks = List.copyOf(world.background);
        world.background.clear();
        tasks.forEach(Runnable::run);
    }

    @Test
    void anEpisodeIsReportedOnceAndNotByWhoFindsOut() {
        report.begin();
        assertThat(reports).isEmpty();

        runBackground();

        assertThat(reports).hasSize(1);
        report.begin();
        runBackground();
        assertThat(reports).hasSize(2);
    }

    @Test
    void episodesThatFollowSoonAreOneReportTenSecondsLater() {
        meanwhile =
                () -> {
                    report.begin();
                    report.begin();
                };
        report.begin();
        assertThat(world.background).hasSize(1);

        runBackground();

        assertThat(world.background).isEmpty();
        assertThat(reports).hasSize(2);
        assertThat(reports.getLast() - reports.getFirst()).isEqualTo(TEN_SECONDS);
    }

    static List<Runnable> failures() {
        return List.of(
                () -> {
                    throw new IllegalStateException("a handler's");
                },
                () -> {
                    throw new LinkageError("of an appender that is not there");
                });
    }

    @ParameterizedTest
    @MethodSource("failures")
    void anEpisodeDuringAReportThatFailsIsReportedTenSecondsLater(Runnable failure) {
        meanwhile =
                () -> {
                    report.begin();
                    failure.run();
                };
        report.begin();

        runBackground();

        assertThat(world.background).as("no thread for each episode").isEmpty();
        assertThat(reports).hasSize(2);
        assertThat(reports.getLast() - reports.getFirst()).isEqualTo(TEN_SECONDS);
    }

    @Test
    void aHandlerThatLeavesAnInterruptStandingHurriesNobody() {
        meanwhile =
                () -> {
                    report.begin();
                    Thread.currentThread().interrupt();
                };
        report.begin();

        runBackground();

        assertThat(reports).hasSize(2);
        assertThat(reports.getLast() - reports.getFirst()).isEqualTo(TEN_SECONDS);
        assertThat(Thread.interrupted()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aHandlerThatFailsDoesNotSilenceTheNextEpisode(Runnable failure) {
        meanwhile = failure;
        report.begin();
        runBackground();

        report.begin();
        runBackground();

        assertThat(reports).hasSize(2);
    }

    @Test
    void aSystemWithoutThreadsDoesNotSilenceTheNextEpisode() {
        world.hasThreads = false;
        report.begin();
        world.hasThreads = true;

        report.begin();
        runBackground();

        assertThat(reports).hasSize(1);
    }
}
