package tofu.engine.link;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tofu.api.Status;
import tofu.pool.MessageIds;
import tofu.pool.SlotSource;

/// What a loop does while the pool is empty: the read buffer stays with the one connection whose
/// bytes could not be cut into messages, and everybody else's reading waits for it. Nothing is
/// lost, no memory is added, and the loop sleeps.
///
/// Each group is told once per episode, see [EmptyPool].
///
/// Frames that have begun and have memory go on being read, into that memory. So a pool that is
/// full of halves of frames does not stay so.
///
/// Thread: the loop.
final class Starvation {
    private static final SlotSource NOBODY = frameLength -> {};

    private final Workbench bench;
    private final EmptyPool episodes;
    private final List<Connection> parked = new ArrayList<>();
    private @Nullable Connection starving;

    Starvation(Workbench bench, EmptyPool episodes) {
        this.bench = bench;
        this.episodes = episodes;
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
        assert starving == null;
        starving = connection;
        episodes.enter(nowNanos);
        tell(connection.outbox());
        retry(nowNanos);
    }

    /// A connection has something to read, and must wait for the buffer.
    void park(Connection connection) {
        parked.add(connection);
        tell(connection.outbox());
    }

    /// Tries again, after slots came back.
    void retry(long nowNanos) {
        Connection connection = starving;
        if (connection == null) {
            return;
        }
        // Before the try: a slot that comes back after the try is told, one before is found by it.
        bench.shared.pool().awaitRefill();
        if (connection.onRefilled(bench.readBuffer, nowNanos) && starving == connection) {
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

    private void release(long nowNanos) {
        starving = null;
        episodes.leave(nowNanos);
        List<Connection> waiting = new ArrayList<>(parked);
        parked.clear();
        waiting.forEach(connection -> connection.unpark(nowNanos));
    }

    private void tell(Outbox outbox) {
        if (episodes.isNewsFor(outbox.mailbox())) {
            bench.notices.tell(outbox, 0, Status.POOL_EMPTY, MessageIds.next(), NOBODY);
        }
    }
}
