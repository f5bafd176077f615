package tofu.tests.limits;

import java.lang.management.LockInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.MonitorInfo;
import java.lang.management.ThreadInfo;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import tofu.tests.rigs.Running;

/// Waits for an end as long as anything goes on; when nothing does it says where all threads are.
///
/// Threads: any may tell of progress, one waits.
final class Watchdog {
    /// Longer than every deadline of a [Setting], and much longer than any pause of a machine.
    private static final long PATIENCE_NANOS = Duration.ofSeconds(20).toNanos();

    private static final long LOOK_NANOS = 1_000_000;

    private final LongAdder progress = new LongAdder();

    /// Something went on.
    void pat() {
        progress.increment();
    }

    /// Waits until some threads have ended.
    void await(String what, Collection<? extends Running<?>> all) {
        await(what, () -> all.stream().allMatch(Watchdog::hasPassed));
    }

    private static boolean hasPassed(Running<?> one) {
        if (one.isDone()) {
            one.result();
            return true;
        }
        return false;
    }

    /// Waits until something is so.
    void await(String what, BooleanSupplier condition) {
        if (!awaitWithin(PATIENCE_NANOS, condition)) {
            throw new AssertionError(
                    what + ": nothing went on for " + PATIENCE_NANOS + " ns" + dump());
        }
    }

    /// Waits until something is so, or nothing goes on.
    ///
    /// @param quietNanos how long nothing has to go on
    /// @return whether it is so
    boolean awaitWithin(long quietNanos, BooleanSupplier condition) {
        long seen = progress.sum();
        long since = System.nanoTime();
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(LOOK_NANOS);
            long now = System.nanoTime();
            if (progress.sum() != seen) {
                seen = progress.sum();
                since = now;
            } else if (now - since > quietNanos) {
                return false;
            }
        }
        return true;
    }

    /// Where all threads are, with the locks that they hold and wait for.
    private static String dump() {
        StringBuilder text = new StringBuilder();
        for (ThreadInfo thread : ManagementFactory.getThreadMXBean().dumpAllThreads(true, true)) {
            text.append("\n\n\"").append(thread.getThreadName()).append("\" ");
            text.append(thread.getThreadState());
            if (thread.getLockName() != null) {
                text.append(" on ").append(thread.getLockName());
                text.append(", owned by ").append(thread.getLockOwnerName());
            }
            StackTraceElement[] frames = thread.getStackTrace();
            for (int depth = 0; depth < frames.length; depth++) {
                text.append("\n    at ").append(frames[depth]);
                for (MonitorInfo monitor : thread.getLockedMonitors()) {
                    if (monitor.getLockedStackDepth() == depth) {
                        text.append("\n    locked ").append(monitor);
                    }
                }
            }
            for (LockInfo lock : thread.getLockedSynchronizers()) {
                text.append("\n    holds ").append(lock);
            }
        }
        return text.toString();
    }
}
