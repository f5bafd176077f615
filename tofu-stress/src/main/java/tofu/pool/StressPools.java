package tofu.pool;

import java.util.Objects;
import java.util.logging.Level;
import java.util.logging.Logger;
import tofu.api.AllocationStrategy;
import tofu.api.LeakDetection;

/// Pools for stress tests.
///
/// Threads: any.
public final class StressPools {
    private static final long CAP = 1L << 30;

    /// Held, as the log manager would forget it. Silent: pools are closed while messages are out.
    private static final Logger LEAKS = Logger.getLogger("tofu.leak");

    static {
        LEAKS.setLevel(Level.OFF);
    }

    private StressPools() {}

    /// A pool that is never empty.
    ///
    /// @return the pool, which nobody closes
    public static SlotPool large() {
        return new SlotPool(0, 1 << 20, CAP, LeakDetection.OFF);
    }

    /// Memory of logs that is never used up.
    ///
    /// @return the pool, which nobody closes
    public static SlotPool logs() {
        return SlotPool.ofLogs(CAP);
    }

    /// A pool with few messages and little memory.
    static SlotPool small(int maxMessages, long maxBytes) {
        return new SlotPool(0, maxMessages, maxBytes, LeakDetection.OFF);
    }

    /// Gets a message that must be there.
    ///
    /// @param pool a pool that is not at its cap
    /// @return the message
    public static SlabMessage get(SlotPool pool) {
        return Objects.requireNonNull(pool.get(AllocationStrategy.ALWAYS));
    }
}
