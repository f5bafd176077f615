package tofu.tests.sim;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import tofu.engine.net.Net;

/// Nets of a network in memory that is instant and never fails, where a poll really waits.
///
/// Threads: those of [Net].
public final class SimNets {
    private final SimNetwork network = SimNetwork.instant(new Waiting());

    /// Opens a net that can reach the others.
    ///
    /// @return a net
    public Net open() {
        return network.openNet(Jvm.sound());
    }

    private static final class Waiting implements SimNetwork.Sleeper {
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition woken = lock.newCondition();

        @Override
        public void sleep(SimNet net, long maxWaitNanos) {
            lock.lock();
            try {
                long left = maxWaitNanos;
                while (!net.isWoken() && left > 0) {
                    left = woken.awaitNanos(Math.min(left, TimeUnit.DAYS.toNanos(1)));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void wake(SimNet net) {
            lock.lock();
            try {
                woken.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
