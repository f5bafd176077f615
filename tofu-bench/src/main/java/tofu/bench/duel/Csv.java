package tofu.bench.duel;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Comma-separated values: of runs, one line for each with what both sides measured, as they said
/// it; and of anything else.
final class Csv {
    private static final List<String> RUN =
            List.of(
                    "system",
                    "transport",
                    "mode",
                    "size",
                    "channels",
                    "idle",
                    "warm_up_nanos",
                    "measure_nanos",
                    "rotation",
                    "failure");
    private static final List<String> SIDE =
            List.of("count", "nanos", "cpu", "allocated", "p50", "p99", "p999", "max");
    private static final String RECEIVER = "receiver_";
    private static final String DRIVER = "driver_";

    private Csv() {}

    // ---- runs

    /// The head, and a line for each run.
    static String of(List<Run> runs) {
        List<List<String>> records = new ArrayList<>();
        Stream<String> sides =
                Stream.of(RECEIVER, DRIVER).flatMap(side -> SIDE.stream().map(side::concat));
        records.add(Stream.concat(RUN.stream(), sides).toList());
        runs.forEach(run -> records.add(record(run)));
        return text(records);
    }

    private static List<String> record(Run run) {
        Task task = run.task();
        List<String> fields = new ArrayList<>();
        fields.add(run.system());
        fields.add(task.transport());
        fields.add(task.mode().toString());
        fields.add(Integer.toString(task.size()));
        fields.add(Integer.toString(task.channels()));
        fields.add(Integer.toString(task.idle()));
        fields.add(Long.toString(task.warmUpNanos()));
        fields.add(Long.toString(task.measureNanos()));
        fields.add(Integer.toString(run.rotation()));
        fields.add(run.failure().replaceAll("\\R", " ")); // a run is a line
        addSide(fields, run.receiver());
        addSide(fields, run.driver());
        return fields;
    }

    private static void addSide(List<String> fields, @Nullable Outcome outcome) {
        for (String name : SIDE) {
            Long value = outcome == null ? null : outcome.values().get(name);
            fields.add(value == null ? "" : value.toString());
        }
    }

    /// Understands what [#of] made; the empty text has no runs.
    static List<Run> parse(String text) {
        try (CsvReader<NamedCsvRecord> reader = CsvReader.builder().ofNamedCsvRecord(text)) {
            return reader.stream().map(Csv::run).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // there is no file
        }
    }

    private static Run run(NamedCsvRecord line) {
        Task task =
                new Task(
                        line.getField("transport"),
                        Mode.of(line.getField("mode")),
                        Integer.parseInt(line.getField("size")),
                        Integer.parseInt(line.getField("channels")),
                        Integer.parseInt(line.getField("idle")),
                        Long.parseLong(line.getField("warm_up_nanos")),
                        Long.parseLong(line.getField("measure_nanos")),
                        Path.of(""));
        return new Run(
                line.getField("system"),
                task,
                Integer.parseInt(line.getField("rotation")),
                side(line, RECEIVER),
                side(line, DRIVER),
                line.getField("failure"));
    }

    private static @Nullable Outcome side(NamedCsvRecord line, String side) {
        Map<String, Long> values = new TreeMap<>();
        for (String name : SIDE) {
            String value = line.getField(side + name);
            if (!value.isEmpty()) {
                values.put(name, Long.parseLong(value));
            }
        }
        return values.isEmpty() ? null : new Outcome(values);
    }

    // ---- anything

    /// Two columns without a head.
    static String of(Map<String, String> facts) {
        List<List<String>> records = new ArrayList<>();
        facts.forEach((name, value) -> records.add(List.of(name, value)));
        return text(records);
    }

    /// Understands what [#of(Map)] made.
    static Map<String, String> parseFacts(String text) {
        Map<String, String> facts = new LinkedHashMap<>();
        try (CsvReader<CsvRecord> reader = CsvReader.builder().ofCsvRecord(text)) {
            reader.forEach(line -> facts.put(line.getField(0), line.getField(1)));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // there is no file
        }
        return facts;
    }

    /// A line for each record.
    static String text(List<List<String>> records) {
        StringWriter text = new StringWriter();
        try (CsvWriter csv = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(text)) {
            records.forEach(csv::writeRecord);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // there is no file
        }
        return text.toString();
    }
}
