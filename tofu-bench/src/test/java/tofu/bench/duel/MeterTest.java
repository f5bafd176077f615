package tofu.bench.duel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeterTest {
    private final List<Outcome> outcomes = new ArrayList<>();

    @TempDir private Path folder;

    private Meter meter(Mode mode, int channels, boolean countsSent) throws IOException {
        Task task = new Task("tcp", mode, 64, channels, 0, 0, 0, folder);
        return new Meter(task, countsSent, LiveCount.of(task, Side.DRIVE), outcomes::add);
    }

    @Test
    void aMessageOutOfOrderIsRefused() throws IOException {
        Meter meter = meter(Mode.ONE_WAY, 1, false);
        meter.received(0, 64);
        assertThatThrownBy(() -> meter.received(2, 64)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aMessageOfTheWrongLengthIsRefused() throws IOException {
        Meter meter = meter(Mode.ONE_WAY, 1, false);
        assertThatThrownBy(() -> meter.received(0, 63)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void eachChannelHasASequenceOfItsOwn() throws IOException {
        Meter meter = meter(Mode.ONE_WAY, 2, false);
        meter.received(Payload.sequence(0, 0), 64);
        meter.received(Payload.sequence(1, 0), 64);
        meter.received(Payload.sequence(0, 1), 64);
        assertThatThrownBy(() -> meter.received(Payload.sequence(1, 2), 64))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void allChannelsCountTogetherAndAreSeenFromOutside() throws IOException {
        Meter meter = meter(Mode.ONE_WAY, 3, true);
        for (int round = 0; round < 10_000; round++) {
            for (int channel = 0; channel < 3; channel++) {
                assertThat(meter.next(channel)).isEqualTo(Payload.sequence(channel, round));
            }
        }
        Task task = new Task("tcp", Mode.ONE_WAY, 64, 3, 0, 0, 0, folder);
        assertThat(LiveCount.of(task, Side.DRIVE).get()).isBetween(28_000L, 30_000L);
        assertThat(outcomes.getFirst().value("count")).isPositive();
    }

    @Test
    void threadsThatSendCountTogether() throws Exception {
        Meter meter = meter(Mode.ONE_WAY_FROM_2, 1, true);
        Thread other =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    for (int i = 0; i < 10_000; i++) {
                                        meter.next(1);
                                    }
                                });
        other.join();
        for (int i = 0; i < 10_000; i++) {
            meter.next(0);
        }
        Task task = new Task("tcp", Mode.ONE_WAY_FROM_2, 64, 1, 0, 0, 0, folder);
        assertThat(LiveCount.of(task, Side.DRIVE).get()).isBetween(19_000L, 20_000L);
    }

    @Test
    void theWindowIsReportedOnce() throws IOException {
        Meter meter = meter(Mode.ONE_WAY, 1, true);
        for (long i = 0; i < 100_000; i++) {
            assertThat(meter.next()).isEqualTo(i);
        }
        assertThat(outcomes).hasSize(1);
        assertThat(outcomes.getFirst().value("count")).isPositive();
        assertThat(outcomes.getFirst().value("p50")).isNaN();
    }

    @Test
    void roundTripsAreTimed() throws IOException {
        Meter meter = meter(Mode.PING_PONG, 1, false);
        for (int i = 0; i < 100_000; i++) {
            meter.received(meter.next(), 64);
        }
        assertThat(outcomes).hasSize(1);
        assertThat(outcomes.getFirst().value("p50")).isPositive();
    }

    @Test
    void anOutcomeTravelsAsALine() throws IOException {
        theWindowIsReportedOnce();
        Outcome outcome = outcomes.getFirst();
        assertThat(Outcome.of(outcome.toLine())).isEqualTo(outcome);
    }
}
