package tofu.bench.duel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ScaleTest {
    private static Table table(int channels, int idle, double figure) {
        Row row = new Row("tofu", Spread.of(List.of(figure)), 0, 0, 0, 0, 0, 0);
        return new Table(new Cell(Mode.ONE_WAY, "tcp", 64, channels, idle), List.of(row));
    }

    @Test
    void ratiosAreToOneChannel() {
        List<Scale.Line> lines =
                Scale.of(
                        "tofu",
                        List.of(
                                table(1, 0, 100),
                                table(1, 5_000, 79),
                                table(10, 0, 50),
                                table(1_000, 0, 71)));
        assertThat(lines).extracting(Scale.Line::ratio).containsExactly(1.0, 0.79, 0.5, 0.71);
        assertThat(lines)
                .extracting(Scale.Line::verdict)
                .containsExactly("", "not held (at least 0.8)", "", "held (at least 0.7)");
        assertThat(lines.get(1).channels()).isEqualTo("1 busy beside 5,000 idle");
    }

    @Test
    void withoutOneChannelThereIsNoVerdict() {
        List<Scale.Line> lines = Scale.of("tofu", List.of(table(1_000, 0, 70)));
        assertThat(lines.getFirst().ratio()).isNaN();
        assertThat(lines.getFirst().verdict()).isEmpty();
    }
}
