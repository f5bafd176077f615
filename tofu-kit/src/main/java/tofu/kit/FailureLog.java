package tofu.kit;

import java.lang.System.Logger;
import java.time.Duration;
import java.util.function.LongSupplier;

/// Says failures in the log, at most one in [#LEAST], as a peer may be able to bring about as many
/// as it likes; the next one says how many were left out.
///
/// Threads: the loop's.
final class FailureLog implements FailureHandler {
    static final Duration LEAST = Duration.ofSeconds(1);

    private final Logger log;
    private final LongSupplier clock;
    private long lastNanos;
    private boolean hasSaid;
    private long leftOut;

    /// @param log where they are said
    /// @param clock nanoseconds from any origin
    FailureLog(Logger log, LongSupplier clock) {
        this.log = log;
        this.clock = clock;
    }

    @Override
    public void onFailure(Throwable failure, int channel) {
        long now = clock.getAsLong();
        if (hasSaid && now - lastNanos < LEAST.toNanos()) {
            leftOut++;
            return;
        }
        hasSaid = true;
        lastNanos = now;
        String what =
                channel == 0
                        ? "a timer or a task has failed"
                        : "the handler of a message of channel " + channel + " has failed";
        String more =
                leftOut == 0 ? "" : "; failures before it that are not in the log: " + leftOut;
        leftOut = 0;
        try {
            log.log(Logger.Level.WARNING, what + more, failure);
        } catch (RuntimeException failedLog) {
            leftOut++; // what a handler of the log throws is its own affair
        }
    }
}
