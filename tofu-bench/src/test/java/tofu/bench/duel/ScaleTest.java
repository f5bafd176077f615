package tofu.bench.duel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ScaleTest {
    private static Table table(int channels, int idle, double own, double rival) {
        return new Table(Scale.cell(channels, idle), List.of(row("tofu", own), row("r", rival)));
    }

    private static Row row(String system, double figure) {
        return new Row(system, Spread.of(List.of(figure)), 0, 0, 0, 0, 0, 0, 0);
    }

    @Test
    void ratiosAreToOneChannelOfTheSameSystem() {
        List<Scale.Line> lines =
                Scale.of(
                        "tofu",
                        List.of(
                                table(1, 0, 100, 10),
                                table(1, 5_000, 79, 10),
                                table(10, 0, 50, 5),
                                table(1_000, 0, 60, 3)));
        assertThat(lines)
                .extracting(Scale.Line::ratio)
                .containsExactly(1.0, 1.0, 0.79, 1.0, 0.5, 0.5, 0.6, 0.3);
        assertThat(lines)
                .extracting(Scale.Line::better)
                .containsExactly(1.0, 10.0, 1.0, 7.9, 1.0, 10.0, 1.0, 20.0);
        assertThat(lines)
                .extracting(Scale.Line::verdict)
                .containsExactly(
                        "",
                        "",
                        "not held (at least 0.8)",
                        "",
                        "not held (at least 1.0)",
                        "",
                        "held (at least 0.6)",
                        "");
        assertThat(lines.get(2).channels()).isEqualTo("1 busy beside 5,000 idle");
    }

    @Test
    void withoutOneChannelThereIsNoVerdict() {
        List<Scale.Line> lines = Scale.of("tofu", List.of(table(1_000, 0, 70, 70)));
        assertThat(lines.getFirst().ratio()).isNaN();
        assertThat(lines.getFirst().verdict()).isEmpty();
    }
}
