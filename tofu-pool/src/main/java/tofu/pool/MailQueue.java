package tofu.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// A queue of mail for many producers and one consumer, linked through itself: no
/// allocation, one compare-and-set per offer, one exchange per batch.
///
/// Producers push batches onto a stack, a single piece being a batch of one; the consumer takes the
/// whole stack at once and turns it round, so that each producer's mail comes out in the order it
/// went in. Whoever pushes onto the empty stack is told so, and only he needs to wake the consumer.
///
/// Threads: any may offer and close; one at a time may take. Owns the mail in it.
public final class MailQueue {
    /// What became of an offer.
    public enum Offer {
        /// Added to an empty queue: the consumer may have to be woken.
        FIRST,
        /// Added behind others.
        BEHIND,
        /// Refused: the queue is closed, it is still the caller's.
        CLOSED
    }

    private static final VarHandle NEWEST;

    static {
        try {
            NEWEST = MethodHandles.lookup().findVarHandle(MailQueue.class, "newest", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final Object CLOSED = new Object();

    /// The first piece of the batch added last, `null` when empty, [#CLOSED] for ever once closed.
    @SuppressWarnings("unused") // through NEWEST
    private volatile @Nullable Object newest;

    /// An empty queue.
    public MailQueue() {}

    /// Adds a piece.
    ///
    /// @param mail mail of the caller's
    /// @return what became of it
    public Offer offer(Mail mail) {
        return offerChain(mail, mail);
    }

    /// Adds several pieces at once.
    ///
    /// @param first the one to come out first; each one's `next` is the one to come out behind it
    /// @param last the one to come out last
    /// @return what became of them, all alike
    Offer offerChain(Mail first, Mail last) {
        last.next = null;
        if (first != last) {
            first.batchLast = last;
        }
        while (true) {
            Object head = NEWEST.getAcquire(this);
            if (head == CLOSED) {
                first.batchLast = null;
                first.olderBatch = null;
                return Offer.CLOSED;
            }
            first.olderBatch = (Mail) head;
            // Pairs with getVolatile in drainTo: the consumer sees the links and its bytes.
            // A full fence on success, so that the producer's next look at a sleeping consumer is
            // not early.
            if (NEWEST.compareAndSet(this, head, first)) {
                return head == null ? Offer.FIRST : Offer.BEHIND;
            }
        }
    }

    /// Whether nothing is queued at this moment.
    ///
    /// @return true when empty or closed
    public boolean isEmpty() {
        Object head = NEWEST.getVolatile(this);
        return head == null || head == CLOSED;
    }

    /// Whether the queue was closed.
    ///
    /// @return true once closed
    public boolean isClosed() {
        return NEWEST.getAcquire(this) == CLOSED;
    }

    /// Moves all mail to the end of a chain of the consumer's.
    ///
    /// @param chain the chain
    public void drainTo(MailChain chain) {
        while (true) {
            // Volatile, not just acquire: a consumer who has announced himself must not look too
            // early.
            Object head = NEWEST.getVolatile(this);
            if (head == null || head == CLOSED) {
                return;
            }
            // Not a plain exchange: that could open again what another thread has just closed.
            if (NEWEST.compareAndSet(this, head, null)) {
                move((Mail) head, chain);
                return;
            }
        }
    }

    /// Refuses every later offer, and moves all slots to the end of a chain. Any thread.
    ///
    /// @param chain the chain
    public void closeTo(MailChain chain) {
        Object head = NEWEST.getAndSet(this, CLOSED);
        if (head != null && head != CLOSED) {
            move((Mail) head, chain);
        }
    }

    /// Walks from the newest batch to the oldest, and links each to the one that came after it.
    private static void move(Mail newestBatch, MailChain chain) {
        Mail newest = newestBatch.takeBatchLast();
        Mail oldest = newestBatch;
        Mail batch = newestBatch.takeOlderBatch();
        while (batch != null) {
            batch.takeBatchLast().next = oldest;
            oldest = batch;
            batch = batch.takeOlderBatch();
        }
        chain.addChain(oldest, newest);
    }
}
