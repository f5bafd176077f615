package tofu.cli.top;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tofu.management.AmpeMXBean.Channel;
import tofu.management.AmpeMXBean.Traffic;

/// What one channel did between two snapshots of its engine.
///
/// @param engine the engine's name
/// @param channel the channel as it is now
/// @param stalled which part of the time it was stalled, by the cause; 0 to 1, of several threads
///     that wait also more
/// @param sentPerSecond messages
/// @param receivedPerSecond messages
record Row(
        String engine,
        Channel channel,
        Map<Cause, Double> stalled,
        double sentPerSecond,
        double receivedPerSecond) {
    /// What stalls most comes first; among the others what has most to wait for, then the busiest.
    static final Comparator<Row> WORST_FIRST =
            Comparator.comparingDouble(Row::stall)
                    .thenComparingLong(Row::waitingBytes)
                    .thenComparingDouble(row -> row.sentPerSecond + row.receivedPerSecond)
                    .reversed()
                    .thenComparing(Row::engine)
                    .thenComparingInt(row -> row.channel.number());

    private static final double NANOS_PER_SECOND = 1e9;

    /// @param earlier the same channel in the earlier snapshot, if it was there already
    /// @param nanos between the snapshots, more than 0
    static Row between(String engine, @Nullable Channel earlier, Channel channel, long nanos) {
        Map<Cause, Double> stalled = new LinkedHashMap<>();
        for (Cause cause : Cause.values()) {
            long before = earlier == null ? 0 : cause.nanos(earlier.stalls());
            stalled.put(cause, grown(before, cause.nanos(channel.stalls())) / (double) nanos);
        }
        Traffic traffic = channel.traffic();
        long sent = earlier == null ? 0 : earlier.traffic().sentMessages();
        long received = earlier == null ? 0 : earlier.traffic().receivedMessages();
        double seconds = nanos / NANOS_PER_SECOND;
        return new Row(
                engine,
                channel,
                stalled,
                grown(sent, traffic.sentMessages()) / seconds,
                grown(received, traffic.receivedMessages()) / seconds);
    }

    /// What a counter has grown by; 0 if it is another one by now, or was told a little less of.
    static long grown(long then, long now) {
        return Math.max(0, now - then);
    }

    /// All causes together.
    double stall() {
        return stalled.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    /// The cause that has stalled it longest, if any has.
    @Nullable Cause cause() {
        Cause worst = null;
        double most = 0;
        for (Map.Entry<Cause, Double> entry : stalled.entrySet()) {
            if (entry.getValue() > most) {
                most = entry.getValue();
                worst = entry.getKey();
            }
        }
        return worst;
    }

    long waitingBytes() {
        return channel.traffic().queuedBytes() + channel.traffic().untakenBytes();
    }
}
