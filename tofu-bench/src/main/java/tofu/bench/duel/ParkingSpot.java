package tofu.bench.duel;

import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Where one thread waits until a condition that other threads make true holds.
///
/// Threads: one waits, any wake. Waking costs a fence when nobody waits.
final class ParkingSpot {
    private volatile @Nullable Thread waiting;

    /// Waits until the condition holds.
    void await(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            waiting = Thread.currentThread(); // volatile: the condition is looked at after this
            if (!condition.getAsBoolean()) {
                LockSupport.park(this);
            }
            waiting = null;
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    /// Wakes the one that waits, after what makes its condition true.
    void wake() {
        VarHandle.fullFence(); // what makes it true comes before the look at who waits
        Thread thread = waiting;
        if (thread != null) {
            waiting = null;
            LockSupport.unpark(thread);
        }
    }
}
