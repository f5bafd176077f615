package tofu.engine.loop;

/// Decides whether whoever drives a loop looks for events again and again for a while before it
/// sleeps. To wake a thread takes both sides longer than most peers take to answer; but where the
/// peer needs this very processor, or has nothing to say for long, such looks are in vain.
///
/// So it tries, goes on as long as two looks of three find something, and otherwise tries again
/// after more and more waits.
///
/// Thread: the one that drives the loop.
final class Spin {
    private static final int MOST_CREDIT = 8;
    private static final int COST = 2;
    private static final int LEAST_PAUSE = 16;
    private static final int MOST_PAUSE = 1_024;

    private final long nanos;

    /// While there is some, each wait begins with a look.
    private int credit = MOST_CREDIT;

    /// Waits without a look before the next trial.
    private int pause = LEAST_PAUSE;

    private int left;

    /// @param nanos how long to look, 0 never
    Spin(long nanos) {
        this.nanos = nanos;
    }

    /// How long to look before the wait that begins.
    ///
    /// @return nanoseconds, 0 for not at all
    long begin() {
        if (credit > 0) {
            return nanos;
        }
        if (left > 0) {
            left--;
            return 0;
        }
        return nanos;
    }

    /// Learns from a look. One that was broken off, as there was something else to do, tells
    /// nothing.
    ///
    /// @param found whether it has found an event
    void ended(boolean found) {
        if (found) {
            credit = Math.min(credit + 1, MOST_CREDIT);
            pause = LEAST_PAUSE;
        } else if (credit > 0) {
            credit = Math.max(credit - COST, 0);
            left = pause;
        } else {
            pause = Math.min(2 * pause, MOST_PAUSE);
            left = pause;
        }
    }
}
