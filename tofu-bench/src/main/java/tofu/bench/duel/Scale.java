package tofu.bench.duel;

import java.util.List;

/// How the rate of one engine changes with the number of its channels, idle and busy.
final class Scale {
    /// What the others are compared with comes first.
    static final List<Cell> CELLS =
            List.of(cell(1, 0), cell(1, 5_000), cell(10, 0), cell(100, 0), cell(1_000, 0));

    /// Where the ratio to one channel has a target, and the least one.
    private static final double LEAST_BESIDE_IDLE = 0.8;
    private static final double LEAST_OF_MANY = 0.7;

    private Scale() {}

    private static Cell cell(int channels, int idle) {
        return new Cell(Mode.ONE_WAY, "tcp", 64, channels, idle);
    }

    /// One line of the result.
    ///
    /// @param channels which channels there were
    /// @param figure messages per second of all of them together
    /// @param ratio to one channel; NaN if either was not measured
    /// @param verdict `held`, `not held`, or empty where there is no target
    record Line(String channels, Spread figure, double ratio, String verdict) {}

    /// A line for each cell that was measured.
    static List<Line> of(String own, List<Table> tables) {
        double one =
                tables.stream()
                        .filter(table -> table.cell().equals(CELLS.getFirst()))
                        .mapToDouble(table -> figure(own, table).median())
                        .findFirst()
                        .orElse(Double.NaN);
        return tables.stream()
                .filter(table -> table.row(own).isPresent())
                .map(table -> line(table.cell(), figure(own, table), one))
                .toList();
    }

    private static Line line(Cell cell, Spread figure, double one) {
        double ratio = figure.median() / one;
        double least = least(cell);
        boolean judged = !Double.isNaN(least) && !Double.isNaN(ratio);
        String verdict = ratio >= least ? "held" : "not held";
        return new Line(
                channels(cell), figure, ratio, judged ? verdict + " (at least " + least + ")" : "");
    }

    private static double least(Cell cell) {
        if (cell.idle() == 5_000) {
            return LEAST_BESIDE_IDLE;
        }
        return cell.channels() == 1_000 ? LEAST_OF_MANY : Double.NaN;
    }

    private static String channels(Cell cell) {
        String busy = Texts.number("%,.0f busy", cell.channels());
        return cell.idle() == 0 ? busy : busy + Texts.number(" beside %,.0f idle", cell.idle());
    }

    private static Spread figure(String own, Table table) {
        return table.row(own).map(Row::figure).orElse(Spread.of(List.of()));
    }
}
