package tofu.engine.net;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Streams whose listener has no room in its backlog: each is dialled again after a pause, which
/// grows as long as nobody gets through.
///
/// The system tells nobody when there is room again. Who gives up, after how long, is the caller's
/// to say, by closing the stream.
///
/// Thread: the poller, except [#add(Waiting)] and [#isEmpty()], which whoever acts as the loop
/// may call.
final class Redials {
    static final long FIRST_PAUSE_NANOS = 1_000_000;
    static final long LONGEST_PAUSE_NANOS = 64_000_000;

    /// Dialled after one pause; the others after the next.
    private static final int MAX_AT_ONCE = 64;

    /// A stream that is to be dialled again.
    @FunctionalInterface
    interface Waiting {
        /// Tells its handler that it can be.
        ///
        /// @param onCall called before the handler, if that is called
        /// @return true if it got through: there was room
        boolean dialAgain(Runnable onCall);
    }

    private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();
    private boolean pausing;
    private long pauseNanos;
    private long dueNanos;

    void add(Waiting stream) {
        waiting.add(stream);
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /// How long a poll may wait, while streams do.
    ///
    /// @return at most `maxWaitNanos`; zero or less if some are due
    long limit(long maxWaitNanos, long nowNanos) {
        if (!pausing) {
            pausing = true;
            pauseNanos = FIRST_PAUSE_NANOS;
            dueNanos = nowNanos + pauseNanos;
        }
        return Math.min(maxWaitNanos, dueNanos - nowNanos);
    }

    /// Tells the handlers of streams, if the pause is over, that these can be dialled again.
    ///
    /// @param onCall called before each handler
    void runDue(long nowNanos, Runnable onCall) {
        if (!pausing || dueNanos - nowNanos > 0) {
            return;
        }
        boolean through = false;
        for (int left = Math.min(waiting.size(), MAX_AT_ONCE); left > 0; left--) {
            Waiting stream = waiting.poll();
            through |= stream != null && stream.dialAgain(onCall);
        }
        pausing = !waiting.isEmpty();
        pauseNanos = through ? FIRST_PAUSE_NANOS : Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
        dueNanos = nowNanos + pauseNanos;
    }
}
