package tofu.bench.duel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CsvTest {
    private static final Task TASK =
            new Task("tcp", Mode.ONE_WAY, 64, 1, 0, 1_000, 2_000, Path.of(""));

    @Test
    void aRunComesBackAsItWas() {
        Run run =
                new Run(
                        "tofu",
                        TASK,
                        2,
                        new Outcome(Map.of("count", 10L, "nanos", 5L)),
                        new Outcome(Map.of("count", 12L, "nanos", 6L, "p50", 7L)),
                        "");
        assertThat(Csv.parse(Csv.of(List.of(run)))).containsExactly(run);
    }

    @Test
    void aFailureComesBackInOneLine() {
        Run run = new Run("tofu", TASK, 1, null, null, "it said \"no\", twice\nand left");
        String lines = Csv.of(List.of(run));
        assertThat(lines.lines()).hasSize(2);
        assertThat(Csv.parse(lines).getFirst().failure())
                .isEqualTo("it said \"no\", twice and left");
        assertThat(Csv.parse(lines).getFirst().receiver()).isNull();
    }

    @Test
    void factsComeBackAsTheyWere() {
        Map<String, String> facts = Map.of("a, b", "it \"is\" so", "plain", "", "lines", "1\n2");
        assertThat(Csv.parseFacts(Csv.of(facts))).isEqualTo(facts);
        assertThat(Csv.of(Map.of("a,b", "c\"d"))).isEqualTo("\"a,b\",\"c\"\"d\"\n");
    }

    @Test
    void whereNothingIsThereAreNoRuns() {
        assertThat(Csv.parse("")).isEmpty();
        assertThat(Csv.parseFacts("")).isEmpty();
    }
}
