package tofu.bench.duel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MeterTest {
    private final List<Outcome> outcomes = new ArrayList<>();

    private Meter meter(Mode mode, int channels, boolean countsSent) {
        Task task = new Task("tcp", mode, 64, channels, 0, 0, 0, Path.of(""));
        return new Meter(task, countsSent, outcomes::add);
    }

    @Test
    void aMessageOutOfOrderIsRefused() {
        Meter meter = meter(Mode.ONE_WAY, 1, false);
        meter.received(0, 64);
        assertThatThrownBy(() -> meter.received(2, 64)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aMessageOfTheWrongLengthIsRefused() {
        Meter meter = meter(Mode.ONE_WAY, 1, false);
        assertThatThrownBy(() -> meter.received(0, 63)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void eachChannelHasASequenceOfItsOwn() {
        Meter meter = meter(Mode.ONE_WAY, 2, false);
        meter.received(7, 0, 64);
        meter.received(9, 0, 64);
        meter.received(7, 1, 64);
        assertThatThrownBy(() -> meter.received(9, 2, 64))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theWindowIsReportedOnce() {
        Meter meter = meter(Mode.ONE_WAY, 1, true);
        for (long i = 0; i < 100_000; i++) {
            assertThat(meter.next()).isEqualTo(i);
        }
        assertThat(outcomes).hasSize(1);
        assertThat(outcomes.getFirst().value("count")).isPositive();
        assertThat(outcomes.getFirst().value("p50")).isNaN();
    }

    @Test
    void roundTripsAreTimed() {
        Meter meter = meter(Mode.PING_PONG, 1, false);
        for (int i = 0; i < 100_000; i++) {
            meter.received(meter.next(), 64);
        }
        assertThat(outcomes).hasSize(1);
        assertThat(outcomes.getFirst().value("p50")).isPositive();
    }

    @Test
    void anOutcomeTravelsAsALine() {
        theWindowIsReportedOnce();
        Outcome outcome = outcomes.getFirst();
        assertThat(Outcome.of(outcome.toLine())).isEqualTo(outcome);
    }
}
