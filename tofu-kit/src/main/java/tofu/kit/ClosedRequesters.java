package tofu.kit;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;

/// Takes what comes for the requesters of a dispatcher that were closed: one filter for all, so
/// that whoever makes and closes many collects none. It knows their ids, and nothing of their
/// requests.
///
/// Threads: any adds, the loop takes.
final class ClosedRequesters implements Filter {
    /// How many are known at a time; then the one that was closed first is forgotten.
    static final int MOST = 1_024;

    /// The ids that a requester has given, see [#has], and where it counts late answers.
    private record Ids(long first, long count, AtomicLong late) {
        boolean has(long id) {
            return Requester.isAmong(id, first, count);
        }
    }

    private final Routes routes;

    /// By the first id; guarded by this, as is the rest.
    private final TreeMap<Long, Ids> known = new TreeMap<>(Long::compareUnsigned);

    /// Their first ids, in the order in which they were closed.
    private final Queue<Long> order = new ArrayDeque<>();

    /// Whether this is a filter: from the first one on.
    private boolean filters;

    ClosedRequesters(Routes routes) {
        this.routes = routes;
    }

    /// Adds a requester that gives no more ids.
    ///
    /// @param late counts the answers that come
    synchronized void add(long firstId, long count, AtomicLong late) {
        if (!filters) {
            routes.add(this);
            filters = true;
        }
        if (order.size() >= MOST) {
            known.remove(order.remove());
        }
        known.put(firstId, new Ids(firstId, count, late));
        order.add(firstId);
    }

    @Override
    public boolean take(Message message) {
        boolean answers = message.origin() == Origin.APPLICATION;
        // Else what the engine gives back: nobody waits for it any more.
        OpCode wanted = answers ? OpCode.RESPONSE : OpCode.REQUEST;
        if (message.opCode() != wanted || message.endsChannel()) {
            return false;
        }
        Ids ids = find(message.id());
        if (ids == null) {
            return false;
        }
        if (answers) {
            ids.late().incrementAndGet();
        }
        return true;
    }

    private synchronized @Nullable Ids find(long id) {
        Map.Entry<Long, Ids> below = known.floorEntry(id);
        if (below == null) {
            below = known.lastEntry(); // ids go on behind the greatest number with the least
        }
        return below != null && below.getValue().has(id) ? below.getValue() : null;
    }
}
