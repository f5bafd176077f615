package tofu.bench.duel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Two processes for real, for a short while: that they talk and are measured, not how fast.
class RefereeScenario {
    private static final long NANOS = 100_000_000;

    private static Run run(String system, Cell cell) throws InterruptedException {
        DuelArguments arguments = DuelArguments.of("--systems", system);
        Path folder = Referee.newFolder();
        try (CPrograms programs = new CPrograms()) {
            Entrant entrant = Entrants.of(arguments, programs).found().getFirst();
            return new Referee(false).run(entrant, cell.task(NANOS, NANOS, folder), 1);
        } finally {
            Referee.delete(folder);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "tofu, one-way, tcp",
        "tofu, ping-pong, uds",
        "selector, echo, tcp",
        "selector, one-way, uds"
    })
    void bothSidesMeasure(String system, String mode, String transport) throws Exception {
        Run run = run(system, new Cell(Mode.of(mode), transport, 64, 1, 0));
        assertThat(run.failure()).isEmpty();
        assertThat(run.judge()).isNotNull();
        assertThat(run.figure(Figure.of(Mode.of(mode)))).isPositive();
    }

    @ParameterizedTest
    @CsvSource({
        "tofu, one-way",
        "tofu, echo",
        "selector, one-way",
        "selector, echo",
        "netty-nio-app, one-way",
        "netty-nio-app, echo",
        "netty-nio-loop, one-way",
        "netty-nio-loop, echo",
        "jeromq, one-way"
    })
    void manyChannelsAreMeasuredTogether(String system, String mode) throws Exception {
        Run run = run(system, new Cell(Mode.of(mode), "tcp", 64, 3, 5));
        assertThat(run.failure()).isEmpty();
        assertThat(run.figure(Figure.RATE)).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"tofu, uds", "selector, tcp", "netty-nio-app, tcp"})
    void severalThreadsSend(String system, String transport) throws Exception {
        Run run = run(system, new Cell(Mode.ONE_WAY_FROM_4, transport, 64, 1, 0));
        assertThat(run.failure()).isEmpty();
        assertThat(run.figure(Figure.RATE)).isPositive();
    }

    @Test
    void aSideThatFailsSaysWhy() throws Exception {
        Entrant broken = new Entrant("broken", Set.of("tcp"), Set.of(), List.of("false"));
        Path folder = Referee.newFolder();
        Cell cell = new Cell(Mode.ECHO, "tcp", 64, 1, 0);
        Run run = new Referee(false).run(broken, cell.task(NANOS, NANOS, folder), 1);
        Referee.delete(folder);
        assertThat(run.hasFailed()).isTrue();
        assertThat(Csv.parse(Csv.lines(List.of(run))).getFirst().hasFailed()).isTrue();
    }
}
