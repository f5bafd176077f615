package tofu.cli.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/// Counts what comes, in time: first the warm-up, which does not count, then what does.
///
/// Threads: one.
final class Meter {
    private static final int SAMPLES = 60;
    private static final int DIGITS = 3;
    private static final long LEAST_STEP_NANOS = 50_000_000;

    /// A [Load] waits for a step at most before it looks at anything else.
    private static final long MOST_STEP_NANOS = 1_000_000_000;

    private final Histogram times = new Histogram(DIGITS);
    private final List<Result.Sample> samples = new ArrayList<>();
    private final long stepNanos;
    private final long warmNanos;
    private final long endNanos;
    private boolean warm;
    private long total;
    private long startNanos;
    private long startTotal;
    private long lastNanos;
    private long stepTotal;
    private long stepStartNanos;

    /// Begins now.
    Meter(Duration warmUp, Duration duration) {
        long nowNanos = System.nanoTime();
        warmNanos = nowNanos + warmUp.toNanos();
        endNanos = warmNanos + duration.toNanos();
        stepNanos = Math.clamp(duration.toNanos() / SAMPLES, LEAST_STEP_NANOS, MOST_STEP_NANOS);
        startNanos = nowNanos;
        stepStartNanos = nowNanos;
        lastNanos = nowNanos;
    }

    /// Whether the time is over.
    boolean isOver(long nowNanos) {
        return nowNanos - endNanos >= 0;
    }

    /// When something is to be looked at next.
    long nanosToStep(long nowNanos) {
        return Math.max(0, stepStartNanos + stepNanos - nowNanos);
    }

    /// One response has come. If the time is over it is no message more, but its round trip, which
    /// may be the slowest of all, counts; and so does the time until the end without it.
    void answered(long nowNanos, long roundTripNanos) {
        if (!warm && nowNanos - warmNanos >= 0) {
            begin(warmNanos);
        }
        if (warm) {
            times.recordValue(Math.max(0, roundTripNanos));
        }
        if (isOver(nowNanos)) {
            lastNanos = endNanos;
        } else {
            total++;
            lastNanos = nowNanos;
        }
    }

    /// So many messages have been received by now. What came with the first of them since the
    /// warm-up may be older than its end.
    void received(long nowNanos, long newTotal) {
        total = newTotal;
        lastNanos = nowNanos;
        if (!warm && nowNanos - warmNanos >= 0) {
            begin(nowNanos);
        }
    }

    private void begin(long nanos) {
        warm = true;
        startNanos = nanos;
        startTotal = total;
        stepStartNanos = nanos;
        stepTotal = total;
    }

    /// Looks at the clock.
    ///
    /// @return true if a step of time is over
    boolean step(long nowNanos) {
        if (nanosToStep(nowNanos) > 0) {
            return false;
        }
        double seconds = (nowNanos - stepStartNanos) / 1e9;
        if (warm) {
            samples.add(
                    new Result.Sample(
                            (nowNanos - startNanos) / 1e9, (total - stepTotal) / seconds));
        }
        stepStartNanos = nowNanos;
        stepTotal = total;
        return true;
    }

    /// What is known so far.
    Result result(Cell cell) {
        double seconds = (lastNanos - startNanos) / 1e9;
        return new Result(cell, seconds, total - startTotal, times, List.copyOf(samples));
    }
}
