package tofu.engine.loop;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Waits that an interrupt does not cut short; it is kept for the caller. In the time of the real
/// world: for threads, of which a simulation has none.
public final class Uninterruptibly {
    @FunctionalInterface
    private interface Wait {
        void run() throws InterruptedException;
    }

    private Uninterruptibly() {}

    /// Waits until a latch is open. Looks by itself now and then: an Error may keep whoever opens
    /// it from waking those who wait.
    ///
    /// @param latch the latch
    public static void await(CountDownLatch latch) {
        while (!await(latch, Reactor.LOOK_NANOS)) {
            // not yet
        }
    }

    /// Waits for a while at most.
    ///
    /// @param latch the latch
    /// @param nanos how long at most
    /// @return whether the latch is open
    public static boolean await(CountDownLatch latch, long nanos) {
        long start = System.nanoTime();
        run(() -> latch.await(nanos - (System.nanoTime() - start), TimeUnit.NANOSECONDS));
        return latch.getCount() == 0;
    }

    private static void run(Wait wait) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    wait.run();
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
