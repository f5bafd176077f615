package tofu.engine.link;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import tofu.api.Status;
import tofu.engine.loop.Reactor;
import tofu.pool.MessageIds;
import tofu.pool.SlotPool;
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

    /// A connection whose bytes wait for memory, or for the read buffer.
    interface Reader {
        /// Where its group's messages are collected.
        Outbox outbox();

        /// Goes on with bytes that could not be cut into messages for want of memory.
        ///
        /// @return false if there is still not enough
        boolean onRefilled(ByteBuffer bytes, long nowNanos);

        /// Reads now, after the loop's buffer was in use.
        void unpark(long nowNanos);
    }

    private final Notices notices;
    private final SlotPool pool;
    private final ByteBuffer readBuffer;
    private final EmptyPool episodes;
    private final Deque<Reader> parked = new ArrayDeque<>();
    private @Nullable Reader starving;
    private boolean serving;

    /// When memory was looked for last.
    private long triedNanos;

    Starvation(Notices notices, SlotPool pool, ByteBuffer readBuffer, EmptyPool episodes) {
        this.notices = notices;
        this.pool = pool;
        this.readBuffer = readBuffer;
        this.episodes = episodes;
    }

    /// Whether the read buffer is in use.
    boolean isActive() {
        return starving != null;
    }

    /// Whether the read buffer holds bytes of this connection.
    boolean isFor(Reader connection) {
        return starving == connection;
    }

    /// A connection has bytes in the read buffer, and no slot for them.
    void begin(Reader connection, long nowNanos) {
        assert starving == null;
        starving = connection;
        episodes.enter(nowNanos);
        tell(connection.outbox());
        retry(nowNanos);
    }

    /// A connection has something to read, and must wait for the buffer.
    void park(Reader connection) {
        parked.add(connection);
        tell(connection.outbox());
    }

    /// Tries again after a while, though no slots came back: it may have been the system that had
    /// no memory, and it tells nobody when there is some.
    void retryIfDue(long nowNanos) {
        if (starving != null && nowNanos - triedNanos >= Reactor.LOOK_NANOS) {
            retry(nowNanos);
        }
    }

    /// Tries again, after slots came back.
    void retry(long nowNanos) {
        Reader connection = starving;
        if (connection == null) {
            return;
        }
        triedNanos = nowNanos;
        // Before the try: a slot that comes back after the try is told, one before is found by it.
        pool.awaitRefill();
        if (connection.onRefilled(readBuffer, nowNanos) && starving == connection) {
            release(nowNanos);
        }
    }

    /// A connection has ended, or needs no memory any more.
    void forget(Reader connection, long nowNanos) {
        parked.remove(connection);
        if (starving == connection) {
            release(nowNanos);
        }
    }

    private void release(long nowNanos) {
        starving = null;
        episodes.leave(nowNanos);
        if (!serving) { // else whoever was just served has found memory at once
            serveParked(nowNanos);
        }
    }

    /// Lets those read who wait, the first one first, until one of them starves: so each has its
    /// turn, however many others want all the memory there is.
    private void serveParked(long nowNanos) {
        serving = true;
        try {
            while (starving == null && !parked.isEmpty()) {
                parked.removeFirst().unpark(nowNanos);
            }
        } finally {
            serving = false;
        }
    }

    private void tell(Outbox outbox) {
        if (episodes.isNewsFor(outbox.mailbox())) {
            notices.tell(outbox, 0, Status.POOL_EMPTY, MessageIds.next(), NOBODY);
        }
    }
}
