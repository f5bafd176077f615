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
        Spread spread = Spread.of(list);
        return new Row(system, spread, spread.median(), 0, 0, 0, 0, 0, 0);
    }

    private static Row server(String system, double rate, double p99) {
        return new Row(system, Spread.of(List.of(rate)), 0, p99, 0, 0, 0, 0, 0);
    }

    private static Targets.Result result(String target, Table... tables) {
        List<Table> all = List.of(tables);
        return Targets.of(all, all, all, all).stream()
                .filter(result -> result.target().equals(target))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aRateIsToBeAtLeastSoManyTimesTheOther() {
        String target = "one-way, tcp, 64 B: at least 2.3 × jeromq";
        Table enough = table(Mode.ONE_WAY, "tcp", 64, row("tofu", 23, 23, 23), row("jeromq", 10));
        Table less = table(Mode.ONE_WAY, "tcp", 64, row("tofu", 22), row("jeromq", 10));
        assertThat(result(target, enough))
                .isEqualTo(new Targets.Result(target, "2.30 × jeromq (1)", "held"));
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
        assertThat(result("one-way, tcp, 1024 B: at least 1.3 × " + rivals, rates).measured())
                .isEqualTo("1.80 × netty-epoll-app (1)");
        Table trips = table(Mode.PING_PONG, "tcp", 64, row("tofu", 3), nio, epoll);
        assertThat(result("ping-pong, tcp, 64 B: p50 at most 0.8 × " + rivals, trips).measured())
                .isEqualTo("0.75 × netty-nio-app (1)");
    }

    @Test
    void whatFailedIsNotMeasured() {
        String target = "one-way, tcp, 64 B: at least 2.3 × jeromq";
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

    @Test
    void aServersSlowestAnswersCountToo() {
        Cell cell = new Cell(Mode.CLIENTS_8, "tcp", 64, 1_000, 0);
        Table table =
                new Table(cell, List.of(server("tofu", 13, 9), server("netty-epoll-loop", 10, 8)));
        String rivals = "the better of netty-nio-loop and netty-epoll-loop";
        assertThat(result(cell + ": at least 1.3 × " + rivals, table).verdict()).isEqualTo("held");
        assertThat(result(cell + ": p99 at most 1 × " + rivals, table))
                .extracting(Targets.Result::measured, Targets.Result::verdict)
                .containsExactly("1.13 × netty-epoll-loop (1)", "not held");
    }

    @Test
    void overTlsThereAreTargetsOfTheirOwn() {
        String rivals = "the better of netty-nio-app and netty-nio-loop";
        String rate = "one-way, tls, 64 B: at least 1.5 × " + rivals;
        Row app = row("netty-nio-app", 9);
        Row loop = row("netty-nio-loop", 10);
        assertThat(result(rate, table(Mode.ONE_WAY, "tls", 64, row("tofu", 15), app, loop)))
                .isEqualTo(new Targets.Result(rate, "1.50 × netty-nio-loop (1)", "held"));
        assertThat(result(rate, table(Mode.ONE_WAY, "tls", 64, row("tofu", 14), app, loop)))
                .isEqualTo(new Targets.Result(rate, "1.40 × netty-nio-loop (1)", "not held"));
        String trip = "ping-pong, tls, 64 B: p50 at most 1.25 × sslengine";
        Row bare = row("sslengine", 100);
        assertThat(result(trip, table(Mode.PING_PONG, "tls", 64, row("tofu", 125), bare)))
                .isEqualTo(new Targets.Result(trip, "1.25 × sslengine (1)", "held"));
        assertThat(result("one-way, tls, 60000 B: at least 0.8 × sslengine").verdict())
                .isEqualTo("not measured");
        String garbage = "one-way, tls, 1024 B: at most 64 B of heap for a message and side";
        Row little = new Row("tofu", Spread.of(List.of(1.0)), 0, 0, 0, 0, 0, 64, 3);
        Cell cell = Tls.cell(Mode.ONE_WAY, 1_024);
        assertThat(result(garbage, new Table(cell, List.of(little))).verdict()).isEqualTo("held");
    }

    @Test
    void garbageHasABound() {
        String target = "one-way, tcp, 64 B: at most 32 B of heap for a message and side";
        Spread rate = Spread.of(List.of(1.0));
        Cell cell = new Cell(Mode.ONE_WAY, "tcp", 64, 1, 0);
        Row little = new Row("tofu", rate, 0, 0, 0, 0, 0, 24.8, 31);
        Row much = new Row("tofu", rate, 0, 0, 0, 0, 0, 33, 24.8);
        assertThat(result(target, new Table(cell, List.of(little))).verdict()).isEqualTo("held");
        assertThat(result(target, new Table(cell, List.of(much))))
                .isEqualTo(new Targets.Result(target, "33.0 B (1)", "not held"));
    }

    @Test
    void aBuildIsComparedWithTheOneBefore() {
        Cell small = new Cell(Mode.ONE_WAY, "tcp", 64, 1, 0);
        assertThat(Targets.ofTurns(small, 2, 0.66))
                .isEqualTo("target: cpu of both at most 0.65: not held\n");
        assertThat(Targets.ofTurns(new Cell(Mode.ECHO, "tcp", 64, 1, 0), 1.2, 1))
                .isEqualTo("target: rate at least 1.2: held\n");
        assertThat(Targets.ofTurns(new Cell(Mode.ONE_WAY_FROM_4, "tcp", 64, 1, 0), 1.4, 1))
                .isEqualTo("target: rate at least 1.5: not held\n");
        assertThat(Targets.ofTurns(new Cell(Mode.ECHO, "uds", 64, 1, 0), 1.2, 1)).isEmpty();
    }
}
