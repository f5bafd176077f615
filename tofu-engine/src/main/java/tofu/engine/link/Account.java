package tofu.engine.link;

import org.jspecify.annotations.Nullable;
import tofu.api.Channel.Role;
import tofu.api.Statistics.DeadlineName;
import tofu.api.Status;
import tofu.engine.channel.Channel;
import tofu.engine.channel.Span;
import tofu.engine.channel.Stall;
import tofu.engine.channel.Tally;
import tofu.engine.channel.Tally.Figure;
import tofu.engine.link.Recorder.Cause;
import tofu.engine.link.Recorder.Layer;

/// What is counted of one channel, until it is added to the [Totals] of those that have ended; and
/// what is recorded of it.
///
/// Threads: the loop tells what befalls the channel, and keeps it waiting; the rest any.
public final class Account implements Totals.Part {
    static final int WINDOW_CLOSED = 1;
    static final int POOL_EMPTY = 2;
    static final int WRITE_BLOCKED = 4;

    private final Totals totals;
    private final Endpoint endpoint;
    private final Channel channel;
    private final Recorder recorder;
    private final long serial;
    private final Stall windowClosed = new Stall();
    private final Stall poolEmpty = new Stall();
    private final Stall writeBlocked = new Stall();

    // What is recorded of each, while it lasts:

    private @Nullable Span window;
    private @Nullable Span pool;
    private @Nullable Span write;

    /// What keeps it waiting now.
    private int causes;

    /// How far the channel has come, until it is open.
    private @Nullable Span progress;

    /// The number of its addition, 0 before that.
    private volatile long addition;

    /// That of a channel which begins.
    ///
    /// @param totals of its group
    /// @param endpoint the channel, which knows all but its account
    /// @param recorder what keeps a record of it
    Account(Totals totals, Endpoint endpoint, Recorder recorder) {
        this.totals = totals;
        this.endpoint = endpoint;
        this.channel = endpoint.channel();
        this.recorder = recorder;
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

    /// The channel begins to connect, or was accepted.
    void connecting() {
        progress = recorder.connecting(endpoint);
    }

    /// It has a peer.
    ///
    /// @param securing whether the two ends have not agreed yet on how to speak
    void connected(boolean securing) {
        totals.count(endpoint.role() == Role.CLIENT ? Totals.Event.CONNECT : Totals.Event.ACCEPT);
        endStep();
        progress = recorder.shakingHands(endpoint, securing ? Layer.TLS : Layer.TOFU);
    }

    /// The handshake of TLS is done.
    void secured() {
        totals.count(Totals.Event.TLS_HANDSHAKE);
        endStep();
        progress = recorder.shakingHands(endpoint, Layer.TOFU);
    }

    /// The peer has said hello.
    void greeted() {
        totals.count(Totals.Event.HANDSHAKE);
        endStep();
    }

    private void endStep() {
        Span step = progress;
        if (step != null) {
            progress = null;
            step.end();
        }
    }

    /// The channel has hit a deadline.
    void deadlineHit(DeadlineName deadline) {
        totals.countHit(deadline);
        recorder.deadlineHit(endpoint, deadline);
    }

    /// A frame of its peer was no message.
    void frameRejected(Status reason) {
        totals.countRejected(reason);
        recorder.frameRejected(endpoint, reason);
    }

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
        if ((changed & WINDOW_CLOSED) != 0) {
            boolean on = (now & WINDOW_CLOSED) != 0;
            window = turn(windowClosed, window, on, Cause.RECEIVE_WINDOW_CLOSED, nowNanos);
        }
        if ((changed & POOL_EMPTY) != 0) {
            boolean on = (now & POOL_EMPTY) != 0;
            pool = turn(poolEmpty, pool, on, Cause.POOL_EMPTY, nowNanos);
        }
        if ((changed & WRITE_BLOCKED) != 0) {
            boolean on = (now & WRITE_BLOCKED) != 0;
            write = turn(writeBlocked, write, on, Cause.WRITE_BLOCKED, nowNanos);
        }
    }

    /// Begins a stall, and its record, or ends them.
    ///
    /// @return the record, if there is one from now on
    private @Nullable Span turn(
            Stall stall, @Nullable Span record, boolean on, Cause cause, long nowNanos) {
        stall.turn(on, nowNanos);
        if (record != null) {
            record.end();
        }
        return on ? recorder.stalling(endpoint, cause) : null;
    }

    /// The channel ends: nothing keeps it waiting any more.
    ///
    /// @param reason why; `null` if it does not say
    void close(@Nullable Status reason, long nowNanos) {
        waitsFor(0, nowNanos);
        channel.sendQueue().endStall(nowNanos);
        progress = null;
        if (reason != null) {
            totals.countClose(reason);
            recorder.closed(endpoint, reason);
        }
    }

    // ---- any thread

    /// The send queue is full.
    ///
    /// @return to be ended when it is not; `null` if that is not recorded
    @Nullable Span queueFull() {
        return recorder.stalling(endpoint, Cause.SEND_QUEUE_FULL);
    }

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
