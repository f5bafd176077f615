package tofu.bench.duel;

import java.util.List;
import java.util.Map;

/// How the rate of one engine changes with the number of its channels, idle and busy.
final class Scale {
    /// What is measured, if nobody says what.
    static final List<String> SYSTEMS =
            List.of("tofu", "selector", "netty-epoll-app", "netty-epoll-loop", "jeromq");

    /// What the others are compared with comes first.
    static final List<Cell> CELLS =
            List.of(cell(1, 0), cell(1, 5_000), cell(10, 0), cell(100, 0), cell(1_000, 0));

    /// Where tofu's ratio to one channel has a target, and the least one.
    private static final Map<Cell, Double> LEAST =
            Map.of(
                    cell(1, 5_000), 0.8,
                    cell(10, 0), 1.0,
                    cell(100, 0), 0.9,
                    cell(1_000, 0), 0.6);

    private Scale() {}

    /// The place of the table.
    static Cell cell(int channels, int idle) {
        return new Cell(Mode.ONE_WAY, "tcp", 64, channels, idle);
    }

    /// One line of the result.
    ///
    /// @param channels which channels there were
    /// @param figure messages per second of all of them together
    /// @param ratio to one channel of the same system; NaN if either was not measured
    /// @param better how many times better tofu is; NaN if either was not measured
    /// @param verdict `held`, `not held`, or empty where there is no target
    record Line(
            String channels,
            String system,
            Spread figure,
            double ratio,
            double better,
            String verdict) {}

    /// A line for each cell and system that was measured.
    static List<Line> of(String own, List<Table> tables) {
        return tables.stream()
                .flatMap(table -> table.rows().stream().map(row -> line(own, table, row, tables)))
                .toList();
    }

    private static Line line(String own, Table table, Row row, List<Table> tables) {
        Cell cell = table.cell();
        double ratio = row.figure().median() / one(row.system(), tables);
        double least = row.system().equals(own) ? LEAST.getOrDefault(cell, Double.NaN) : Double.NaN;
        boolean judged = !Double.isNaN(least) && !Double.isNaN(ratio);
        String verdict = ratio >= least ? "held" : "not held";
        return new Line(
                channels(cell),
                row.system(),
                row.figure(),
                ratio,
                table.row(own).map(it -> it.figure().median()).orElse(Double.NaN)
                        / row.figure().median(),
                judged ? verdict + " (at least " + least + ")" : "");
    }

    private static double one(String system, List<Table> tables) {
        return tables.stream()
                .filter(table -> table.cell().equals(CELLS.getFirst()))
                .flatMap(table -> table.row(system).stream())
                .mapToDouble(row -> row.figure().median())
                .findFirst()
                .orElse(Double.NaN);
    }

    /// Which channels there are.
    static String channels(Cell cell) {
        String busy = Texts.number("%,.0f busy", cell.channels());
        return cell.idle() == 0 ? busy : busy + Texts.number(" beside %,.0f idle", cell.idle());
    }
}
