package tofu.engine;

import java.util.LinkedHashSet;
import java.util.Set;

/// Connections that were accepted and have not said hello, bounded: one more makes the oldest give
/// way, so that silent peers cannot keep others out.
///
/// Thread: the loop.
final class Handshakes {
    private final int max;
    private final Set<Connection> pending = new LinkedHashSet<>();

    Handshakes(int max) {
        this.max = max;
    }

    /// Adds a new connection; the oldest one goes if there are too many.
    void add(Connection connection, long nowNanos) {
        pending.add(connection);
        if (pending.size() > max) {
            pending.iterator().next().evict(nowNanos);
        }
    }

    void remove(Connection connection) {
        pending.remove(connection);
    }
}
