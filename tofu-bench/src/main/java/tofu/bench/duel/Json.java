package tofu.bench.duel;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// The figures as JSON: a list of cells, each with its systems.
final class Json {
    private Json() {}

    static String of(List<Table> tables) {
        return tables.stream().map(Json::of).collect(Collectors.joining(",\n", "[\n", "\n]\n"));
    }

    private static String of(Table table) {
        Cell cell = table.cell();
        String rows =
                table.rows().stream()
                        .map(Json::of)
                        .collect(Collectors.joining(",\n    ", "\n    ", ""));
        return """
              {"mode": %s, "transport": %s, "size": %d, "channels": %d, "idle": %d,
               "figure": %s, "systems": [%s]}\
            """
                .formatted(
                        text(cell.mode().toString()),
                        text(cell.transport()),
                        cell.size(),
                        cell.channels(),
                        cell.idle(),
                        text(table.figure().toString()),
                        rows);
    }

    private static String of(Row row) {
        return ("{\"system\": %s, \"median\": %s, \"min\": %s, \"max\": %s, \"runs\": %d,"
                        + " \"p99_us\": %s, \"p999_us\": %s, \"receiver_cpu_ns\": %s,"
                        + " \"driver_cpu_ns\": %s, \"receiver_heap_bytes\": %s,"
                        + " \"driver_heap_bytes\": %s}")
                .formatted(
                        text(row.system()),
                        number(row.figure().median()),
                        number(row.figure().min()),
                        number(row.figure().max()),
                        row.figure().count(),
                        number(row.p99()),
                        number(row.p999()),
                        number(row.receiverCpu()),
                        number(row.driverCpu()),
                        number(row.receiverHeap()),
                        number(row.driverHeap()));
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "null" : String.format(Locale.ROOT, "%.3f", value);
    }

    /// A text in quotes.
    static String text(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
