package tofu.bench.duel;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// Counts one side's messages, checks those that are received, and measures a window of time: the
/// first message starts the warm-up, the window follows, and its [Outcome] is reported once. The
/// count goes on, for who looks from outside ([LiveCount]).
///
/// The clock is read only every so many messages, except for round trips.
///
/// Threads: one, the one that sends or takes the messages; of several that send each has a lane of
/// its own.
final class Meter {
    private static final long LONGEST_TRIP_NANOS = 10_000_000_000L;

    /// About so many bytes go by between two looks at the clock.
    private static final int BYTES_PER_LOOK = 64 * 1_024;

    /// Round trips and new connections take long: so many go by at most.
    private static final int TRIPS_PER_LOOK = 16;

    /// Each look adds up all lanes: so many messages of each go by at least.
    private static final int LEAST_PER_LANE = 16;

    /// Lanes of several threads are as far apart as cache lines that are fetched in pairs.
    private static final int LANE_SHIFT = 4;

    private final Task task;
    private final boolean countsSent;
    private final int stride;
    private final @Nullable Histogram trips;
    private final LiveCount live;
    private final Consumer<Outcome> report;

    /// Numbers of the next message in each lane.
    private final AtomicLongArray sentOf;
    private final long[] receivedOf;
    private final int laneShift;

    private long received;
    private long nextLook = 1;
    private long sentAtNanos;

    private boolean started;
    private long startNanos;
    private boolean reported;
    private @Nullable Resources begin;
    private long beginCount;
    private long beginNanos;

    /// Makes a meter.
    ///
    /// @param countsSent whether the messages sent are what this side counts, or those received
    Meter(Task task, boolean countsSent, LiveCount live, Consumer<Outcome> report) {
        this.task = task;
        this.countsSent = countsSent;
        this.live = live;
        this.report = report;
        this.laneShift = task.mode().senders() > 1 ? LANE_SHIFT : 0;
        this.sentOf = new AtomicLongArray(task.lanes() << laneShift);
        this.receivedOf = new long[task.lanes()];
        boolean roundTrips = task.mode() == Mode.PING_PONG;
        this.trips = roundTrips ? new Histogram(LONGEST_TRIP_NANOS, 3) : null;
        boolean single = roundTrips || task.mode() == Mode.HANDSHAKES;
        int messages = single ? TRIPS_PER_LOOK : Math.max(1, BYTES_PER_LOOK / task.size());
        this.stride =
                countsSent && task.lanes() > 1
                        ? Math.max(LEAST_PER_LANE, messages / task.lanes())
                        : messages;
    }

    /// Begins a message to be sent on the only channel.
    ///
    /// @return its sequence number
    long next() {
        return next(0);
    }

    /// Begins a message to be sent.
    ///
    /// @param lane the channel or thread, see [Task#lanes()]
    /// @return its sequence number, see [Payload]
    long next(int lane) {
        int index = lane << laneShift;
        long number = sentOf.getPlain(index);
        if (countsSent) {
            if (lane == 0 && number + 1 >= nextLook) {
                nextLook = number + 1 + stride;
                look(allSent());
            }
        } else if (trips != null) {
            sentAtNanos = System.nanoTime();
        }
        sentOf.setOpaque(index, number + 1);
        return Payload.sequence(lane, number);
    }

    /// Takes note of a message that was received.
    void received(long sequence, int length) {
        int lane = Payload.lane(sequence);
        if (sequence != Payload.sequence(lane, receivedOf[lane]) || length != task.size()) {
            throw new IllegalStateException(
                    "message %x of %d bytes where %d of lane %d with %d bytes was expected"
                            .formatted(sequence, length, receivedOf[lane], lane, task.size()));
        }
        receivedOf[lane]++;
        received++;
        if (trips != null && sentAtNanos != 0) {
            // Beyond the range if the sides were stopped on the way, see Turns.
            trips.recordValue(Math.min(System.nanoTime() - sentAtNanos, LONGEST_TRIP_NANOS));
        }
        if (!countsSent && received >= nextLook) {
            nextLook = received + stride;
            look(received);
        }
    }

    private long allSent() {
        long sum = 0;
        for (int lane = 0; lane < task.lanes(); lane++) {
            sum += sentOf.getOpaque(lane << laneShift);
        }
        return sum;
    }

    private void look(long count) {
        live.set(count);
        if (reported) {
            return;
        }
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
            reported = true;
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
