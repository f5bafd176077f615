package tofu.engine;

import java.util.concurrent.atomic.AtomicInteger;

/// Says in the log where all the messages are when the pool has run empty, as whoever has leaked
/// them would see nothing else happen: once per episode, but not more often than every ten seconds.
///
/// Threads: any may begin; the report has one of its own, as handlers of the log are foreign code.
final class StallReport implements Runnable {
    private static final long LEAST_NANOS = 10_000_000_000L;

    private final Runnable report;
    private final Environment environment;

    /// Episodes that began since the thread of the report is there; 0 if there is none.
    private final AtomicInteger begun = new AtomicInteger();

    StallReport(Runnable report, Environment environment) {
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
        try {
            while (!begun.compareAndSet(reported, 0)) {
                reported = begun.get();
                report.run();
                pause();
            }
        } catch (RuntimeException failedLog) {
            begun.set(0); // what a handler throws is its own affair; the next episode tries again
        }
    }

    private void pause() {
        long start = environment.nanoTime();
        long left = LEAST_NANOS;
        while (left > 0) {
            environment.park(this, left);
            left = LEAST_NANOS - (environment.nanoTime() - start);
        }
    }
}
