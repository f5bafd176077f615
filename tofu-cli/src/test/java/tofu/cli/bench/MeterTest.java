package tofu.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/// What counts, and for how long.
class MeterTest {
    private static final long SECOND = 1_000_000_000;
    private static final Cell PING_PONG = new Cell(Mode.PING_PONG, 0, 1, 1);

    @Test
    void aStepIsNeverLongerThanItsUserIsPatient() {
        Meter meter = new Meter(Duration.ZERO, Duration.ofMinutes(10));
        assertThat(meter.nanosToStep(System.nanoTime())).isLessThanOrEqualTo(SECOND);
    }

    @Test
    void aRoundTripThatEndsLateCountsAndItsMessageDoesNot() {
        Meter meter = new Meter(Duration.ZERO, Duration.ofSeconds(1));
        long nowNanos = System.nanoTime();
        meter.answered(nowNanos, 1_000);
        meter.answered(nowNanos + 2 * SECOND, 2 * SECOND);

        Result result = meter.result(PING_PONG);
        assertThat(result.messages()).isEqualTo(1);
        assertThat(result.seconds()).isEqualTo(1);
        assertThat(result.times().getMaxValue()).isGreaterThanOrEqualTo(2 * SECOND);
    }

    /// As long as it takes the server to answer, it does so for the measurement, too.
    @Test
    void whatBeganInTheWarmUpCountsFromItsEnd() {
        Meter meter = new Meter(Duration.ofSeconds(1), Duration.ofSeconds(10));
        long nowNanos = System.nanoTime();
        meter.answered(nowNanos, 1_000);
        meter.answered(nowNanos + 9 * SECOND, 9 * SECOND);

        Result result = meter.result(PING_PONG);
        assertThat(result.messages()).isEqualTo(1);
        assertThat(result.seconds()).isGreaterThanOrEqualTo(8);
        assertThat(result.times().getMaxValue()).isGreaterThanOrEqualTo(9 * SECOND);
    }
}
