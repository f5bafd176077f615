package tofu.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// A queue of slots for many producers and one consumer, linked through the slots themselves: no
/// allocation, one compare-and-set per offer, one exchange per batch.
///
/// Producers push batches onto a stack, a single slot being a batch of one; the consumer takes the
/// whole stack at once and turns it round, so that each producer's slots come out in the order they
/// went in. Whoever pushes onto the empty stack is told so, and only he needs to wake the consumer.
///
/// Threads: any may offer and close; one at a time may take. Owns the slots in it.
public final class SlotQueue {
    /// What became of an offer.
    public enum Offer {
        /// Added to an empty queue: the consumer may have to be woken.
        FIRST,
        /// Added behind others.
        BEHIND,
        /// Refused: the queue is closed, the slot is still the caller's.
        CLOSED
    }

    private static final VarHandle NEWEST;

    static {
        try {
            NEWEST = MethodHandles.lookup().findVarHandle(SlotQueue.class, "newest", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final Object CLOSED = new Object();

    /// The first slot of the batch added last, `null` when empty, [#CLOSED] for ever once closed.
    @SuppressWarnings("unused") // through NEWEST
    private volatile @Nullable Object newest;

    /// An empty queue.
    public SlotQueue() {}

    /// Adds a slot.
    ///
    /// @param slot a slot of the caller's
    /// @return what became of it
    public Offer offer(Slot slot) {
        return offerChain(slot, slot);
    }

    /// Adds several slots at once.
    ///
    /// @param first the one to come out first; each slot's `next` is the one to come out behind it
    /// @param last the one to come out last
    /// @return what became of them, all alike
    Offer offerChain(Slot first, Slot last) {
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
            first.olderBatch = (Slot) head;
            // Pairs with getVolatile in drainTo: the consumer sees the links and the slots' bytes.
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

    /// Moves all slots to the end of a chain of the consumer's.
    ///
    /// @param chain the chain
    public void drainTo(SlotChain chain) {
        while (true) {
            // Volatile, not just acquire: a consumer who has announced himself must not look too
            // early.
            Object head = NEWEST.getVolatile(this);
            if (head == null || head == CLOSED) {
                return;
            }
            // Not a plain exchange: that could open again what another thread has just closed.
            if (NEWEST.compareAndSet(this, head, null)) {
                move((Slot) head, chain);
                return;
            }
        }
    }

    /// Refuses every later offer, and moves all slots to the end of a chain. Any thread.
    ///
    /// @param chain the chain
    public void closeTo(SlotChain chain) {
        Object head = NEWEST.getAndSet(this, CLOSED);
        if (head != null && head != CLOSED) {
            move((Slot) head, chain);
        }
    }

    /// Walks from the newest batch to the oldest, and links each to the one that came after it.
    private static void move(Slot newestBatch, SlotChain chain) {
        Slot newest = newestBatch.takeBatchLast();
        Slot oldest = newestBatch;
        Slot batch = newestBatch.takeOlderBatch();
        while (batch != null) {
            batch.takeBatchLast().next = oldest;
            oldest = batch;
            batch = batch.takeOlderBatch();
        }
        chain.addChain(oldest, newest);
    }
}
