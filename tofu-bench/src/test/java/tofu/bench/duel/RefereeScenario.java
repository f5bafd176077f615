package tofu.bench.duel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.handler.ssl.OpenSsl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Two processes for real, for a short while: that they talk and are measured, not how fast.
class RefereeScenario {
    private static final long NANOS = 100_000_000;

    private static Run run(String system, Cell cell) throws InterruptedException {
        DuelArguments arguments =
                DuelArguments.of(
                        "--systems",
                        system,
                        "--modes",
                        cell.mode().toString(),
                        "--transports",
                        cell.transport(),
                        "--java",
                        "-XX:TieredStopAtLevel=1",
                        "--java",
                        "-XX:+UseSerialGC");
        Path folder = Referee.newFolder();
        try (CPrograms programs = new CPrograms()) {
            Entrants entrants = Entrants.of(arguments, programs);
            Entrant entrant = entrants.found().getFirst();
            assertThat(entrants.takesPart(entrant, cell)).isTrue();
            Task task = cell.task(NANOS, NANOS, folder);
            Entrant driving = entrants.driving(entrant, cell.mode());
            return new Referee(new Pinning(false)).run(entrant, driving, task, 1);
        } finally {
            Referee.delete(folder);
        }
    }

    @ParameterizedTest
    @CsvSource({"tofu, ping-pong, uds", "selector, echo, tcp"})
    void bothSidesMeasure(String system, String mode, String transport) throws Exception {
        Run run = run(system, new Cell(Mode.of(mode), transport, 64, 1, 0));
        assertThat(run.failure()).isEmpty();
        assertThat(run.judge()).isNotNull();
        assertThat(run.figure(Figure.of(Mode.of(mode)))).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"tofu, one-way", "selector, echo", "netty-nio-app, echo", "jeromq, one-way"})
    void manyChannelsAreMeasuredTogether(String system, String mode) throws Exception {
        Run run = run(system, new Cell(Mode.of(mode), "tcp", 64, 3, 5));
        assertThat(run.failure()).isEmpty();
        assertThat(run.figure(Figure.RATE)).isPositive();
    }

    @ParameterizedTest
    @CsvSource({
        "tofu, handshakes, 64",
        "sslengine, one-way, 60000",
        "netty-nio-app, handshakes, 64",
        "netty-nio-loop, echo, 64",
        "netty-openssl-loop, echo, 64"
    })
    void bothSidesSpeakTls(String system, String mode, int size) throws Exception {
        assumeTrue(!system.contains("openssl") || OpenSsl.isAvailable(), "no native OpenSSL");
        Run run = run(system, new Cell(Mode.of(mode), "tls", size, 1, 0));
        assertThat(run.failure()).isEmpty();
        assertThat(run.figure(Figure.of(Mode.of(mode)))).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"tofu, uds", "netty-nio-app, tcp"})
    void severalThreadsSend(String system, String transport) throws Exception {
        Run run = run(system, new Cell(Mode.ONE_WAY_FROM_4, transport, 64, 1, 0));
        assertThat(run.failure()).isEmpty();
        assertThat(run.figure(Figure.RATE)).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"tofu, 1024, 64", "selector, 64, 8", "netty-nio-loop, 64, 8"})
    void aServerIsMeasuredByTheClientsInC(String system, int size, int underWay) throws Exception {
        assumeTrue(Files.exists(Path.of("/usr/bin/gcc")), "no gcc");
        Run run = run(system, new Cell(Mode.of("clients-" + underWay), "tcp", size, 20, 0));
        assertThat(run.failure()).isEmpty();
        assertThat(run.figure(Figure.RATE)).isPositive();
        assertThat(run.figure(Figure.P50)).isPositive();
        assertThat(run.figure(Figure.P999)).isGreaterThanOrEqualTo(run.figure(Figure.P50));
    }

    /// Both builds are the one under test.
    @Test
    void buildsTakeTurns() throws Exception {
        Cell cell = new Cell(Mode.ONE_WAY, "tcp", 64, 1, 0);
        DuelArguments arguments =
                DuelArguments.of("--pin", "none", "--warm-up", "0.1", "--systems", "tofu");
        List<Entrant> builds =
                Stream.of("base", "new")
                        .map(
                                label ->
                                        Entrant.ofJava(
                                                label,
                                                "tofu",
                                                Set.of("tcp"),
                                                Set.of(),
                                                List.of(),
                                                ""))
                        .toList();
        assertThat(builds).allMatch(Entrant::warmsUp);
        List<Turns.Window> windows;
        try (Turns turns = new Turns(builds, cell, arguments)) {
            windows = turns.run(3, NANOS);
        }
        assertThat(windows)
                .extracting(Turns.Window::build)
                .containsExactly("base", "new", "new", "base", "base", "new");
        assertThat(windows)
                .allSatisfy(
                        window -> {
                            assertThat(window.rate()).isPositive();
                            assertThat(window.senderCpu()).isPositive();
                            assertThat(window.receiverCpu()).isPositive();
                        });
    }

    @Test
    void aSideThatFailsSaysWhy() throws Exception {
        Entrant broken = new Entrant("broken", Set.of("tcp"), Set.of(), List.of("false"));
        Path folder = Referee.newFolder();
        Cell cell = new Cell(Mode.ECHO, "tcp", 64, 1, 0);
        Run run =
                new Referee(new Pinning(false))
                        .run(broken, broken, cell.task(NANOS, NANOS, folder), 1);
        Referee.delete(folder);
        assertThat(broken.warmsUp()).isFalse();
        assertThat(run.hasFailed()).isTrue();
        assertThat(Csv.parse(Csv.of(List.of(run))).getFirst().hasFailed()).isTrue();
    }
}
