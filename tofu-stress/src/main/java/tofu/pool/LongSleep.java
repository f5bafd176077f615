package tofu.pool;

import java.util.concurrent.TimeUnit;

/// A sleep that somebody must end: one that lasts until its own limit is a lost wake-up.
///
/// Threads: any.
public final class LongSleep {
    /// How long to sleep at most.
    public static final long NANOS = TimeUnit.SECONDS.toNanos(30);

    private LongSleep() {}

    /// Sleeps.
    ///
    /// @param sleep what sleeps for [#NANOS] unless it is woken
    /// @return false if nobody woke it
    public static boolean isCutShort(Runnable sleep) {
        long start = System.nanoTime();
        sleep.run();
        return System.nanoTime() - start < NANOS;
    }
}
