package tofu.bench.duel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.ParameterException;

class DuelArgumentsTest {
    @Test
    void theWarmUpIsLongEnoughForTheCompilerUnlessItIsGiven() {
        assertThat(DuelArguments.of("--seconds", "3").warmUpNanos()).isEqualTo(15_000_000_000L);
        assertThat(DuelArguments.of("--seconds", "3", "--warm-up", "1").warmUpNanos())
                .isEqualTo(1_000_000_000L);
    }

    @Test
    void whatIsGivenAfterQuickCounts() {
        DuelArguments arguments = DuelArguments.of("--quick", "--rotations", "7");
        assertThat(arguments.rotations()).isEqualTo(7);
        assertThat(arguments.modes()).containsExactly(Mode.ONE_WAY, Mode.PING_PONG);
    }

    @Test
    void labelsMayBeGivenMoreThanOnce() {
        DuelArguments arguments = DuelArguments.of("--jar", "a=/x.jar", "--jar", "b=/y.jar:/z");
        assertThat(arguments.jars()).containsEntry("a", "/x.jar").containsEntry("b", "/y.jar:/z");
    }

    @Test
    void aVariantKeepsItsOwnEqualsSigns() {
        assertThat(DuelArguments.of("--variant", "v=loops=2,-Da=b").variants())
                .containsEntry("v", "loops=2,-Da=b");
    }

    @Test
    void thePageBringsAFolderOfItsName() {
        assertThat(DuelArguments.of("--page", "docs/benchmarks.md").out())
                .isEqualTo(Path.of("docs/benchmarks"));
    }

    @Test
    void aPageNeedsBothMeasurements() {
        DuelArguments arguments = DuelArguments.of("--page", "docs/benchmarks.md");
        assertThat(arguments.compares()).isTrue();
        assertThat(arguments.scales()).isTrue();
        assertThat(arguments.part()).isEmpty();
    }

    @Test
    void scaleIsMeasuredAlone() {
        DuelArguments arguments = DuelArguments.of("--scale");
        assertThat(arguments.compares()).isFalse();
        assertThat(arguments.part()).contains("scale");
        assertThat(arguments.scales()).isTrue();
    }

    @Test
    void serversAreMeasuredWithTheSizesThatAreGivenForThem() {
        assertThat(DuelArguments.of("--clients").clientSizes()).containsExactly(64, 1_024);
        assertThat(DuelArguments.of("--clients", "--sizes", "64").clientSizes())
                .containsExactly(64);
        assertThat(DuelArguments.of("--page", "p.md", "--sizes", "16").clientSizes())
                .containsExactly(64, 1_024);
    }

    @Test
    void serversAreMeasuredAlone() {
        DuelArguments arguments = DuelArguments.of("--clients");
        assertThat(arguments.compares()).isFalse();
        assertThat(arguments.scales()).isFalse();
        assertThat(arguments.serves()).isTrue();
        assertThat(arguments.systems()).isEqualTo(Clients.SYSTEMS);
        assertThat(DuelArguments.of("--page", "x.md").serves()).isTrue();
        assertThat(DuelArguments.of("--quick").serves()).isFalse();
    }

    @Test
    void tlsIsMeasuredAlone() {
        DuelArguments arguments = DuelArguments.of("--tls");
        assertThat(arguments.compares()).isFalse();
        assertThat(arguments.comparesTls()).isTrue();
        assertThat(arguments.secures()).isTrue();
        assertThat(arguments.systems()).isEqualTo(Tls.SYSTEMS);
        assertThat(DuelArguments.of("--page", "x.md").comparesTls()).isTrue();
        assertThat(DuelArguments.of("--transports", "tcp,tls").secures()).isTrue();
        assertThat(DuelArguments.of("--transports", "tcp,tls").comparesTls()).isFalse();
        assertThat(DuelArguments.of("--quick").secures()).isFalse();
    }

    @Test
    void twoBuildsTakeTurnsInShortWindows() {
        DuelArguments arguments =
                DuelArguments.of("--turns", "base=/a.jar", "new=/b.jar:/c", "--modes", "echo");
        assertThat(arguments.turns()).containsEntry("base", "/a.jar").containsKey("new");
        assertThat(arguments.measureNanos()).isEqualTo(400_000_000);
        assertThat(arguments.modes()).containsExactly(Mode.ECHO);
        assertThat(arguments.compares()).isFalse();
    }

    @Test
    void aPageFromRunsMeasuresNothing() {
        DuelArguments arguments =
                DuelArguments.of("--from", "docs/benchmarks/runs.csv", "--page", "x.md");
        assertThat(arguments.compares()).isFalse();
        assertThat(arguments.scales()).isFalse();
        assertThat(arguments.out()).isEqualTo(Path.of("docs/benchmarks"));
    }

    @Test
    void whatLooksLikeAnOptionMayBeAFlagOfTheJvm() {
        DuelArguments arguments = DuelArguments.of("--java", "-Xmx1g", "--java", "-Da=b,c");
        assertThat(arguments.javaFlags()).containsExactly("-Xmx1g", "-Da=b,c");
    }

    @Test
    void helpNamesAllOptions() {
        assertThat(DuelArguments.of("--help").asksForHelp()).isTrue();
        assertThat(DuelArguments.usage())
                .contains("--quick", "--turns", "--from", "--tofu-option", "--page");
    }

    @Test
    void theLastOneCounts() {
        assertThat(DuelArguments.of("--seconds", "1", "--seconds", "2").seconds()).isEqualTo(2);
    }

    @Test
    void nonsenseIsRefused() {
        for (List<String> words :
                List.of(
                        List.of("--speed", "1"),
                        List.of("--modes", "sideways"),
                        List.of("--rotations"),
                        List.of("--rotations", "many"),
                        List.of("--pin", "maybe"),
                        List.of("--jar", "nolabel"),
                        List.of("--variant", "=loops=2"),
                        List.of("--turns", "base=/a.jar"),
                        List.of("--turns", "base=/a.jar", "base=/b.jar"))) {
            assertThatThrownBy(() -> DuelArguments.of(words.toArray(String[]::new)))
                    .as("%s", words)
                    .isInstanceOf(ParameterException.class);
        }
    }
}
