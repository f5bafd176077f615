package tofu.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tofu.fixtures.TestAddresses;

/// What commands draw on a terminal: run on a pseudo-terminal of `script`, which util-linux has.
class DrawingTest {
    private static final String ERASE = "\r\u001b[K";

    /// Skips a test where that is not.
    @BeforeAll
    static void assumeScript() throws Exception {
        try (Run run =
                Run.start(
                        List.of("bash", "-c", "script -qec 'exit 3' /dev/null </dev/null"),
                        Map.of())) {
            Assumptions.assumeTrue(run.exitCode() == 3, "no script of util-linux on this machine");
        }
    }

    /// Runs a command on a terminal.
    private static Run onTerminal(Map<String, String> environment, String... arguments)
            throws Exception {
        String command = Run.shell(Run.command(arguments));
        return Run.start(List.of("script", "-qec", command, "/dev/null"), environment);
    }

    @Test
    @Tag("long")
    void aPingHasALiveLineBelowItsAnswers() throws Exception {
        try (Run echo = Run.start("echo", "uds|" + TestAddresses.temporaryUdsPath());
                Run ping =
                        onTerminal(
                                Map.of("TERM", "xterm"),
                                "ping",
                                "-c",
                                "2",
                                "-i",
                                "1ms",
                                echo.address())) {
            assertThat(ping.exitCode()).as(ping.toString()).isZero();
            assertThat(ping.out())
                    .contains(
                            "seq=1 ",
                            "\n1 answered, min/avg/p99/max = ",
                            ERASE + "56 bytes: seq=2 ")
                    .contains(ERASE + "--- uds|", "2 sent, 2 answered, 0.0 % lost");
        }
    }

    @Test
    @Tag("long")
    void aBenchmarkShowsItsProgress() throws Exception {
        try (Run echo = Run.start("echo", "-q", "uds|" + TestAddresses.temporaryUdsPath());
                Run bench =
                        onTerminal(
                                Map.of("TERM", "xterm"),
                                "bench",
                                "-m",
                                "ping-pong",
                                "-s",
                                "64",
                                "-d",
                                "300ms",
                                "--warm-up",
                                "10ms",
                                echo.address())) {
            assertThat(bench.exitCode()).as(bench.toString()).isZero();
            assertThat(bench.out())
                    .containsPattern("\\[1/1\\] ping-pong 64 B × 1  #+-*  [\\d,]+ msg/s")
                    .contains(ERASE + "mode ");
        }
    }

    @Test
    @Tag("long")
    void topDrawsItsPageAnew() throws Exception {
        String page = "\u001b[H\u001b[J";
        try (Run program = TopTest.stalling(1)) {
            program.awaitOut(text -> text.contains("ready "));
            for (Map<String, String> environment :
                    List.of(Map.of("TERM", "xterm"), Map.of("TERM", "dumb"))) {
                try (Run top = onTerminal(environment, "top", "-i", "50ms", program.pid())) {
                    String out = top.awaitOut(text -> text.split("ENGINE ").length > 3);
                    boolean wanted = "xterm".equals(environment.get("TERM"));
                    assertThat(out.split(Pattern.quote(page)).length > 2).isEqualTo(wanted);
                    assertThat(out.contains("\u001b")).isEqualTo(wanted);
                }
            }
        }
    }

    @Test
    @Tag("long")
    void coloursAreForTerminalsThatWantThem() throws Exception {
        String colour = "\u001b[36mc>s\u001b[0m";
        for (Map<String, String> environment :
                List.of(
                        Map.of("TERM", "xterm"),
                        Map.of("TERM", "xterm", "NO_COLOR", "1"),
                        Map.of("TERM", "dumb"))) {
            boolean wanted = environment.equals(Map.of("TERM", "xterm"));
            try (Run echo = Run.start("echo", "-q", "uds|" + TestAddresses.temporaryUdsPath());
                    Run proxy =
                            onTerminal(
                                    environment,
                                    "proxy",
                                    "--once",
                                    "uds|" + TestAddresses.temporaryUdsPath(),
                                    echo.address())) {
                proxy.awaitOut(text -> text.contains("listening on "));
                String out = proxy.awaitOut(text -> text.contains("\n"));
                String address = out.replaceAll("(?s).*listening on (\\S+).*", "$1");
                try (Run ping = Run.toEnd("ping", "-c", "1", address)) {
                    assertThat(ping.exitCode()).as(ping.toString()).isZero();
                }
                assertThat(proxy.exitCode()).isZero();
                assertThat(proxy.out().contains(colour)).as("" + environment).isEqualTo(wanted);
                assertThat(proxy.out().contains("\u001b")).isEqualTo(wanted);
                assertThat(proxy.out()).contains("HELLO_REQUEST");
            }
        }
    }

    @Test
    void whatAPeerSendsDrawsNothing() throws Exception {
        try (Run echo = Run.start("echo", "-q", "uds|" + TestAddresses.temporaryUdsPath());
                Run cat =
                        onTerminal(
                                Map.of("TERM", "xterm"),
                                "cat",
                                "-t",
                                "request",
                                "-d",
                                "\u001b]0;title\u0007",
                                echo.address())) {
            assertThat(cat.exitCode()).as(cat.toString()).isZero();
            assertThat(cat.out().strip()).isEqualTo("\\u{1b}]0;title\\u{7}");
        }
    }
}
