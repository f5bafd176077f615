package tofu.pool;

import java.util.concurrent.atomic.AtomicLong;

/// Ids for messages that have none, of the whole process (wire spec, section 1): each is given out
/// once, beginning with 1.
///
/// A thread that takes many messages gets its ids in blocks, so that they are in no order: all
/// threads share the counter, and to change it costs more than most else that a message needs
/// (decision 20).
///
/// Threads: any.
public final class MessageIds {
    private static final AtomicLong NEXT = new AtomicLong(1);

    private MessageIds() {}

    /// Takes one id.
    ///
    /// @return an id that is not 0
    public static long next() {
        return NEXT.getAndIncrement();
    }

    /// Takes several ids.
    ///
    /// @param count how many
    /// @return the first of them, the others follow
    static long next(int count) {
        return NEXT.getAndAdd(count);
    }
}
