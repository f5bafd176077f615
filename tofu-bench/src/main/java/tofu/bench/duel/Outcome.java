package tofu.bench.duel;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What one side measured, as numbers with names; travels to the runner as one line of text.
///
/// `count` and `nanos` are always there; `cpu` and `allocated` where the side can tell, `p50`,
/// `p99`, `p999` and `max` (nanoseconds) for round trips.
record Outcome(Map<String, Long> values) {
    /// What the line starts with.
    static final String FIRST_WORD = "outcome";

    static Outcome of(String line) {
        Map<String, Long> values = new TreeMap<>();
        for (String pair : line.substring(FIRST_WORD.length()).strip().split(" ", -1)) {
            int equals = pair.indexOf('=');
            values.put(pair.substring(0, equals), Long.parseLong(pair.substring(equals + 1)));
        }
        return new Outcome(values);
    }

    String toLine() {
        return values.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(" ", FIRST_WORD + " ", ""));
    }

    /// One value; NaN if this side did not measure it.
    double value(String name) {
        Long value = values.get(name);
        return value == null ? Double.NaN : value;
    }

    double messagesPerSecond() {
        return value("count") / value("nanos") * 1e9;
    }

    /// Processor time per message, in nanoseconds.
    double cpuPerMessage() {
        return value("cpu") / value("count");
    }

    /// Heap per message, in bytes.
    double allocatedPerMessage() {
        return value("allocated") / value("count");
    }
}
