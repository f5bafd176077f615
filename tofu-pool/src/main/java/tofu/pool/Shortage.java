package tofu.pool;

import java.lang.System.Logger;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// The system has less memory than a pool's bound promises: one line in the log each time that this
/// begins.
///
/// Whoever finds out may be a loop, or hold something, and the log's handlers are foreign code: so
/// it is noted by one and said by another.
///
/// Threads: any. What was refused is published by the reference, to one who says it.
final class Shortage {
    private static final Logger LOG = System.getLogger("tofu.leak");

    /// The system has refused memory, and has not given any since.
    private final AtomicBoolean refused = new AtomicBoolean();

    private final AtomicReference<@Nullable OutOfMemoryError> unsaid = new AtomicReference<>();

    void begin(OutOfMemoryError e) {
        if (refused.compareAndSet(false, true)) {
            unsaid.set(e);
        }
    }

    /// The system has given memory.
    void end() {
        refused.set(false);
    }

    /// Says what has not been said, on a thread that is no loop's and holds nothing.
    void say() {
        OutOfMemoryError e = unsaid.getAndSet(null);
        if (e != null) {
            LOG.log(Logger.Level.WARNING, "the system has no memory for another slab", e);
        }
    }
}
