package tofu.pool;

import java.util.concurrent.atomic.AtomicInteger;

/// How many messages of a pool are out, and how many may be.
///
/// A slot in a magazine counts as out, so that a message which is taken from one, or goes back to
/// one, changes nothing here. While nothing moves, the count is the messages that are out, what the
/// magazines count ([Magazine#counted()]), and what is [Adrift#overcounted].
///
/// Whoever may not go beyond a limit never counts first and takes it back then: others must not see
/// an empty pool meanwhile.
///
/// Threads: any. It publishes no slot: those come through a free list or a magazine. Every change
/// is a full fence, so whoever gives back and then looks at a [Refill] has changed the count
/// before.
final class MessageCount {
    private final AtomicInteger out = new AtomicInteger();
    private final int most;

    /// Messages in magazines count as out. So that they are to be had all the same, there are none
    /// while more than this many are out.
    private final int mostAtEase;

    /// @param most how many may be out, but for those who may go beyond
    MessageCount(int most) {
        this.most = most;
        this.mostAtEase = most - most / 4;
    }

    int out() {
        return out.get();
    }

    /// Whether there are so many messages that threads may keep some.
    boolean isAtEase() {
        return out.get() <= mostAtEase;
    }

    /// One more is out, whatever the limit.
    void add() {
        out.getAndIncrement();
    }

    /// One more is out, within the limit.
    ///
    /// @return false if there are as many already
    boolean addWithinLimit() {
        return add(1, most);
    }

    /// So many more count as out, for a magazine.
    ///
    /// @return false if threads may not keep any
    boolean addAtEase(int messages) {
        return add(messages, mostAtEase);
    }

    private boolean add(int messages, int limit) {
        int seen = out.get();
        while (seen <= limit - messages) {
            if (out.compareAndSet(seen, seen + messages)) {
                return true;
            }
            seen = out.get();
        }
        return false;
    }

    /// One has come back.
    ///
    /// @return how many are out
    int subtract() {
        return out.decrementAndGet();
    }

    /// So many do not count any more.
    void subtract(int messages) {
        out.getAndAdd(-messages);
    }
}
