package tofu.bench.duel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class VerdictTest {
    private static Table table(Mode mode, double tofu, double rival) {
        return new Table(
                new Cell(mode, "tcp", 64, 1, 0), List.of(row("tofu", tofu), row("rival", rival)));
    }

    private static Row row(String system, double figure) {
        return new Row(system, Spread.of(List.of(figure)), 0, 0, 0, 0, 0, 0, 0);
    }

    @Test
    void moreMessagesAreBetter() {
        assertThat(Verdict.of("tofu", List.of(table(Mode.ONE_WAY, 20, 10))))
                .isEqualTo("- **rival**: tofu is better in one-way, tcp, 64 B (2.00).");
    }

    @Test
    void shorterRoundTripsAreBetter() {
        assertThat(Verdict.of("tofu", List.of(table(Mode.PING_PONG, 20, 10))))
                .isEqualTo("- **rival**: rival is better in ping-pong, tcp, 64 B (0.50).");
    }

    @Test
    void aSmallDifferenceIsNone() {
        assertThat(Verdict.of("tofu", List.of(table(Mode.ECHO, 100, 98))))
                .isEqualTo("- **rival**: Level in echo, tcp, 64 B (1.02).");
    }

    @Test
    void whatFailedIsNotCompared() {
        assertThat(Verdict.of("tofu", List.of(table(Mode.ECHO, Double.NaN, 98)))).isEmpty();
    }
}
