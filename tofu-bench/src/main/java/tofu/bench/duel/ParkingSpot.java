package tofu.bench.duel;

import java.lang.invoke.VarHandle;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Where threads wait until a condition that other threads make true holds.
///
/// Threads: any. Waking costs a fence when nobody waits.
final class ParkingSpot {
    private static final long MOMENT_NANOS = TimeUnit.MILLISECONDS.toNanos(End.MOMENT_MILLIS);

    private final Queue<Thread> waiting = new ConcurrentLinkedQueue<>();

    /// Waits until the condition holds.
    ///
    /// @return false if it did not hold for a moment
    boolean await(BooleanSupplier condition) throws InterruptedException {
        long start = System.nanoTime();
        Thread thread = Thread.currentThread();
        while (!condition.getAsBoolean()) {
            waiting.add(thread); // volatile: the condition is looked at after this
            long passed = System.nanoTime() - start;
            if (!condition.getAsBoolean() && passed < MOMENT_NANOS) {
                LockSupport.parkNanos(this, MOMENT_NANOS - passed);
            }
            waiting.remove(thread);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (passed >= MOMENT_NANOS) {
                return condition.getAsBoolean();
            }
        }
        return true;
    }

    /// Wakes all that wait, after what makes their condition true.
    void wake() {
        VarHandle.fullFence(); // what makes it true comes before the look at who waits
        Thread thread = waiting.poll();
        while (thread != null) {
            LockSupport.unpark(thread);
            thread = waiting.poll();
        }
    }
}
