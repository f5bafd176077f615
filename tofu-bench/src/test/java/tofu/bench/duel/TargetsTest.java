package tofu.bench.duel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TargetsTest {
    private static Table table(Mode mode, String transport, int size, Row... rows) {
        return new Table(new Cell(mode, transport, size, 1, 0), List.of(rows));
    }

    private static Row row(String system, double... figures) {
        List<Double> list = new ArrayList<>();
        for (double figure : figures) {
            list.add(figure);
        }
        return new Row(system, Spread.of(list), 0, 0, 0, 0, 0, 0);
    }

    private static Targets.Result result(String target, Table... tables) {
        return Targets.of(List.of(tables)).stream()
                .filter(result -> result.target().equals(target))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aRateIsToBeAtLeastSoManyTimesTheOther() {
        String target = "one-way, tcp, 64 B: at least 1.5 × jeromq";
        Table enough = table(Mode.ONE_WAY, "tcp", 64, row("tofu", 15, 15, 15), row("jeromq", 10));
        Table less = table(Mode.ONE_WAY, "tcp", 64, row("tofu", 14), row("jeromq", 10));
        assertThat(result(target, enough))
                .isEqualTo(new Targets.Result(target, "1.50 × jeromq (1)", "held"));
        assertThat(result(target, less).verdict()).isEqualTo("not held");
    }

    @Test
    void aRoundTripIsToBeAtMostSoManyTimesTheOther() {
        String target = "ping-pong, uds, 64 B: p50 at most 1.1 × selector";
        Table enough = table(Mode.PING_PONG, "uds", 64, row("tofu", 11), row("selector", 10));
        Table more = table(Mode.PING_PONG, "uds", 64, row("tofu", 12), row("selector", 10));
        assertThat(result(target, enough).verdict()).isEqualTo("held");
        assertThat(result(target, more).verdict()).isEqualTo("not held");
    }

    @Test
    void theBetterRivalCounts() {
        String rivals = "the better of netty-nio-app and netty-epoll-app";
        Row nio = row("netty-nio-app", 4);
        Row epoll = row("netty-epoll-app", 5);
        Table rates = table(Mode.ONE_WAY, "tcp", 1_024, row("tofu", 9), nio, epoll);
        assertThat(result("one-way, tcp, 1024 B: at least 2 × " + rivals, rates).measured())
                .isEqualTo("1.80 × netty-epoll-app (1)");
        Table trips = table(Mode.PING_PONG, "tcp", 64, row("tofu", 3), nio, epoll);
        assertThat(result("ping-pong, tcp, 64 B: p50 at most 0.8 × " + rivals, trips).measured())
                .isEqualTo("0.75 × netty-nio-app (1)");
    }

    @Test
    void whatFailedIsNotMeasured() {
        String target = "one-way, tcp, 64 B: at least 1.5 × jeromq";
        Table failed = table(Mode.ONE_WAY, "tcp", 64, row("tofu", 15), row("jeromq"));
        assertThat(result(target, failed).verdict()).isEqualTo("not measured");
        assertThat(result(target).verdict()).isEqualTo("not measured");
    }

    @Test
    void aUnixDomainSocketIsComparedWithTcp() {
        String target = "one-way, 16384 B: uds at least 1 × tcp";
        Table tcp = table(Mode.ONE_WAY, "tcp", 16_384, row("tofu", 10, 10));
        Table uds = table(Mode.ONE_WAY, "uds", 16_384, row("tofu", 9, 9));
        assertThat(result(target, tcp, uds))
                .isEqualTo(new Targets.Result(target, "0.90 × tcp (2)", "not held"));
        assertThat(result(target, tcp).verdict()).isEqualTo("not measured");
    }
}
