package tofu.bench.duel;

import java.util.concurrent.locks.LockSupport;

/// Lets time go by that is itself what is wanted: a window in which others run.
final class Pause {
    private Pause() {}

    static void of(long nanos) throws InterruptedException {
        long start = System.nanoTime();
        long left = nanos;
        while (left > 0) {
            LockSupport.parkNanos(left);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            left = nanos - (System.nanoTime() - start);
        }
    }
}
