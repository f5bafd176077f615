package tofu.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tofu.fixtures.TestAddresses;

/// `echo` and `ping`, which talk to each other.
class EchoPingTest {
    /// A client that has only connected and closed.
    private static final String RECORDING =
            """
            {"time":0,"connection":1,"event":"end","from":"client","how":"closed","bytes":""}
            """;

    @Test
    @Tag("long")
    void eachPingIsAnswered() throws Exception {
        try (Run echo =
                        Run.start(
                                "echo",
                                "tcp|127.0.0.1|0",
                                "uds|" + TestAddresses.temporaryUdsPath());
                Run ping = Run.toEnd("ping", "-c", "3", "-i", "1ms", "-s", "1k", echo.address())) {
            assertThat(ping.exitCode()).as(ping.toString()).isZero();
            List<String> lines = ping.out().lines().toList();
            assertThat(lines).hasSize(7);
            assertThat(lines.getFirst()).endsWith(": 1024 bytes of body");
            assertThat(lines.subList(1, 4))
                    .allMatch(line -> line.matches("1024 bytes: seq=\\d time=[\\d.]+ (µs|ms)"));
            assertThat(lines.get(5)).isEqualTo("3 sent, 3 answered, 0.0 % lost");
            assertThat(lines.get(6)).startsWith("3 answered, min/avg/p99/max = ");

            echo.signal("INT");
            assertThat(echo.exitCode()).isEqualTo(130);
            assertThat(echo.err()).contains("1 connections, 3 messages, 3,072 bytes");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "INT, 130, echo",
        "TERM, 143, echo",
        "INT, 130, cat --listen",
        "INT, 130, replay --side server RECORDING",
    })
    void aSignalLeavesNoSocketFile(
            String signal, int exitCode, String command, @TempDir Path folder) throws Exception {
        Path path = Path.of(TestAddresses.temporaryUdsPath());
        Path recording = Files.writeString(folder.resolve("r"), RECORDING);
        String words = command.replace("RECORDING", recording.toString());
        try (Run run = Run.start((words + " uds|" + path).split(" "))) {
            assertThat(run.address()).isEqualTo("uds|" + path);
            assertThat(Files.exists(path)).isTrue();

            run.signal(signal);

            assertThat(run.exitCode()).as(run.toString()).isEqualTo(exitCode);
            assertThat(Files.exists(path)).isFalse();
        }
    }

    @Test
    @Tag("long")
    void nobodyThereIsSaidInOneLine() throws Exception {
        String path = TestAddresses.temporaryUdsPath();
        int port = TestAddresses.refusingTcpPort();
        try (Run uds = Run.start("ping", "uds|" + path);
                Run tcp = Run.start("ping", "tcp|127.0.0.1|" + port)) {
            assertThat(uds.exitCode()).isEqualTo(3);
            assertThat(uds.err())
                    .isEqualTo(
                            "tofuctl ping: cannot connect to uds|"
                                    + path
                                    + ": UDS_PATH_NOT_FOUND, there is no such file\n");
            assertThat(tcp.exitCode()).isEqualTo(3);
            assertThat(tcp.err())
                    .isEqualTo(
                            "tofuctl ping: cannot connect to tcp|127.0.0.1|"
                                    + port
                                    + ": CONNECT_FAILED, nobody listens there\n");
        }
    }

    @Test
    @Tag("long")
    void anAddressInUseIsSaid() throws Exception {
        try (Run first = Run.start("echo", "uds|" + TestAddresses.temporaryUdsPath());
                Run second = Run.toEnd("echo", "-q", first.address())) {
            assertThat(second.exitCode()).isEqualTo(3);
            assertThat(second.err())
                    .isEqualTo(
                            "tofuctl echo: cannot listen: ADDRESS_IN_USE, somebody listens there"
                                    + " already\n");
        }
    }

    @Test
    @Tag("long")
    void noAnswerIsExitCodeOne() throws Exception {
        try (Run mute = Run.start("cat", "--listen", "uds|" + TestAddresses.temporaryUdsPath());
                Run ping =
                        Run.toEnd("ping", "-c", "2", "-i", "1ms", "-W", "50ms", mute.address())) {
            assertThat(ping.exitCode()).as(ping.toString()).isEqualTo(1);
            assertThat(ping.out())
                    .contains("seq=1 not answered: TIMEOUT", "2 sent, 0 answered, 100.0 % lost");
        }
    }

    @Test
    @Tag("long")
    void ctrlCPrintsTheSummary() throws Exception {
        try (Run echo = Run.start("echo", "tcp|127.0.0.1|0");
                Run ping = Run.start("ping", "-i", "1ms", echo.address())) {
            ping.awaitOut(text -> text.contains("seq=3 "));

            ping.signal("INT");

            assertThat(ping.exitCode()).isEqualTo(130);
            assertThat(ping.out()).contains(" answered, 0.0 % lost").contains("min/avg/p99/max");
            assertThat(ping.err()).isEmpty();
        }
    }

    @Test
    @Tag("long")
    void theEndOfTheServerEndsThePing() throws Exception {
        try (Run echo = Run.start("echo", "tcp|127.0.0.1|0");
                Run ping = Run.start("ping", "-i", "1ms", echo.address())) {
            String address = echo.address();
            ping.awaitOut(text -> text.contains("seq=1 "));

            echo.signal("KILL");

            assertThat(ping.exitCode()).isEqualTo(4);
            assertThat(ping.err())
                    .startsWith("tofuctl ping: the connection to " + address + " ended: ");
        }
    }

    @Test
    @Tag("long")
    void aClosedPipeEndsThePing() throws Exception {
        try (Run echo = Run.start("echo", "tcp|127.0.0.1|0")) {
            String ping = Run.shell(Run.command("ping", "-i", "1ms", echo.address()));
            List<String> shell = List.of("bash", "-c", ping + " | head -1; echo ${PIPESTATUS[0]}");
            try (Run piped = Run.start(shell, Map.of())) {
                assertThat(piped.out().lines().toList().getLast()).isEqualTo("5");
                assertThat(piped.err())
                        .isEqualTo("tofuctl ping: cannot write to standard output\n");
            }
        }
    }
}
