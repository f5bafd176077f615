package tofu.engine;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.ToIntFunction;
import tofu.api.Statistics;
import tofu.api.Statistics.DeadlineName;
import tofu.api.Status;
import tofu.engine.link.Totals;
import tofu.engine.link.Totals.Event;

/// What has befallen the channels of a group or an engine, as their application sees it.
///
/// Threads: any.
final class EventSums implements Statistics.Events {
    private final long[] counts;

    private EventSums(long[] counts) {
        this.counts = counts;
    }

    static EventSums of(Totals totals) {
        return new EventSums(totals.counts());
    }

    /// Never negative: a snapshot that was delayed may have counted more than a later one.
    EventSums since(EventSums earlier) {
        long[] difference = new long[counts.length];
        for (int i = 0; i < difference.length; i++) {
            difference[i] = Math.max(counts[i] - earlier.counts[i], 0);
        }
        return new EventSums(difference);
    }

    long count(Event event) {
        return counts[Totals.indexOf(event)];
    }

    @Override
    public long connects() {
        return count(Event.CONNECT);
    }

    @Override
    public long accepts() {
        return count(Event.ACCEPT);
    }

    @Override
    public long refusedConnections() {
        return count(Event.REFUSAL);
    }

    @Override
    public long handshakes() {
        return count(Event.HANDSHAKE);
    }

    @Override
    public long tlsHandshakes() {
        return count(Event.TLS_HANDSHAKE);
    }

    @Override
    public Map<Status, Long> closes() {
        return those(Status.class, Totals::indexOfClose);
    }

    @Override
    public Map<Status, Long> rejectedFrames() {
        return those(Status.class, Totals::indexOfRejected);
    }

    @Override
    public Map<DeadlineName, Long> deadlinesHit() {
        return those(DeadlineName.class, Totals::indexOfHit);
    }

    /// In the order of the enum.
    private <E extends Enum<E>> Map<E, Long> those(Class<E> names, ToIntFunction<E> index) {
        Map<E, Long> there = new EnumMap<>(names);
        for (E name : names.getEnumConstants()) {
            long count = counts[index.applyAsInt(name)];
            if (count != 0) {
                there.put(name, count);
            }
        }
        return Collections.unmodifiableMap(there);
    }

    @Override
    public String toString() {
        return "connects=%d, accepts=%d, refused=%d, handshakes=%d, closes=%s, rejected=%s, hit=%s"
                .formatted(
                        connects(),
                        accepts(),
                        refusedConnections(),
                        handshakes(),
                        closes(),
                        rejectedFrames(),
                        deadlinesHit());
    }
}
