package tofu.engine.link;

import tofu.engine.channel.Channel;
import tofu.engine.channel.Stall;
import tofu.engine.channel.Tally;
import tofu.engine.channel.Tally.Figure;

/// What is counted of one channel, until it is added to the [Totals] of those that have ended.
///
/// Threads: the loop tells what keeps the channel waiting; the rest any.
public final class Account implements Totals.Part {
    static final int WINDOW_CLOSED = 1;
    static final int POOL_EMPTY = 2;
    static final int WRITE_BLOCKED = 4;

    private final Totals totals;
    private final Channel channel;
    private final long serial;
    private final Stall windowClosed = new Stall();
    private final Stall poolEmpty = new Stall();
    private final Stall writeBlocked = new Stall();

    /// What keeps it waiting now.
    private int causes;

    /// The number of its addition, 0 before that.
    private volatile long addition;

    /// That of a channel which begins.
    ///
    /// @param totals of its group
    /// @param channel what counts the messages
    Account(Totals totals, Channel channel) {
        this.totals = totals;
        this.channel = channel;
        this.serial = totals.nextChannel();
    }

    /// Tells all channels of an engine apart.
    ///
    /// @return no other's
    public long serial() {
        return serial;
    }

    /// The channel's group.
    ///
    /// @return its totals
    public Totals totals() {
        return totals;
    }

    // ---- the loop

    /// What keeps the channel waiting from now on. Called often, and small.
    ///
    /// @param now a sum of the constants above
    void waitsFor(int now, long nowNanos) {
        if (now != causes) {
            change(now ^ causes, now, nowNanos);
            causes = now;
        }
    }

    private void change(int changed, int now, long nowNanos) {
        change(windowClosed, changed & WINDOW_CLOSED, now, nowNanos);
        change(poolEmpty, changed & POOL_EMPTY, now, nowNanos);
        change(writeBlocked, changed & WRITE_BLOCKED, now, nowNanos);
    }

    private static void change(Stall stall, int cause, int now, long nowNanos) {
        if (cause != 0) {
            stall.turn((now & cause) != 0, nowNanos);
        }
    }

    /// The channel ends: nothing keeps it waiting any more.
    void close(long nowNanos) {
        waitsFor(0, nowNanos);
        channel.sendQueue().endStall(nowNanos);
    }

    // ---- any thread

    @Override
    public void addTo(Tally sum, long nowNanos) {
        channel.addTo(sum, nowNanos);
        windowClosed.addTo(
                sum, Figure.RECEIVE_WINDOW_CLOSED, Figure.RECEIVE_WINDOW_CLOSED_NANOS, nowNanos);
        poolEmpty.addTo(sum, Figure.POOL_EMPTY, Figure.POOL_EMPTY_NANOS, nowNanos);
        writeBlocked.addTo(sum, Figure.WRITE_BLOCKED, Figure.WRITE_BLOCKED_NANOS, nowNanos);
    }

    /// The application has taken the channel's last message: the channel counts among those that
    /// have ended. Once more does nothing.
    ///
    /// @param nowNanos the time
    public void end(long nowNanos) {
        totals.add(this, nowNanos);
    }

    /// Whether it was among so many that were added first.
    ///
    /// @param additions how many
    /// @return true if so
    public boolean isAmong(long additions) {
        long seen = addition;
        return seen != 0 && seen <= additions;
    }

    @Override
    public boolean isAdded() {
        return addition != 0;
    }

    @Override
    public void onAdded(long number) {
        addition = number;
    }
}
