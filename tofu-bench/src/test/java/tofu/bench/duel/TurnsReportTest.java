package tofu.bench.duel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class TurnsReportTest {
    private static final Cell CELL = new Cell(Mode.ECHO, "tcp", 64, 1, 0);

    private static Turns.Window window(String build, int rotation, double rate) {
        return new Turns.Window(build, rotation, rate, 1_000 / rate, 3_000 / rate);
    }

    /// The machine was half as fast in the second rotation, which does not matter.
    private final TurnsReport report =
            new TurnsReport(
                    CELL,
                    "base",
                    "new",
                    List.of(
                            window("base", 1, 100),
                            window("new", 1, 120),
                            window("new", 2, 60),
                            window("base", 2, 50),
                            window("base", 3, 100),
                            window("new", 3, 130)));

    @Test
    void windowsOfOneRotationAreCompared() {
        TurnsReport.Line line = report.line(Turns.Window::rate);
        assertThat(line.ratio()).isEqualTo(1.2);
        assertThat(line.ratios().median()).isEqualTo(1.2);
        assertThat(line.ratios().upper()).isCloseTo(1.25, within(1e-9));
        assertThat(line.base()).isEqualTo(new Quartiles(75, 100, 100));
    }

    @Test
    void processorTimeIsThatOfBothSides() {
        assertThat(report.line(Turns.Window::cpu).base().median()).isEqualTo(40);
        assertThat(report.line(Turns.Window::senderCpu).base().median()).isEqualTo(10);
    }

    @Test
    void theTextSaysWhetherTheTargetIsHeld() {
        assertThat(report.text())
                .contains("messages/s", "1.200", "cpu ns, both", "rate at least 1.2: held");
    }

    @Test
    void quartilesLieBetweenNeighbours() {
        assertThat(Quartiles.of(4, 1, 3, 2)).isEqualTo(new Quartiles(1.75, 2.5, 3.25));
        assertThat(Quartiles.of(7)).isEqualTo(new Quartiles(7, 7, 7));
        assertThat(Quartiles.of().median()).isNaN();
    }
}
