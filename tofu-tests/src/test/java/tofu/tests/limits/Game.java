package tofu.tests.limits;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// What all threads of a round share.
///
/// Threads: any.
final class Game {
    final Setting setting;
    final Watchdog watchdog = new Watchdog();

    /// All connections that were begun, by the ids of their hellos.
    final Map<Long, Line> lines = new ConcurrentHashMap<>();

    /// How many messages came from a peer.
    final AtomicLong arrivals = new AtomicLong();

    private final AtomicLong lineIds = new AtomicLong();
    private final AtomicInteger senders = new AtomicInteger();

    /// Nothing new is to be begun.
    private volatile boolean over;

    Game(Setting setting) {
        this.setting = setting;
    }

    boolean isOver() {
        return over;
    }

    void end() {
        over = true;
    }

    Line newLine() {
        Line line = new Line(lineIds.incrementAndGet());
        lines.put(line.id, line);
        return line;
    }

    Line line(long id) {
        Line line = lines.get(id);
        if (line == null) {
            throw new AssertionError("nobody said hello with the id " + id);
        }
        return line;
    }

    int newSender() {
        return senders.incrementAndGet();
    }
}
