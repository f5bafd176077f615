package tofu.engine;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Says something in the log when an episode begins, but not more often than every ten seconds:
/// where all the messages are when the pool has run empty, as whoever has leaked them would see
/// nothing else happen; and who was refused.
///
/// Threads: any may begin; the report has one of its own, as handlers of the log are foreign code.
final class PacedReport implements Runnable {
    private static final long LEAST_NANOS = 10_000_000_000L;

    private final Runnable report;
    private final Environment environment;

    /// Episodes that began since the thread of the report is there; 0 if there is none.
    private final AtomicInteger begun = new AtomicInteger();

    /// The thread of the report, while there is one.
    private volatile @Nullable Thread reporter;

    private volatile boolean closed;

    PacedReport(Runnable report, Environment environment) {
        this.report = report;
        this.environment = environment;
    }

    /// An episode begins.
    void begin() {
        if (begun.getAndIncrement() == 0 && !environment.inBackground(this)) {
            begun.set(0);
        }
    }

    @Override
    public void run() {
        int reported = 0;
        reporter = Thread.currentThread();
        while (!closed && !begun.compareAndSet(reported, 0)) {
            reported = begun.get();
            try {
                report.run();
            } catch (RuntimeException | Error failedLog) {
                // What a handler throws is its own affair. The next report comes in its time.
            }
            pause();
        }
    }

    /// Ends the thread of the report, unless the log keeps it.
    void close() {
        closed = true;
        LockSupport.unpark(reporter);
    }

    private void pause() {
        long start = environment.nanoTime();
        long left = LEAST_NANOS;
        while (left > 0 && !closed) {
            environment.park(this, left);
            Thread.interrupted(); // a handler's; left standing, it would end every wait at once
            left = LEAST_NANOS - (environment.nanoTime() - start);
        }
    }
}
