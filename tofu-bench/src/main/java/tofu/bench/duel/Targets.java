package tofu.bench.duel;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What tofu is to reach beside the others, and whether it does: ratios of the medians of two
/// systems in one [Cell].
///
/// Aeron has no target: it is another transport.
final class Targets {
    private static final String OWN = "tofu";
    private static final List<String> TRANSPORTS = List.of("tcp", "uds");
    private static final List<Integer> SIZES = List.of(64, 1_024, 16_384, 60_000);

    private static final Rivals NETTY_APP = Rivals.of("netty-nio-app", "netty-epoll-app");
    private static final Rivals NETTY_LOOP = Rivals.of("netty-nio-loop", "netty-epoll-loop");
    private static final Rivals JEROMQ = Rivals.of("jeromq");
    private static final Rivals LIBZMQ = Rivals.of("libzmq");
    private static final Rivals SELECTOR = Rivals.of("selector");

    private static final List<Target> ALL =
            List.of(
                    new Target(Mode.ONE_WAY, 64, 5, NETTY_APP),
                    new Target(Mode.ONE_WAY, 64, 1.5, JEROMQ),
                    new Target(Mode.ONE_WAY, 64, 1.5, LIBZMQ),
                    new Target(Mode.ONE_WAY, 1_024, 2, NETTY_APP),
                    new Target(Mode.ONE_WAY, 1_024, 4, JEROMQ),
                    new Target(Mode.ONE_WAY, 16_384, 1, NETTY_APP),
                    new Target(Mode.ONE_WAY, 16_384, 0.8, SELECTOR),
                    new Target(Mode.ONE_WAY, 60_000, 1, NETTY_APP),
                    new Target(Mode.ONE_WAY, 60_000, 0.8, SELECTOR),
                    new Target(Mode.ECHO, 64, 2, NETTY_LOOP),
                    new Target(Mode.ECHO, 64, 2, JEROMQ),
                    new Target(Mode.PING_PONG, 64, 1.1, SELECTOR),
                    new Target(Mode.PING_PONG, 64, 0.8, NETTY_APP),
                    new Target(Mode.PING_PONG, 64, 0.8, JEROMQ));

    private Targets() {}

    /// Systems of which the best one counts.
    private record Rivals(List<String> names) {
        static Rivals of(String... names) {
            return new Rivals(List.of(names));
        }

        Optional<Row> best(Table table) {
            Comparator<Row> byMedian = Comparator.comparingDouble(row -> row.figure().median());
            return table.rows().stream()
                    .filter(row -> names.contains(row.system()))
                    .filter(row -> row.figure().count() > 0)
                    .max(table.figure().moreIsBetter() ? byMedian : byMedian.reversed());
        }

        @Override
        public String toString() {
            return names.size() == 1 ? names.getFirst() : "the better of " + and();
        }

        private String and() {
            return String.join(" and ", names);
        }
    }

    /// A ratio: the least one of message rates, or the greatest one of round trips.
    private record Target(Mode mode, int size, double bound, Rivals rivals) {
        String text(Cell cell) {
            return cell + ": " + wording(Figure.of(mode), bound) + " " + rivals;
        }

        Result result(String transport, List<Table> tables) {
            Cell cell = new Cell(mode, transport, size, 1, 0);
            Optional<Table> table = find(cell, tables);
            Optional<Row> own = table.flatMap(it -> it.row(OWN));
            Optional<Row> rival = table.flatMap(rivals::best);
            if (own.isEmpty() || rival.isEmpty() || own.get().figure().count() == 0) {
                return Result.missing(text(cell));
            }
            Spread ours = own.get().figure();
            Spread theirs = rival.get().figure();
            boolean more = Figure.of(mode).moreIsBetter();
            String of = " × " + rival.get().system();
            return Result.of(text(cell), new Ratio(ours, theirs), of, more, bound);
        }
    }

    /// What two medians make.
    private record Ratio(Spread ours, Spread theirs) {
        double value() {
            return ours.median() / theirs.median();
        }

        int rotations() {
            return Math.min(ours.count(), theirs.count());
        }
    }

    /// A target, what was measured, and whether that is enough.
    ///
    /// @param verdict `held`, `not held` or `not measured`
    record Result(String target, String measured, String verdict) {
        static Result missing(String target) {
            return new Result(target, "", "not measured");
        }

        private static Result of(
                String target, Ratio ratio, String of, boolean more, double bound) {
            double value = ratio.value();
            boolean held = more ? value >= bound : value <= bound;
            String measured = Texts.number("%.2f", value) + of + " (" + ratio.rotations() + ")";
            return new Result(target, measured, held ? "held" : "not held");
        }
    }

    /// All targets, in the order in which they are to be read. Those that want a system which does
    /// not know the transport are left out.
    static List<Result> of(List<Table> tables) {
        List<Result> results = new ArrayList<>();
        for (Target target : ALL) {
            for (String transport : TRANSPORTS) {
                if (transport.equals("tcp") || !target.rivals().equals(JEROMQ)) {
                    results.add(target.result(transport, tables));
                }
            }
        }
        SIZES.forEach(size -> results.add(udsBesideTcp(size, tables)));
        return results;
    }

    /// A Unix domain socket is to be no slower than TCP.
    private static Result udsBesideTcp(int size, List<Table> tables) {
        String text = Mode.ONE_WAY + ", " + size + " B: uds at least 1 × tcp";
        List<Spread> figures =
                Stream.of("uds", "tcp")
                        .map(transport -> new Cell(Mode.ONE_WAY, transport, size, 1, 0))
                        .flatMap(cell -> find(cell, tables).stream())
                        .flatMap(table -> table.row(OWN).stream())
                        .map(Row::figure)
                        .filter(figure -> figure.count() > 0)
                        .toList();
        return figures.size() < 2
                ? Result.missing(text)
                : Result.of(text, new Ratio(figures.get(0), figures.get(1)), " × tcp", true, 1);
    }

    private static Optional<Table> find(Cell cell, List<Table> tables) {
        return tables.stream().filter(table -> table.cell().equals(cell)).findFirst();
    }

    private static String wording(Figure figure, double bound) {
        String number = Texts.number("%.1f", bound).replace(".0", "");
        return (figure.moreIsBetter() ? "at least " : "p50 at most ") + number + " ×";
    }
}
