package tofu.engine.channel;

import java.util.concurrent.atomic.AtomicLongArray;
import tofu.engine.channel.Tally.Figure;

/// What has left a send queue, and the most that there was in it: those figures of a [Tally] that
/// each channel has one of.
///
/// Threads: one writes, or several one after the other; any reads, as with a tally.
final class Departures {
    /// Where to a message leaves: the place of its count, with that of its bytes behind it.
    static final int SENT = 0;

    static final int RETURNED = 2;

    private static final int MOST = 4;
    private static final int COUNTS = 6;

    private final AtomicLongArray counts = new AtomicLongArray(COUNTS);

    /// Some leave. There never was more in the queue than just before that: so the marks are set
    /// here, and those who enqueue have nothing to do for them. The writer.
    ///
    /// @param to [#SENT] or [#RETURNED]
    /// @param messages how many leave
    /// @param bytes how long they are together
    /// @param messagesBefore how many there were
    /// @param bytesBefore how long those were together
    void leave(int to, int messages, long bytes, int messagesBefore, long bytesBefore) {
        raise(MOST, messagesBefore);
        raise(MOST + 1, bytesBefore);
        counts.setOpaque(to, counts.getPlain(to) + messages);
        counts.setOpaque(to + 1, counts.getPlain(to + 1) + bytes);
    }

    private void raise(int mark, long gauge) {
        if (gauge > counts.getPlain(mark)) {
            counts.setOpaque(mark, gauge);
        }
    }

    /// How many messages have left. Any thread.
    long messages() {
        return counts.getOpaque(SENT) + counts.getOpaque(RETURNED);
    }

    /// How long those were together, in bytes. Any thread.
    long bytes() {
        return counts.getOpaque(SENT + 1) + counts.getOpaque(RETURNED + 1);
    }

    /// Adds what has left to a sum. Any thread.
    void addTo(Tally sum) {
        sum.add(Figure.SENT_MESSAGES, counts.getOpaque(SENT));
        sum.add(Figure.SENT_BYTES, counts.getOpaque(SENT + 1));
        sum.add(Figure.RETURNED_MESSAGES, counts.getOpaque(RETURNED));
        sum.add(Figure.RETURNED_BYTES, counts.getOpaque(RETURNED + 1));
    }

    /// Raises the marks of a sum. Any thread.
    void raiseMost(Tally sum) {
        sum.raise(Figure.MOST_QUEUED_MESSAGES, counts.getOpaque(MOST));
        sum.raise(Figure.MOST_QUEUED_BYTES, counts.getOpaque(MOST + 1));
    }
}
