package tofu.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/// The arguments of what measures only tofu: [IdleChannels] and [Churn].
@Timeout(60)
class ArgumentsTest {
    /// What a program has done.
    private record Run(int exitCode, String out, String err) {}

    private static final Function<PrintStream, CommandLine> IDLE_CHANNELS =
            out -> new IdleChannels(out).commandLine();
    private static final Function<PrintStream, CommandLine> CHURN =
            out -> new Churn(out).commandLine();
    private static final List<Function<PrintStream, CommandLine>> PROGRAMS =
            List.of(IDLE_CHANNELS, CHURN);

    private static Run run(Function<PrintStream, CommandLine> program, String... args) {
        ByteArrayOutputStream figures = new ByteArrayOutputStream();
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode =
                program.apply(new PrintStream(figures, true, StandardCharsets.UTF_8))
                        .setOut(new PrintWriter(out))
                        .setErr(new PrintWriter(err))
                        .execute(args);
        return new Run(exitCode, out + figures.toString(StandardCharsets.UTF_8), "" + err);
    }

    @Test
    void helpNamesTheArgumentsAndMeasuresNothing() {
        assertThat(run(IDLE_CHANNELS, "--help").out())
                .contains("IdleChannels [--help] TRANSPORT CHANNELS")
                .doesNotContain("ratio");
        assertThat(run(CHURN, "--help").out())
                .contains("Churn [--help] TRANSPORT CYCLES [CONCURRENT]")
                .contains("64, if not said")
                .doesNotContain("closed");
        for (Function<PrintStream, CommandLine> program : PROGRAMS) {
            assertThat(run(program, "--help").exitCode()).isZero();
        }
    }

    @Test
    void nonsenseIsRefusedWithTheReasonAndTheUsage() {
        for (Function<PrintStream, CommandLine> program : PROGRAMS) {
            for (List<String> words :
                    List.of(
                            List.<String>of(),
                            List.of("tcp"),
                            List.of("udp", "10"),
                            List.of("tcp", "many"),
                            List.of("tcp", "0"),
                            List.of("tcp", "-1"),
                            List.of("tcp", "10", "10", "10"),
                            List.of("tcp", "10", "--speed"))) {
                Run run = run(program, words.toArray(String[]::new));
                assertThat(run.exitCode()).as("%s", words).isEqualTo(2);
                assertThat(run.err()).as("%s", words).contains("Usage: ");
                assertThat(run.out()).as("%s", words).isEmpty();
            }
            assertThat(run(program, "udp", "10").err()).contains("TRANSPORT", "'udp'", "TCP");
            assertThat(run(program, "tcp", "0").err()).contains("'0' is no number from 1 to");
            assertThat(run(program, "tcp").err()).contains("Missing required parameter");
        }
        assertThat(run(CHURN, "tcp", "10", "none").err()).contains("CONCURRENT");
    }

    @Test
    void whatIsWellFormedIsMeasured() {
        for (String transport : List.of("tcp", "UDS")) {
            Run run = run(CHURN, transport, "20", "4");
            assertThat(run.exitCode()).as("%s", run).isZero();
            assertThat(run.out()).as(transport).contains("20 cycles, ", "closed: ");
            assertThat(run.err()).isEmpty();
        }
    }
}
