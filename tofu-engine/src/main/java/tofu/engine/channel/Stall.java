package tofu.engine.channel;

import java.util.concurrent.atomic.AtomicLong;

/// How often, and for how long, one cause has kept the messages of a channel waiting.
///
/// The time is one number, so that whoever reads sees no stall twice: twice the sum of the times
/// at the ends, less that of the times at the beginnings; one more while a stall goes on.
///
/// Threads: one writes, or several one after the other; any reads.
public final class Stall {
    private final AtomicLong count = new AtomicLong();
    private final AtomicLong balance = new AtomicLong();

    /// Times count from the first beginning on: they may wrap around.
    private long firstNanos;

    /// None yet.
    public Stall() {}

    /// Whether a stall goes on. The writer.
    ///
    /// @return true from a beginning to its end
    public boolean isOn() {
        return (balance.getPlain() & 1) != 0;
    }

    /// Begins a stall, or ends it. The writer.
    ///
    /// @param on whether there is one from now on; not as it is already
    /// @param nowNanos the time
    public void turn(boolean on, long nowNanos) {
        if (on) {
            if (count.getPlain() == 0) {
                firstNanos = nowNanos;
            }
            count.setOpaque(count.getPlain() + 1);
            // Pairs with getAcquire in addTo: whoever sees a stall sees when the first one began.
            balance.setRelease(balance.getPlain() - 2 * (nowNanos - firstNanos) + 1);
        } else {
            balance.setRelease(balance.getPlain() + 2 * (nowNanos - firstNanos) - 1);
        }
    }

    /// Adds it to a sum, with the time of a stall that goes on. Any thread.
    ///
    /// @param sum what is added to
    /// @param times the figure for how often
    /// @param nanos the figure for how long
    /// @param nowNanos the time
    public void addTo(Tally sum, Tally.Figure times, Tally.Figure nanos, long nowNanos) {
        long seen = balance.getAcquire();
        long half = seen >> 1;
        long time = (seen & 1) == 0 ? half : half + nowNanos - firstNanos;
        sum.add(times, count.getOpaque());
        sum.add(nanos, Math.max(time, 0));
    }
}
