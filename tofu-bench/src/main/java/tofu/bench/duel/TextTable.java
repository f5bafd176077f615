package tofu.bench.duel;

import java.util.Locale;

/// A [Table] for a terminal.
final class TextTable {
    private static final String LINE = "%-18s %12s %25s %9s %9s %15s %13s%n";

    private TextTable() {}

    static String of(Table table) {
        Figure figure = table.figure();
        boolean trips = table.hasTrips();
        StringBuilder text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "%n%s%n", table.cell()));
        text.append(
                String.format(
                        Locale.ROOT,
                        LINE,
                        "",
                        figure,
                        "min to max",
                        trips ? Figure.P99 : "",
                        trips ? Figure.P999 : "",
                        "cpu ns/msg",
                        "heap B/msg"));
        for (Row row : table.rows()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            LINE,
                            row.system(),
                            Texts.figure(figure, row.figure().median()),
                            Texts.spread(figure, row.figure()),
                            Texts.number("%.1f", row.p99()),
                            Texts.number("%.1f", row.p999()),
                            Texts.sides("%.0f", row.receiverCpu(), row.driverCpu()),
                            Texts.sides("%.1f", row.receiverHeap(), row.driverHeap())));
        }
        return text.toString();
    }
}
