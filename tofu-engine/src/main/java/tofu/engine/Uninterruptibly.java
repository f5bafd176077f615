package tofu.engine;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Waits that an interrupt does not cut short; it is kept for the caller.
final class Uninterruptibly {
    @FunctionalInterface
    private interface Wait {
        void run() throws InterruptedException;
    }

    private Uninterruptibly() {}

    static void await(CountDownLatch latch) {
        run(latch::await);
    }

    /// Waits for a while at most.
    ///
    /// @return whether the latch is open
    static boolean await(CountDownLatch latch, long nanos) {
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
