package tofu.engine.loop;

/// Whether messages come one upon the other: then they are better gathered by the loop than written
/// one at a time.
///
/// Thread: whoever acts as the loop, but where it says any.
final class Bursts {
    /// A message that comes this soon after others were written is most likely one of many.
    private static final long BURST_NANOS = 10_000;

    /// Senders who have sent so recently what had gathered most likely go on so.
    private static final long FED_NANOS = 200_000;

    private final Clock clock;

    private boolean written;

    /// When messages were written last. Plain: the keeper, who looks at it without the lock, may be
    /// wrong.
    private long writtenNanos;

    /// When a sender has sent what had gathered.
    private volatile long fedNanos;

    Bursts(Clock clock) {
        this.clock = clock;
        long now = clock.nanoTime();
        this.writtenNanos = now - BURST_NANOS;
        this.fedNanos = now - FED_NANOS;
    }

    /// Messages were written in this turn.
    void onWritten() {
        written = true;
    }

    /// Writing is over for now: looks at the clock, if anything was written.
    void noteWritten() {
        if (written) {
            written = false;
            writtenNanos = clock.nanoTime();
        }
    }

    /// Whether a message that comes now is most likely one of many.
    boolean isBurst(long nowNanos) {
        return nowNanos - writtenNanos < BURST_NANOS;
    }

    /// Any thread: a sender has sent what had gathered.
    void onFed() {
        fedNanos = clock.nanoTime();
    }

    /// Keeper: whether senders do most of the loop's work themselves.
    boolean isFedBySenders() {
        return clock.nanoTime() - fedNanos < FED_NANOS;
    }

    /// Keeper: whether messages come one upon the other.
    boolean isBursting() {
        return clock.nanoTime() - writtenNanos < 5 * BURST_NANOS;
    }
}
