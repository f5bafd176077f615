package tofu.bench.duel;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Every run as a line of comma-separated values: what both sides measured, as they said it.
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

    private Csv() {}

    /// The head, and a line for each run.
    static List<String> lines(List<Run> runs) {
        List<String> lines = new ArrayList<>();
        Stream<String> sides =
                Stream.of("receiver_", "driver_")
                        .flatMap(side -> SIDE.stream().map(name -> side + name));
        lines.add(String.join(",", Stream.concat(RUN.stream(), sides).toList()));
        for (Run run : runs) {
            Task task = run.task();
            List<String> fields = new ArrayList<>();
            fields.add(quoted(run.system()));
            fields.add(task.transport());
            fields.add(task.mode().toString());
            fields.add(Integer.toString(task.size()));
            fields.add(Integer.toString(task.channels()));
            fields.add(Integer.toString(task.idle()));
            fields.add(Long.toString(task.warmUpNanos()));
            fields.add(Long.toString(task.measureNanos()));
            fields.add(Integer.toString(run.rotation()));
            fields.add(quoted(run.failure()));
            addSide(fields, run.receiver());
            addSide(fields, run.driver());
            lines.add(String.join(",", fields));
        }
        return lines;
    }

    private static void addSide(List<String> fields, @Nullable Outcome outcome) {
        for (String name : SIDE) {
            Long value = outcome == null ? null : outcome.values().get(name);
            fields.add(value == null ? "" : value.toString());
        }
    }

    /// Understands what [#lines] made.
    static List<Run> parse(List<String> lines) {
        return lines.stream().skip(1).map(line -> run(fields(line))).toList();
    }

    private static Run run(List<String> fields) {
        Task task =
                new Task(
                        fields.get(1),
                        Mode.of(fields.get(2)),
                        Integer.parseInt(fields.get(3)),
                        Integer.parseInt(fields.get(4)),
                        Integer.parseInt(fields.get(5)),
                        Long.parseLong(fields.get(6)),
                        Long.parseLong(fields.get(7)),
                        Path.of(""));
        int sides = RUN.size();
        return new Run(
                fields.get(0),
                task,
                Integer.parseInt(fields.get(8)),
                side(fields.subList(sides, sides + SIDE.size())),
                side(fields.subList(sides + SIDE.size(), sides + 2 * SIDE.size())),
                fields.get(9));
    }

    private static @Nullable Outcome side(List<String> fields) {
        Map<String, Long> values = new TreeMap<>();
        for (int i = 0; i < fields.size(); i++) {
            if (!fields.get(i).isEmpty()) {
                values.put(SIDE.get(i), Long.parseLong(fields.get(i)));
            }
        }
        return values.isEmpty() ? null : new Outcome(values);
    }

    /// The text as one field, in one line.
    static String quoted(String text) {
        String line = text.replaceAll("\\R", " ");
        boolean plain = line.indexOf(',') < 0 && line.indexOf('"') < 0;
        return plain ? line : '"' + line.replace("\"", "\"\"") + '"';
    }

    /// Takes a line apart.
    static List<String> fields(String line) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '"') {
                boolean doubled = quoted && i + 1 < line.length() && line.charAt(i + 1) == '"';
                if (doubled) {
                    field.append(c);
                    i++;
                } else {
                    quoted = !quoted;
                }
            } else if (c == ',' && !quoted) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        return fields;
    }
}
