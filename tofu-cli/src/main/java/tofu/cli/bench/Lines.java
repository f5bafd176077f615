package tofu.cli.bench;

import java.util.Locale;
import org.HdrHistogram.Histogram;
import tofu.cli.Quantities;

/// Results as the lines of a table, for people.
final class Lines {
    private static final String COLUMNS = "%-10s %8s %6s %12s %10s %10s %10s %10s";

    /// What stands above them.
    static final String HEAD =
            String.format(
                    Locale.ROOT,
                    COLUMNS,
                    "mode",
                    "size",
                    "conns",
                    "msg/s",
                    "MiB/s",
                    "p50",
                    "p99",
                    "max");

    private Lines() {}

    static String of(Result result) {
        Cell cell = result.cell();
        Histogram times = result.times();
        return String.format(
                Locale.ROOT,
                COLUMNS,
                cell.mode(),
                Quantities.text(cell.size()),
                cell.connections(),
                String.format(Locale.ROOT, "%,.0f", result.messagesPerSecond()),
                String.format(Locale.ROOT, "%,.1f", result.bytesPerSecond() / (1 << 20)),
                result.hasTimes() ? Quantities.time(times.getValueAtPercentile(50)) : "-",
                result.hasTimes() ? Quantities.time(times.getValueAtPercentile(99)) : "-",
                result.hasTimes() ? Quantities.time(times.getMaxValue()) : "-");
    }
}
