package tofu.bench.duel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {
    @TempDir private Path folder;

    private static Run run(String failure) {
        Task task =
                new Task("tcp", Mode.ONE_WAY, 64, 1, 0, 1_000_000_000, 1_500_000_000, Path.of(""));
        Outcome outcome = new Outcome(Map.of("count", 10L, "nanos", 5L));
        return failure.isEmpty()
                ? new Run("tofu", task, 2, outcome, outcome, "")
                : new Run("tofu", task, 2, null, null, failure);
    }

    @Test
    void whatWasWrittenIsRead() throws Exception {
        Results results = new Results();
        results.runs().add(run(""));
        results.scale().add(run(""));
        results.tls().add(run(""));
        results.facts().put("command", "a, \"b\"");
        results.write(folder);
        assertThat(Results.read(folder)).isEqualTo(results);
    }

    @Test
    void anEmptyFolderHasNoResults() throws Exception {
        assertThat(Results.read(folder)).isEqualTo(new Results());
    }

    @Test
    void failuresAreCountedAndDoNotCount() {
        Results results = new Results();
        results.runs().add(run("no line"));
        results.runs().add(run("no line"));
        results.runs().add(run(""));
        assertThat(results.failures())
                .isEqualTo("- **tofu**, one-way, tcp, 64 B: 2 failed (no line)");
        assertThat(Table.of(results.runs()).getFirst().rows().getFirst().figure().count())
                .isEqualTo(1);
    }

    @Test
    void thePageHasAllItsParts() throws Exception {
        Results results = new Results();
        results.runs().add(run(""));
        results.scale().add(run(""));
        results.facts().put("Java", "25");
        Path page = folder.resolve("page.md");
        Page.write(page, folder, results);
        assertThat(Files.readString(page))
                .contains("| Java | 25 |", "| 1 busy | ", "None of the 2 runs failed.")
                .contains("one-way, tcp, 64 B: at least 2.3 × jeromq |  | not measured |")
                .doesNotContain("{{");
    }

    /// Whoever changes the page changes what it is made of, or the next run takes it away again.
    @Test
    void thePageInTheDocsIsWhatItsRunsMake() throws Exception {
        Path docs = Path.of("..", "docs");
        Path plots = Files.createDirectory(folder.resolve("benchmarks"));
        Path page = folder.resolve("benchmarks.md");
        Page.write(page, plots, Results.read(docs.resolve("benchmarks")));

        assertThat(page).hasSameTextualContentAs(docs.resolve("benchmarks.md"));
        try (DirectoryStream<Path> made = Files.newDirectoryStream(plots, "*.svg")) {
            for (Path plot : made) {
                assertThat(plot)
                        .hasSameTextualContentAs(
                                docs.resolve("benchmarks").resolve(plot.getFileName()));
            }
        }
    }

    @Test
    void thePageHasAPartAboutTls() throws Exception {
        Results results = new Results();
        Path page = folder.resolve("page.md");
        Page.write(page, folder, results);
        String text = Files.readString(page);
        assertThat(text.substring(text.indexOf("\n## TLS"), text.indexOf("\n## Failed runs")))
                .contains("Not measured.");
        results.tls().add(run(""));
        Page.write(page, folder, results);
        assertThat(Files.readString(page))
                .contains(
                        "The runs are in [tls.csv](benchmarks/tls.csv).",
                        "| tofu | 2,000,000,000 |")
                .contains("None of the 1 runs failed.");
    }

    @Test
    void theWindowsAreThoseOfTheRuns() {
        Results results = new Results();
        results.runs().add(run(""));
        assertThat(results.windowFacts())
                .containsExactly(entry("measured", "2 rotations; 1.5 s, after 1.0 s of warm-up"));
        results.tls().add(run(""));
        assertThat(results.windowFacts()).containsOnlyKeys("measured", "measured, TLS");
    }
}
