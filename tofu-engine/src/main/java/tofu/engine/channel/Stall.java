package tofu.engine.channel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// How often, and for how long, one cause has kept the messages of a channel waiting.
///
/// The time is one number, so that whoever reads sees no stall twice: twice the sum of the times
/// at the ends, less that of the times at the beginnings; one more while a stall goes on. The
/// numbers are fields, as each channel has several of these.
///
/// Threads: one writes, or several one after the other; any reads.
public final class Stall {
    private static final VarHandle COUNT;
    private static final VarHandle BALANCE;

    static {
        try {
            MethodHandles.Lookup own = MethodHandles.lookup();
            COUNT = own.findVarHandle(Stall.class, "count", long.class);
            BALANCE = own.findVarHandle(Stall.class, "balance", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long count;
    private long balance;

    /// Times count from the first beginning on: they may wrap around.
    private long firstNanos;

    /// None yet.
    public Stall() {}

    /// Whether a stall goes on. The writer.
    ///
    /// @return true from a beginning to its end
    public boolean isOn() {
        return (balance & 1) != 0;
    }

    /// Begins a stall, or ends it. The writer.
    ///
    /// @param on whether there is one from now on; not as it is already
    /// @param nowNanos the time
    public void turn(boolean on, long nowNanos) {
        if (on) {
            if (count == 0) {
                firstNanos = nowNanos;
            }
            COUNT.setOpaque(this, count + 1);
            // Pairs with getAcquire in addTo: whoever sees a stall sees when the first one began.
            BALANCE.setRelease(this, balance - 2 * (nowNanos - firstNanos) + 1);
        } else {
            BALANCE.setRelease(this, balance + 2 * (nowNanos - firstNanos) - 1);
        }
    }

    /// Adds it to a sum, with the time of a stall that goes on. Any thread.
    ///
    /// @param sum what is added to
    /// @param times the figure for how often
    /// @param nanos the figure for how long
    /// @param nowNanos the time
    public void addTo(Tally sum, Tally.Figure times, Tally.Figure nanos, long nowNanos) {
        long seen = (long) BALANCE.getAcquire(this);
        long half = seen >> 1;
        long time = (seen & 1) == 0 ? half : half + nowNanos - firstNanos;
        sum.add(times, (long) COUNT.getOpaque(this));
        sum.add(nanos, Math.max(time, 0));
    }
}
