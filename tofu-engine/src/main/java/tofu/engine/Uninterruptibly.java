package tofu.engine;

import java.util.concurrent.CountDownLatch;

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

    static void join(Thread thread) {
        run(thread::join);
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
