package tofu.bench.duel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Every run as a line of comma-separated values.
final class Csv {
    private static final String HEAD =
            "system,transport,mode,size,rotation,messages_per_s,p50_us,p99_us,p999_us,"
                    + "receiver_cpu_ns,driver_cpu_ns,receiver_heap_bytes,driver_heap_bytes,failure";

    private Csv() {}

    static void write(Path file, List<Run> runs) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, lines(runs));
    }

    /// The head, and a line for each run. Processor time and heap are per message.
    static List<String> lines(List<Run> runs) {
        List<String> lines = new ArrayList<>();
        lines.add(HEAD);
        for (Run run : runs) {
            lines.add(
                    String.join(
                            ",",
                            quoted(run.system()),
                            run.task().transport(),
                            run.task().mode().toString(),
                            Integer.toString(run.task().size()),
                            Integer.toString(run.rotation()),
                            number(run.figure(Figure.RATE)),
                            number(run.figure(Figure.P50)),
                            number(run.figure(Figure.P99)),
                            number(run.figure(Figure.P999)),
                            number(cpu(run.receiver())),
                            number(cpu(run.driver())),
                            number(heap(run.receiver())),
                            number(heap(run.driver())),
                            quoted(run.failure())));
        }
        return lines;
    }

    private static double cpu(@Nullable Outcome outcome) {
        return outcome == null ? Double.NaN : outcome.cpuPerMessage();
    }

    private static double heap(@Nullable Outcome outcome) {
        return outcome == null ? Double.NaN : outcome.allocatedPerMessage();
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.3f", value);
    }

    /// The text as one field, in one line.
    static String quoted(String text) {
        String line = text.replaceAll("\\R", " ");
        boolean plain = line.indexOf(',') < 0 && line.indexOf('"') < 0;
        return plain ? line : '"' + line.replace("\"", "\"\"") + '"';
    }
}
