package tofu.engine.link;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;
import tofu.api.Statistics.DeadlineName;
import tofu.api.Status;
import tofu.engine.channel.Tally;

/// What has befallen the channels of a group, or of the whole engine, and what those have counted
/// that have ended. What a group counts, its engine counts, too.
///
/// A channel that ends is added once, and counts by itself until then. Additions are numbered: so
/// whoever has first listed the channels, then looked here, knows which of them were added before.
///
/// Threads: any. All of this is rare beside messages.
@SuppressWarnings("EnumOrdinal") // places in an array that is kept nowhere else
public final class Totals {
    /// What may befall a channel.
    public enum Event {
        /// We have connected to a peer.
        CONNECT,
        /// A peer that has connected has got a channel.
        ACCEPT,
        /// A peer that wanted to connect has got none.
        REFUSAL,
        /// The peer has said hello.
        HANDSHAKE,
        /// The handshake of TLS is done.
        TLS_HANDSHAKE,
        /// A receiver was told that there is no memory.
        POOL_EMPTY
    }

    /// A channel, as it is added when it has ended.
    interface Part {
        /// Adds what it has counted, allocating nothing.
        void addTo(Tally sum, long nowNanos);

        /// Whether it was added.
        boolean isAdded();

        /// It was added.
        ///
        /// @param addition the number of the addition
        void onAdded(long addition);
    }

    /// What ended channels have counted, at one moment.
    ///
    /// @param additions how many channels were added
    /// @param tally of them
    public record Ended(long additions, Tally tally) {}

    private static final int EVENTS = Event.values().length;
    private static final int STATUSES = Status.values().length;
    private static final int DEADLINES = DeadlineName.values().length;

    private final @Nullable Totals whole;
    private final long serial;
    private final AtomicLong channels = new AtomicLong();

    /// Events, then channels that have ended by the reason, then frames that were rejected by what
    /// was wrong, then deadlines.
    private final AtomicLongArray counts = new AtomicLongArray(EVENTS + 2 * STATUSES + DEADLINES);

    // Under the lock of the engine's:

    private final Tally ended = new Tally();
    private long additions;

    private Totals(@Nullable Totals whole, long serial) {
        this.whole = whole;
        this.serial = serial;
    }

    /// Those of an engine.
    ///
    /// @return all zero
    public static Totals ofEngine() {
        return new Totals(null, -1);
    }

    /// Those of one of its groups.
    ///
    /// @param number tells it from others
    /// @return all zero
    public Totals ofGroup(long number) {
        return new Totals(this, number);
    }

    /// Tells groups apart.
    ///
    /// @return the group's number
    public long serial() {
        return serial;
    }

    /// Numbers a channel.
    long nextChannel() {
        return whole == null ? channels.getAndIncrement() : whole.nextChannel();
    }

    // ---- counting

    /// Something has happened.
    ///
    /// @param event what
    public void count(Event event) {
        countAt(indexOf(event));
    }

    /// A channel has ended.
    void countClose(Status reason) {
        countAt(indexOfClose(reason));
    }

    /// A frame was no message.
    void countRejected(Status reason) {
        countAt(indexOfRejected(reason));
    }

    /// A deadline was hit.
    void countHit(DeadlineName deadline) {
        countAt(indexOfHit(deadline));
    }

    private void countAt(int index) {
        counts.getAndIncrement(index);
        if (whole != null) {
            whole.countAt(index);
        }
    }

    /// Adds a channel that has ended, if it was not added before. What fails for want of stack has
    /// changed nothing, if the caller has asked for some.
    void add(Part channel, long nowNanos) {
        Totals engine = whole == null ? this : whole;
        synchronized (engine.ended) {
            if (!channel.isAdded()) {
                channel.addTo(ended, nowNanos);
                ended.dropGauges();
                if (engine != this) {
                    channel.addTo(engine.ended, nowNanos);
                    engine.ended.dropGauges();
                }
                engine.additions++;
                channel.onAdded(engine.additions);
            }
        }
    }

    // ---- reading

    /// What ended channels have counted.
    ///
    /// @return a copy
    public Ended ended() {
        Totals engine = whole == null ? this : whole;
        synchronized (engine.ended) {
            Tally copy = new Tally();
            copy.addAll(ended);
            return new Ended(engine.additions, copy);
        }
    }

    /// All that was counted one by one.
    ///
    /// @return a copy, to be read by [#indexOf]
    public long[] counts() {
        long[] copy = new long[counts.length()];
        for (int i = 0; i < copy.length; i++) {
            copy[i] = counts.get(i);
        }
        return copy;
    }

    /// Where an event is among [#counts()].
    ///
    /// @param event what
    /// @return the index
    public static int indexOf(Event event) {
        return event.ordinal();
    }

    /// Where the channels are that have ended for a reason.
    ///
    /// @param reason why
    /// @return the index
    public static int indexOfClose(Status reason) {
        return EVENTS + reason.ordinal();
    }

    /// Where the frames are that were rejected.
    ///
    /// @param reason why
    /// @return the index
    public static int indexOfRejected(Status reason) {
        return EVENTS + STATUSES + reason.ordinal();
    }

    /// Where the channels are that have hit a deadline.
    ///
    /// @param deadline which
    /// @return the index
    public static int indexOfHit(DeadlineName deadline) {
        return EVENTS + 2 * STATUSES + deadline.ordinal();
    }
}
