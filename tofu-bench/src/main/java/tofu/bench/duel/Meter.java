package tofu.bench.duel;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// Counts one side's messages, checks those that are received, and measures a window of time: the
/// first message starts the warm-up, the window follows, and its [Outcome] is reported once.
///
/// The clock is read only every so many messages, except for round trips.
///
/// Thread: one, the one that sends or takes the messages.
final class Meter {
    private static final long LONGEST_TRIP_NANOS = 10_000_000_000L;

    /// About so many bytes go by between two looks at the clock.
    private static final int BYTES_PER_LOOK = 64 * 1_024;

    private final Task task;
    private final boolean countsSent;
    private final int stride;
    private final @Nullable Histogram trips;
    private final Consumer<Outcome> report;

    /// Per lane: sequence numbers are those of one channel.
    private final long[] sentOf;
    private final long[] receivedOf;

    private long sent;
    private long received;
    private long nextLook = 1;
    private long sentAtNanos;

    private boolean started;
    private long startNanos;
    private @Nullable Resources begin;
    private long beginCount;
    private long beginNanos;

    /// Makes a meter.
    ///
    /// @param countsSent whether the messages sent are what this side counts, or those received
    Meter(Task task, boolean countsSent, Consumer<Outcome> report) {
        this.task = task;
        this.countsSent = countsSent;
        this.report = report;
        this.sentOf = new long[task.lanes()];
        this.receivedOf = new long[task.lanes()];
        boolean roundTrips = task.mode() == Mode.PING_PONG;
        this.trips = roundTrips ? new Histogram(LONGEST_TRIP_NANOS, 3) : null;
        this.stride = Math.max(1, BYTES_PER_LOOK / task.size());
    }

    /// Begins a message to be sent on the only channel.
    ///
    /// @return its sequence number
    long next() {
        return next(0);
    }

    /// Begins a message to be sent.
    ///
    /// @param lane the channel, see [Task#lanes()]
    /// @return its sequence number
    long next(int lane) {
        if (countsSent) {
            if (sent + 1 >= nextLook) {
                look(sent + 1);
            }
        } else if (trips != null) {
            sentAtNanos = System.nanoTime();
        }
        sent++;
        return sentOf[lane]++;
    }

    /// Takes note of a message that was received on the only channel.
    void received(long sequence, int length) {
        received(0, sequence, length);
    }

    /// Takes note of a message that was received.
    ///
    /// @param lane the channel, see [Task#lanes()]
    void received(int lane, long sequence, int length) {
        if (sequence != receivedOf[lane] || length != task.size()) {
            throw new IllegalStateException(
                    "message %d of %d bytes where %d of %d were expected"
                            .formatted(sequence, length, receivedOf[lane], task.size()));
        }
        receivedOf[lane]++;
        received++;
        if (trips != null && sentAtNanos != 0) {
            trips.recordValue(System.nanoTime() - sentAtNanos);
        }
        if (!countsSent && received >= nextLook) {
            look(received);
        }
    }

    private void look(long count) {
        nextLook = count + stride;
        long now = System.nanoTime();
        if (!started) {
            started = true;
            startNanos = now;
        } else if (begin == null) {
            if (now - startNanos >= task.warmUpNanos()) {
                begin = Resources.now();
                beginCount = count;
                if (trips != null) {
                    trips.reset();
                }
                beginNanos = System.nanoTime();
            }
        } else if (now - beginNanos >= task.measureNanos()) {
            report.accept(outcome(begin, count - beginCount, now - beginNanos));
            nextLook = Long.MAX_VALUE;
        }
    }

    private Outcome outcome(Resources begin, long count, long nanos) {
        Resources end = Resources.now();
        Map<String, Long> values = new TreeMap<>();
        values.put("count", count);
        values.put("nanos", nanos);
        values.put("cpu", end.cpuNanos() - begin.cpuNanos());
        values.put("allocated", end.allocatedBytes() - begin.allocatedBytes());
        if (trips != null && trips.getTotalCount() > 0) {
            values.put("p50", trips.getValueAtPercentile(50));
            values.put("p99", trips.getValueAtPercentile(99));
            values.put("p999", trips.getValueAtPercentile(99.9));
            values.put("max", trips.getMaxValue());
        }
        return new Outcome(values);
    }
}
