package tofu.engine.channel;

import java.util.concurrent.atomic.AtomicLongArray;

/// What a channel has counted of its messages and its stalls, or several channels together.
///
/// Threads: one writes, or several one after the other; any reads, and sees each figure whole, but
/// maybe not all of the same moment. So writing costs no more than a plain store.
public final class Tally {
    /// What happens to a figure when two tallies are added, or subtracted.
    private enum Kind {
        /// Grows; added and subtracted.
        COUNTER,
        /// How things are now; added, and gone when a channel has ended.
        GAUGE,
        /// The most that a gauge has been; the greater one stays.
        MARK
    }

    /// One of the figures.
    public enum Figure {
        /// Messages that the send queue has accepted.
        ENQUEUED_MESSAGES(Kind.COUNTER),
        /// The same in bytes.
        ENQUEUED_BYTES(Kind.COUNTER),
        /// Messages whose last byte the system has taken.
        SENT_MESSAGES(Kind.COUNTER),
        /// The same in bytes.
        SENT_BYTES(Kind.COUNTER),
        /// Messages that came back.
        RETURNED_MESSAGES(Kind.COUNTER),
        /// The same in bytes.
        RETURNED_BYTES(Kind.COUNTER),
        /// Messages that are accepted, and neither sent nor come back.
        QUEUED_MESSAGES(Kind.GAUGE),
        /// The same in bytes.
        QUEUED_BYTES(Kind.GAUGE),
        /// The most messages that were queued.
        MOST_QUEUED_MESSAGES(Kind.MARK),
        /// The same in bytes.
        MOST_QUEUED_BYTES(Kind.MARK),
        /// Messages that came from the peer.
        RECEIVED_MESSAGES(Kind.COUNTER),
        /// The same in bytes.
        RECEIVED_BYTES(Kind.COUNTER),
        /// Messages that came and were not taken.
        UNTAKEN_MESSAGES(Kind.GAUGE),
        /// The same in bytes.
        UNTAKEN_BYTES(Kind.GAUGE),
        /// How often the send queue was full.
        SEND_QUEUE_FULL(Kind.COUNTER),
        /// For how long.
        SEND_QUEUE_FULL_NANOS(Kind.COUNTER),
        /// How often the receive window was closed.
        RECEIVE_WINDOW_CLOSED(Kind.COUNTER),
        /// For how long.
        RECEIVE_WINDOW_CLOSED_NANOS(Kind.COUNTER),
        /// How often there was no memory to read into.
        POOL_EMPTY(Kind.COUNTER),
        /// For how long.
        POOL_EMPTY_NANOS(Kind.COUNTER),
        /// How often the system took no more bytes.
        WRITE_BLOCKED(Kind.COUNTER),
        /// For how long.
        WRITE_BLOCKED_NANOS(Kind.COUNTER);

        private final Kind kind;

        /// Its place in a tally, which is kept nowhere else.
        @SuppressWarnings("EnumOrdinal")
        private final int index = ordinal();

        Figure(Kind kind) {
            this.kind = kind;
        }
    }

    private static final Figure[] FIGURES = Figure.values();

    private final AtomicLongArray values = new AtomicLongArray(FIGURES.length);

    /// All zero.
    public Tally() {}

    /// Reads a figure.
    ///
    /// @param figure which one
    /// @return what it is, or was a moment ago
    public long get(Figure figure) {
        return values.getOpaque(figure.index);
    }

    /// Adds to a figure. The writer.
    ///
    /// @param figure which one
    /// @param more how much; negative to take away
    public void add(Figure figure, long more) {
        int index = figure.index;
        values.setOpaque(index, values.getPlain(index) + more);
    }

    /// Raises a mark to what its gauge is, if that is more. The writer.
    ///
    /// @param mark which one
    /// @param gauge what it is now
    void raise(Figure mark, long gauge) {
        int index = mark.index;
        if (gauge > values.getPlain(index)) {
            values.setOpaque(index, gauge);
        }
    }

    /// Adds another one, allocating nothing. The writer.
    ///
    /// @param other of channels that are not in this one
    public void addAll(Tally other) {
        for (Figure figure : FIGURES) {
            if (figure.kind == Kind.MARK) {
                raise(figure, other.get(figure));
            } else {
                add(figure, other.get(figure));
            }
        }
    }

    /// Forgets how things are, as of channels that have ended. The writer.
    public void dropGauges() {
        for (Figure figure : FIGURES) {
            if (figure.kind == Kind.GAUGE) {
                values.setOpaque(figure.index, 0);
            }
        }
    }

    /// Subtracts the counters of an earlier one. A time that goes on is guessed, and may have
    /// turned out a little less; and an earlier snapshot that was delayed may have counted more:
    /// then the difference is 0.
    ///
    /// @param earlier of the same channels, less those that came later
    /// @return the difference, with the gauges and marks of this one
    public Tally since(Tally earlier) {
        Tally difference = new Tally();
        for (Figure figure : FIGURES) {
            long before = figure.kind == Kind.COUNTER ? earlier.get(figure) : 0;
            difference.add(figure, Math.max(get(figure) - before, 0));
        }
        return difference;
    }
}
