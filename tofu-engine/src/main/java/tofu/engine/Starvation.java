package tofu.engine;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tofu.api.Status;
import tofu.engine.channel.Deadline;
import tofu.pool.SlotSource;

/// What a loop does while the pool is empty: the read buffer stays with the one connection whose
/// bytes could not be cut into messages, and everybody else's reading waits for it. Nothing is
/// lost, no memory is added, and the loop sleeps.
///
/// Each group is told once per episode. An episode ends when a quarter of the messages is free
/// again, or, when it was memory that ran out, after a second of calm: a pool which swings around
/// empty is one piece of news, not thousands.
///
/// Frames that have begun and have memory go on being read, into that memory. So a pool that is
/// full of halves of frames does not stay so.
///
/// Thread: the loop.
final class Starvation {
    private static final long CALM_NANOS = 1_000_000_000;
    private static final SlotSource NOBODY = frameLength -> {};

    private final Reactor loop;
    private final int recoveredBelow;
    private final Set<EngineGroup> told = new HashSet<>();
    private final List<Connection> parked = new ArrayList<>();
    private @Nullable Connection starving;

    /// No episode ends before this, when it is memory that runs out and not the number of messages.
    private long calmNanos = Deadline.NONE;

    Starvation(Reactor loop, int maxPoolMessages) {
        this.loop = loop;
        this.recoveredBelow = maxPoolMessages - maxPoolMessages / 4;
    }

    /// Whether the read buffer is in use.
    boolean isActive() {
        return starving != null;
    }

    /// Whether the read buffer holds bytes of this connection.
    boolean isFor(Connection connection) {
        return starving == connection;
    }

    /// A connection has bytes in the read buffer, and no slot for them.
    void begin(Connection connection, long nowNanos) {
        starving = connection;
        if (loop.pool().messagesOut() < recoveredBelow) {
            calmNanos = Deadline.after(nowNanos, CALM_NANOS);
        }
        tell(connection.group());
        retry(nowNanos);
    }

    /// A connection has something to read, and must wait for the buffer.
    void park(Connection connection) {
        parked.add(connection);
        tell(connection.group());
    }

    /// Tries again, after slots came back.
    void retry(long nowNanos) {
        Connection connection = starving;
        if (connection == null) {
            return;
        }
        // Before the try: a slot that comes back after the try is told, one before is found by it.
        loop.pool().awaitRefill();
        if (connection.onRefilled(loop.readBuffer(), nowNanos) && starving == connection) {
            release(nowNanos);
        }
    }

    /// A connection has ended, or needs no memory any more.
    void forget(Connection connection, long nowNanos) {
        parked.remove(connection);
        if (starving == connection) {
            release(nowNanos);
        }
    }

    /// Ends the episode once the pool has recovered.
    void check(long nowNanos) {
        if (Deadline.isDue(calmNanos, nowNanos)) {
            calmNanos = Deadline.NONE;
        }
        if (!told.isEmpty()
                && starving == null
                && calmNanos == Deadline.NONE
                && loop.pool().messagesOut() < recoveredBelow) {
            told.clear();
        }
    }

    private void release(long nowNanos) {
        starving = null;
        List<Connection> waiting = new ArrayList<>(parked);
        parked.clear();
        waiting.forEach(connection -> connection.unpark(nowNanos));
    }

    private void tell(EngineGroup group) {
        if (told.add(group)) {
            loop.notices().tell(group, 0, Status.POOL_EMPTY, EngineGroup.nextId(), NOBODY);
        }
    }
}
