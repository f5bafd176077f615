package tofu.engine.channel;

/// How often, and for how long, one cause has kept the messages of a channel waiting.
///
/// The time is one number, so that whoever reads sees no stall twice: twice the sum of the times
/// at the ends, less that of the times at the beginnings; one more while a stall goes on. The
/// numbers are fields, as each channel has several of these.
///
/// Threads: one writes, or several one after the other; any reads.
public final class Stall {
    private volatile long count;
    private volatile long balance;

    /// Times count from the first beginning on: they may wrap around.
    private long firstNanos;

    /// When the one that goes on began; the writer's.
    private long beganNanos;

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
    /// @param nowNanos the time; an end that is before the beginning is at the beginning
    public void turn(boolean on, long nowNanos) {
        long times = count;
        if (on && times == 0) {
            firstNanos = nowNanos;
        }
        long atNanos = nowNanos;
        if (on) {
            beganNanos = nowNanos;
        } else if (nowNanos - beganNanos < 0) {
            // A sender looks at the clock when he is refused, the loop once a turn: it may end in
            // a turn what has begun in the midst of it.
            atNanos = beganNanos;
        }
        long atAnEnd = 2 * (atNanos - firstNanos) - 1;
        long next = balance + (on ? -atAnEnd : atAnEnd);
        if (on) {
            count = times + 1;
        }
        balance = next; // last: whoever sees a stall sees when the first one began
    }

    /// Adds it to a sum, with the time of a stall that goes on. Any thread.
    ///
    /// @param sum what is added to
    /// @param times the figure for how often
    /// @param nanos the figure for how long
    /// @param nowNanos the time
    public void addTo(Tally sum, Tally.Figure times, Tally.Figure nanos, long nowNanos) {
        long seen = balance;
        long half = seen >> 1;
        long time = (seen & 1) == 0 ? half : half + nowNanos - firstNanos;
        sum.add(times, count);
        sum.add(nanos, Math.max(time, 0));
    }
}
