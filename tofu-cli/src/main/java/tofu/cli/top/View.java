package tofu.cli.top;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tofu.cli.Escapes;
import tofu.cli.Json;
import tofu.cli.Quantities;
import tofu.management.AmpeMXBean.Channel;
import tofu.management.AmpeMXBean.Snapshot;

/// What the engines of a JVM did between two looks at them, as a table or as JSON.
final class View {
    private static final int NAME_COLUMNS = 12;
    private static final double NANOS_PER_SECOND = 1e9;

    /// The clocks of two machines may, by this part of what they measure.
    private static final int CLOCKS_DIFFER = 10;

    private final List<Row> rows = new ArrayList<>();
    private final List<String> engines = new ArrayList<>();

    /// @param earlier by the names of the engines; those that are not in it are not shown yet, nor
    ///     those that have grown older by another time: they are others of the same name
    /// @param leastNanos what is between two looks at an engine, at least
    /// @param mostNanos the same, at most
    View(
            Map<String, Snapshot> earlier,
            Map<String, Snapshot> later,
            long leastNanos,
            long mostNanos) {
        later.forEach(
                (name, now) -> {
                    Snapshot then = earlier.get(name);
                    long nanos = then == null ? 0 : now.periodNanos() - then.periodNanos();
                    if (then != null
                            && nanos > 0
                            && nanos >= leastNanos - leastNanos / CLOCKS_DIFFER
                            && nanos <= mostNanos + mostNanos / CLOCKS_DIFFER) {
                        add(name, then, now, nanos);
                    }
                });
        rows.sort(Row.WORST_FIRST);
    }

    private void add(String name, Snapshot then, Snapshot now, long nanos) {
        Map<Long, Channel> before = new LinkedHashMap<>();
        then.channels().forEach(channel -> before.put(channel.serial(), channel));
        for (Channel channel : now.channels()) {
            rows.add(Row.between(name, before.get(channel.serial()), channel, nanos));
        }
        double seconds = nanos / NANOS_PER_SECOND;
        long sent = Row.grown(then.traffic().sentMessages(), now.traffic().sentMessages());
        long received =
                Row.grown(then.traffic().receivedMessages(), now.traffic().receivedMessages());
        engines.add(
                String.format(
                        Locale.ROOT,
                        "%s: %,d channels, %,.0f sent/s, %,.0f received/s, memory %s",
                        Escapes.plain(name),
                        now.channels().size(),
                        sent / seconds,
                        received / seconds,
                        Quantities.text((double) now.pool().bytes())));
    }

    /// @param most how many channels at most
    List<String> table(int most) {
        List<String> lines = new ArrayList<>(engines);
        lines.add(
                format("ENGINE", "CHANNEL", "STALLED", "BY", "SENT/S", "RECV/S", "WAITING")
                        .stripTrailing());
        for (Row row : rows.subList(0, Math.min(most, rows.size()))) {
            lines.add(line(row));
        }
        if (rows.size() > most) {
            lines.add("and " + (rows.size() - most) + " more");
        }
        return lines;
    }

    private static String line(Row row) {
        String name = Escapes.plain(row.engine());
        Cause cause = row.cause();
        return format(
                name.length() > NAME_COLUMNS ? name.substring(0, NAME_COLUMNS) : name,
                row.channel().number(),
                String.format(Locale.ROOT, "%.0f %%", 100 * row.stall()),
                cause == null ? "" : cause.word(),
                String.format(Locale.ROOT, "%,.0f", row.sentPerSecond()),
                String.format(Locale.ROOT, "%,.0f", row.receivedPerSecond()),
                Quantities.text((double) row.waitingBytes()));
    }

    private static String format(Object... cells) {
        return String.format(Locale.ROOT, "%-12s %7s %7s  %-21s %8s %8s %9s", cells);
    }

    /// All channels, in the order of the table.
    String json() {
        return Json.line(Map.of("channels", rows.stream().map(View::members).toList()));
    }

    private static Map<String, Object> members(Row row) {
        Map<String, Object> stalled = new LinkedHashMap<>();
        row.stalled().forEach((cause, part) -> stalled.put(cause.word(), part));
        Channel channel = row.channel();
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("engine", row.engine());
        members.put("channel", channel.number());
        members.put("serial", channel.serial());
        members.put("group", channel.group());
        members.put("role", channel.role());
        members.put("stalled", stalled);
        members.put("sentPerSecond", row.sentPerSecond());
        members.put("receivedPerSecond", row.receivedPerSecond());
        members.put("queuedMessages", channel.traffic().queuedMessages());
        members.put("queuedBytes", channel.traffic().queuedBytes());
        members.put("untakenMessages", channel.traffic().untakenMessages());
        members.put("untakenBytes", channel.traffic().untakenBytes());
        return members;
    }
}
