package tofu.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What all commands have in common: help, one-line errors, exit codes, completion.
class MainTest {
    @Test
    void helpNamesAllCommandsAndExitCodes() throws Exception {
        try (Run run = Run.toEnd("--help")) {
            assertThat(run.exitCode()).isZero();
            assertThat(run.out())
                    .contains("  echo ", "  cat ", "  ping ", "  bench ")
                    .contains("  proxy ", "  replay ", "  top ")
                    .contains("Exit codes:", "Examples:", "source <(tofuctl completion)");
            assertThat(run.err()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"echo", "cat", "ping", "bench", "proxy", "replay", "top"})
    void eachCommandHasHelpWithExamples(String command) throws Exception {
        try (Run run = Run.toEnd(command, "--help")) {
            assertThat(run.exitCode()).isZero();
            assertThat(run.out())
                    .startsWith("Usage: tofuctl " + command)
                    .contains("Examples:\n  ", "tofuctl " + command);
        }
    }

    @Test
    void theVersionIsThatOfTheBuild() throws Exception {
        try (Run run = Run.toEnd("ping", "--version")) {
            assertThat(run.out()).matches("tofuctl \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?\n");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "2; ''; a command is needed",
                "2; nonsense; nonsense",
                "2; ping --nonsense tcp|127.0.0.1|1; '--nonsense'",
                "2; ping xyz|1; must be tcp|host|port, tls|host|port or uds|path, is 'xyz|1'",
                "2; ping tcp|127.0.0.1|70000; port 70000 is not 1 to 65535",
                "2; ping --tls-trust x.pem tcp|127.0.0.1|1; are for tls addresses",
                "2; ping --tls-cert x.pem tls|127.0.0.1|1; --tls-cert and --tls-key go together",
                "2; echo tls|127.0.0.1|0; takes --tls-cert and --tls-key",
                "2; cat --listen tls|127.0.0.1|0; takes --tls-cert and --tls-key",
                "5; bench --tls-trust /nowhere.pem tls|127.0.0.1|1; /nowhere.pem",
                "2; ping -i 5 tcp|127.0.0.1|1; '5' is no duration",
                "2; ping -i 3000000h tcp|127.0.0.1|1; '3000000h' is more than a year",
                "2; ping -s 65536 tcp|127.0.0.1|1; --size is 0 to 65535",
                "2; echo uds|relative; the path is not absolute",
                "2; cat -H nothing tcp|127.0.0.1|1; --header is NAME:VALUE, is 'nothing'",
                "2; cat -t hello tcp|127.0.0.1|1; SIGNAL",
                "2; bench -s 1x tcp|127.0.0.1|1; '1x' is no number of bytes",
                "2; bench -m fast tcp|127.0.0.1|1; 'one-way'",
                "2; bench -w 0 tcp|127.0.0.1|1; --window is 1 to 1000, not 0",
                "2; proxy --fault explode tcp||0 tcp||1; begins with delay=",
                "2; proxy tls|127.0.0.1|0 tcp||1; do not speak TLS",
                "2; proxy tcp||0 tls|127.0.0.1|1; do not speak TLS",
                "2; replay /no/such/file tls|127.0.0.1|1; do not speak TLS",
                "2; replay --side server /no/such/file tls||1; do not speak TLS",
                "2; top here; is no JVM",
                "2; top 127.0.0.1:65536; is no JVM",
                "2; top -n 0 1; --channels at least 1",
                "3; top 127.0.0.1:1; cannot connect to 127.0.0.1:1",
                "3; echo tcp|192.0.2.1|0; cannot listen",
                "3; proxy uds|/no/such/folder/s tcp||1; cannot listen on uds|/no/such/folder/s",
                "5; replay /no/such/file tcp||1; there is no file /no/such/file",
                "5; bench --csv /no/such/folder/f tcp||1; there is no folder /no/such/folder"
            })
    void anErrorIsOneLineThatSaysWhatWasWrong(int exitCode, String arguments, String says)
            throws Exception {
        String[] words = arguments.isEmpty() ? new String[0] : arguments.split(" ");
        try (Run run = Run.toEnd(words)) {
            assertThat(run.exitCode()).as(run.toString()).isEqualTo(exitCode);
            assertThat(run.out()).isEmpty();
            assertThat(run.err()).startsWith("tofuctl").contains(says);
            assertThat(run.err().lines()).hasSize(1);
        }
    }

    @Test
    void theCompletionCompletes() throws Exception {
        String script =
                "eval \"$("
                        + Run.shell(Run.command("completion"))
                        + ")\"\n"
                        + "COMP_WORDS=(tofuctl pi); COMP_CWORD=1; COMP_LINE='tofuctl pi'\n"
                        + "COMP_POINT=10; _complete_tofuctl; echo \"${COMPREPLY[@]}\"\n"
                        + "COMP_WORDS=(tofuctl bench --w); COMP_CWORD=2\n"
                        + "COMP_LINE='tofuctl bench --w'; COMP_POINT=17\n"
                        + "_complete_tofuctl; echo \"${COMPREPLY[@]}\"";
        try (Run run = Run.start(List.of("bash", "-c", script), Map.of())) {
            assertThat(run.exitCode()).as(run.toString()).isZero();
            assertThat(run.out().lines().toList()).containsExactly("ping", "--window --warm-up");
        }
    }
}
