package tofu.engine.channel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
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

    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] counts = new long[COUNTS];

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
        COUNT.setOpaque(counts, to, counts[to] + messages);
        COUNT.setOpaque(counts, to + 1, counts[to + 1] + bytes);
    }

    private void raise(int mark, long gauge) {
        if (gauge > counts[mark]) {
            COUNT.setOpaque(counts, mark, gauge);
        }
    }

    private long get(int index) {
        return (long) COUNT.getOpaque(counts, index);
    }

    /// How many messages have left. Any thread.
    long messages() {
        return get(SENT) + get(RETURNED);
    }

    /// How long those were together, in bytes. Any thread.
    long bytes() {
        return get(SENT + 1) + get(RETURNED + 1);
    }

    /// Adds all figures to a sum. Any thread.
    void addTo(Tally sum) {
        sum.add(Figure.SENT_MESSAGES, get(SENT));
        sum.add(Figure.SENT_BYTES, get(SENT + 1));
        sum.add(Figure.RETURNED_MESSAGES, get(RETURNED));
        sum.add(Figure.RETURNED_BYTES, get(RETURNED + 1));
        sum.raise(Figure.MOST_QUEUED_MESSAGES, get(MOST));
        sum.raise(Figure.MOST_QUEUED_BYTES, get(MOST + 1));
    }
}
