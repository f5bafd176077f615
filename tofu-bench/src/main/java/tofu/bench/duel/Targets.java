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

    /// Bytes of heap that a message may cost each side.
    private static final int GARBAGE = 32;

    /// The same over TLS, with 1 KiB: the JDK allocates for each record.
    private static final int GARBAGE_OF_TLS = 64;

    private static final Rivals NETTY_APP = Rivals.of("netty-nio-app", "netty-epoll-app");
    private static final Rivals NETTY_LOOP = Rivals.of("netty-nio-loop", "netty-epoll-loop");
    private static final Rivals JEROMQ = Rivals.of("jeromq");
    private static final Rivals LIBZMQ = Rivals.of("libzmq");
    private static final Rivals SELECTOR = Rivals.of("selector");
    private static final Rivals NETTY_JDK_TLS = Rivals.of("netty-nio-app", "netty-nio-loop");
    private static final Rivals SSL_ENGINE = Rivals.of("sslengine");

    /// One channel, on each transport.
    private static final List<Target> ONE_CHANNEL =
            Stream.of(
                            oneWay(64, 2.2, NETTY_APP),
                            oneWay(64, 2.3, JEROMQ),
                            oneWay(64, 1.5, LIBZMQ),
                            oneWay(64, 0.3, SELECTOR),
                            oneWay(1_024, 1.3, NETTY_APP),
                            oneWay(1_024, 4, JEROMQ),
                            oneWay(1_024, 0.9, SELECTOR),
                            oneWay(16_384, 1, NETTY_APP),
                            oneWay(16_384, 0.8, SELECTOR),
                            oneWay(60_000, 1, NETTY_APP),
                            oneWay(60_000, 0.8, SELECTOR),
                            talk(Mode.ECHO, 2, NETTY_LOOP),
                            talk(Mode.ECHO, 2, JEROMQ),
                            talk(Mode.PING_PONG, 1.1, SELECTOR),
                            talk(Mode.PING_PONG, 0.8, NETTY_APP),
                            talk(Mode.PING_PONG, 0.8, JEROMQ))
                    .flatMap(List::stream)
                    .toList();

    /// Many busy channels, as [Scale] has them.
    private static final List<Target> MANY_CHANNELS =
            Stream.of(10, 100, 1_000)
                    .map(it -> new Target(Scale.cell(it, 0), Figure.RATE, 1.5, NETTY_LOOP))
                    .toList();

    /// Servers, as [Clients] has them.
    private static final List<Target> SERVERS =
            Stream.of(
                            new Cell(Mode.CLIENTS_1, "tcp", 64, 100, 0),
                            new Cell(Mode.CLIENTS_8, "tcp", 64, 1_000, 0))
                    .flatMap(
                            cell ->
                                    Stream.of(
                                            new Target(cell, Figure.RATE, 1.3, NETTY_LOOP),
                                            new Target(cell, Figure.RATE, 0.9, SELECTOR),
                                            new Target(cell, Figure.P99, 1, NETTY_LOOP)))
                    .toList();

    /// TLS, as [Tls] has it.
    private static final List<Target> SECURE =
            Stream.of(
                            Stream.of(
                                    tls(Mode.ONE_WAY, 64, 1.5, NETTY_JDK_TLS),
                                    tls(Mode.ONE_WAY, 16_384, 1, NETTY_JDK_TLS)),
                            Tls.SIZES.stream().map(it -> tls(Mode.ONE_WAY, it, 0.8, SSL_ENGINE)),
                            Stream.of(
                                    tls(Mode.ECHO, 64, 0.8, SSL_ENGINE),
                                    tls(Mode.PING_PONG, 64, 1.25, SSL_ENGINE)))
                    .flatMap(targets -> targets)
                    .toList();

    private Targets() {}

    /// Systems of which the best one counts.
    private record Rivals(List<String> names) {
        static Rivals of(String... names) {
            return new Rivals(List.of(names));
        }

        Optional<Row> best(Table table, Figure figure) {
            Comparator<Row> by = Comparator.comparingDouble(row -> row.median(figure));
            return table.rows().stream()
                    .filter(row -> names.contains(row.system()))
                    .filter(row -> row.figure().count() > 0)
                    .max(figure.moreIsBetter() ? by : by.reversed());
        }

        @Override
        public String toString() {
            return names.size() == 1 ? names.getFirst() : "the better of " + and();
        }

        private String and() {
            return String.join(" and ", names);
        }
    }

    /// A ratio: the least one of message rates, or the greatest one of times.
    private record Target(Cell cell, Figure figure, double bound, Rivals rivals) {
        Result result(List<Table> tables) {
            String text = cell + ": " + wording(figure, bound) + " " + rivals;
            Optional<Table> table = find(cell, tables);
            Optional<Row> own = table.flatMap(it -> it.row(OWN));
            Optional<Row> rival = table.flatMap(it -> rivals.best(it, figure));
            if (own.isEmpty() || rival.isEmpty() || own.get().figure().count() == 0) {
                return Result.missing(text);
            }
            double ratio = own.get().median(figure) / rival.get().median(figure);
            int rotations = Math.min(own.get().figure().count(), rival.get().figure().count());
            String measured = times(ratio) + " × " + rival.get().system() + in(rotations);
            return new Result(text, measured, verdict(ratio, figure.moreIsBetter(), bound));
        }
    }

    /// A target, what was measured, and whether that is enough.
    ///
    /// @param verdict `held`, `not held` or `not measured`
    record Result(String target, String measured, String verdict) {
        static Result missing(String target) {
            return new Result(target, "", "not measured");
        }
    }

    /// All targets, in the order in which they are to be read. Those that want a system which does
    /// not know the transport are left out.
    ///
    /// @param tables one channel
    /// @param scale many channels, see [Scale]
    /// @param clients servers, see [Clients]
    /// @param tls connections over TLS, see [Tls]
    static List<Result> of(
            List<Table> tables, List<Table> scale, List<Table> clients, List<Table> tls) {
        List<Result> results = new ArrayList<>();
        ONE_CHANNEL.forEach(target -> results.add(target.result(tables)));
        SIZES.forEach(size -> results.add(udsBesideTcp(size, tables)));
        TRANSPORTS.forEach(
                it -> results.add(garbage(new Cell(Mode.ONE_WAY, it, 64, 1, 0), GARBAGE, tables)));
        MANY_CHANNELS.forEach(target -> results.add(target.result(scale)));
        SERVERS.forEach(target -> results.add(target.result(clients)));
        SECURE.forEach(target -> results.add(target.result(tls)));
        results.add(garbage(Tls.cell(Mode.ONE_WAY, 1_024), GARBAGE_OF_TLS, tls));
        return results;
    }

    /// What a build is to reach beside the one before, in the same cell; empty if there is no
    /// target, otherwise one line for each.
    ///
    /// @param rate messages per second, as a ratio
    /// @param cpu processor time per message of both sides together, as a ratio
    static String ofTurns(Cell cell, double rate, double cpu) {
        if (cell.isAboutScale() || !cell.transport().equals("tcp")) {
            return "";
        }
        double least =
                switch (cell.mode()) {
                    case ONE_WAY_FROM_2, ONE_WAY_FROM_4 -> 1.5;
                    case ECHO -> 1.2;
                    case PING_PONG -> 1;
                    case ONE_WAY -> cell.size() > 1_024 ? 1 : Double.NaN;
                    case HANDSHAKES, CLIENTS_1, CLIENTS_8, CLIENTS_64 -> Double.NaN;
                };
        String text = "";
        if (!Double.isNaN(least)) {
            text += "target: rate at least " + least + ": " + verdict(rate, true, least) + "\n";
        }
        if (cell.mode() == Mode.ONE_WAY && cell.size() == 64) {
            double most = 0.65;
            text += "target: cpu of both at most " + most + ": " + verdict(cpu, false, most) + "\n";
        }
        return text;
    }

    private static List<Target> oneWay(int size, double bound, Rivals rivals) {
        return onEach(Mode.ONE_WAY, size, bound, rivals);
    }

    private static List<Target> talk(Mode mode, double bound, Rivals rivals) {
        return onEach(mode, 64, bound, rivals);
    }

    private static Target tls(Mode mode, int size, double bound, Rivals rivals) {
        return new Target(Tls.cell(mode, size), Figure.of(mode), bound, rivals);
    }

    private static List<Target> onEach(Mode mode, int size, double bound, Rivals rivals) {
        return TRANSPORTS.stream()
                .filter(transport -> transport.equals("tcp") || !rivals.equals(JEROMQ))
                .map(transport -> new Cell(mode, transport, size, 1, 0))
                .map(cell -> new Target(cell, Figure.of(mode), bound, rivals))
                .toList();
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
        if (figures.size() < 2) {
            return Result.missing(text);
        }
        double ratio = figures.get(0).median() / figures.get(1).median();
        int rotations = Math.min(figures.get(0).count(), figures.get(1).count());
        return new Result(text, times(ratio) + " × tcp" + in(rotations), verdict(ratio, true, 1));
    }

    /// What tofu may allocate on the heap.
    private static Result garbage(Cell cell, int bound, List<Table> tables) {
        String text = cell + ": at most " + bound + " B of heap for a message and side";
        return find(cell, tables)
                .flatMap(table -> table.row(OWN))
                .filter(row -> row.figure().count() > 0)
                .map(
                        row -> {
                            double most = Math.max(row.receiverHeap(), row.driverHeap());
                            String measured = Texts.number("%.1f B", most);
                            return new Result(
                                    text,
                                    measured + in(row.figure().count()),
                                    verdict(most, false, bound));
                        })
                .orElse(Result.missing(text));
    }

    private static Optional<Table> find(Cell cell, List<Table> tables) {
        return tables.stream().filter(table -> table.cell().equals(cell)).findFirst();
    }

    private static String times(double ratio) {
        return Texts.number("%.2f", ratio);
    }

    private static String in(int rotations) {
        return " (" + rotations + ")";
    }

    private static String verdict(double value, boolean moreIsBetter, double bound) {
        return (moreIsBetter ? value >= bound : value <= bound) ? "held" : "not held";
    }

    private static String wording(Figure figure, double bound) {
        String number = Texts.number("%.2f", bound).replaceFirst("\\.?0+$", "");
        return (figure.moreIsBetter() ? "at least " : figure.shortName() + " at most ")
                + number
                + " ×";
    }
}
