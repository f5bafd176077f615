package tofu.engine.link;

import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tofu.engine.loop.Reactor;

/// Connections of an engine that were accepted and have not said hello, bounded: one more makes the
/// oldest give way, whichever loop it lives on, so that silent peers cannot keep others out.
///
/// Threads: the loops.
public final class Handshakes {
    /// A connection that has not said hello.
    interface Newcomer {
        /// Ends, unless it has said hello by now.
        ///
        /// @param caller the loop that the calling thread acts as, which may be another
        void giveWay(Reactor caller);
    }

    private final int max;

    /// Held for a moment, once or twice in a connection's life.
    private final ReentrantLock lock = new ReentrantLock();

    /// By arrival.
    private final TreeMap<Long, Newcomer> pending = new TreeMap<>();

    private final AtomicLong arrivals = new AtomicLong();

    /// None yet.
    ///
    /// @param max how many at most
    public Handshakes(int max) {
        this.max = max;
    }

    /// Numbers a connection when it is accepted: loops may add those they get in any order.
    long arrive() {
        return arrivals.getAndIncrement();
    }

    /// Adds a new connection.
    ///
    /// @return the oldest one if there are too many: it has to go, and does not count any more
    @Nullable Newcomer add(long arrival, Newcomer connection) {
        lock.lock();
        try {
            pending.put(arrival, connection);
            return pending.size() > max ? pending.pollFirstEntry().getValue() : null;
        } finally {
            lock.unlock();
        }
    }

    void remove(long arrival) {
        lock.lock();
        try {
            pending.remove(arrival);
        } finally {
            lock.unlock();
        }
    }
}
