package tofu.pool;

import org.jspecify.annotations.Nullable;

/// Slots that one producer collects to add them to a [SlotQueue] at once.
///
/// Thread: one at a time. Owns the slots in it.
public final class SlotBatch {
    private @Nullable Slot oldest;
    private @Nullable Slot newest;

    /// An empty batch.
    public SlotBatch() {}

    /// Adds a slot, to come out after those before.
    ///
    /// @param slot a slot that is in no chain
    public void add(Slot slot) {
        slot.next = null;
        Slot before = newest;
        if (before == null) {
            oldest = slot;
        } else {
            before.next = slot;
        }
        newest = slot;
    }

    /// Whether there is no slot.
    ///
    /// @return true when empty
    public boolean isEmpty() {
        return oldest == null;
    }

    /// Moves all slots to a queue; the batch is empty then. A closed queue's share goes back to the
    /// pool.
    ///
    /// @param queue the queue
    /// @return what became of them; [SlotQueue.Offer#BEHIND] for an empty batch
    public SlotQueue.Offer moveTo(SlotQueue queue) {
        Slot last = newest;
        Slot first = oldest;
        if (last == null || first == null) {
            return SlotQueue.Offer.BEHIND;
        }
        newest = null;
        oldest = null;
        SlotQueue.Offer offer = queue.offerChain(first, last);
        if (offer == SlotQueue.Offer.CLOSED) {
            releaseAll(first);
        }
        return offer;
    }

    private static void releaseAll(Slot oldest) {
        Slot slot = oldest;
        while (slot != null) {
            Slot following = slot.next;
            slot.tellSource();
            slot.release(Slot.Owner.QUEUE);
            slot = following;
        }
    }
}
