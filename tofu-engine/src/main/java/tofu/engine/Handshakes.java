package tofu.engine;

import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Connections of an engine that were accepted and have not said hello, bounded: one more makes the
/// oldest give way, whichever loop it lives on, so that silent peers cannot keep others out.
///
/// Threads: the loops.
final class Handshakes {
    private final int max;

    /// Held for a moment, once or twice in a connection's life.
    private final ReentrantLock lock = new ReentrantLock();

    private final SequencedSet<Connection> pending = new LinkedHashSet<>();

    Handshakes(int max) {
        this.max = max;
    }

    /// Adds a new connection.
    ///
    /// @return the oldest one if there are too many: it has to go, and does not count any more
    @Nullable Connection add(Connection connection) {
        lock.lock();
        try {
            pending.add(connection);
            return pending.size() > max ? pending.removeFirst() : null;
        } finally {
            lock.unlock();
        }
    }

    void remove(Connection connection) {
        lock.lock();
        try {
            pending.remove(connection);
        } finally {
            lock.unlock();
        }
    }
}
