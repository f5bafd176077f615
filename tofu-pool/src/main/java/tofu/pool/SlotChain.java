package tofu.pool;

import org.jspecify.annotations.Nullable;

/// A first-in, first-out chain of slots, linked through the slots themselves.
///
/// Thread: one at a time. Owns the slots in it.
public final class SlotChain {
    private @Nullable Slot first;
    private @Nullable Slot last;

    /// An empty chain.
    public SlotChain() {}

    /// Whether there is no slot.
    ///
    /// @return true when empty
    public boolean isEmpty() {
        return first == null;
    }

    /// The first slot; walk on with [Slot#next()].
    ///
    /// @return the slot, which stays in the chain, or `null`
    public @Nullable Slot first() {
        return first;
    }

    /// Adds a slot at the end.
    ///
    /// @param slot a slot that is in no chain
    public void addLast(Slot slot) {
        slot.next = null;
        Slot tail = last;
        if (tail == null) {
            first = slot;
        } else {
            tail.next = slot;
        }
        last = slot;
    }

    /// Adds a slot in front.
    ///
    /// @param slot a slot that is in no chain
    public void addFirst(Slot slot) {
        slot.next = first;
        if (first == null) {
            last = slot;
        }
        first = slot;
    }

    /// Adds a slot behind another one.
    ///
    /// @param place a slot of this chain
    /// @param slot a slot that is in no chain
    public void addAfter(Slot place, Slot slot) {
        slot.next = place.next;
        place.next = slot;
        if (last == place) {
            last = slot;
        }
    }

    /// Adds linked slots at the end.
    ///
    /// @param oldest the first of them
    /// @param newest the last of them, which links to nothing
    void addChain(Slot oldest, Slot newest) {
        Slot tail = last;
        if (tail == null) {
            first = oldest;
        } else {
            tail.next = oldest;
        }
        last = newest;
    }

    /// Moves all slots of another chain to the end of this one.
    ///
    /// @param other the chain, which is empty then
    public void addAll(SlotChain other) {
        Slot oldest = other.first;
        Slot newest = other.last;
        if (oldest != null && newest != null) {
            other.first = null;
            other.last = null;
            addChain(oldest, newest);
        }
    }

    /// Moves all slots behind one of them to the end of another chain.
    ///
    /// @param place a slot of this chain, which stays
    /// @param other the chain that takes them
    public void cutBehind(Slot place, SlotChain other) {
        Slot oldest = place.next;
        Slot newest = last;
        if (oldest != null && newest != null) {
            place.next = null;
            last = place;
            other.addChain(oldest, newest);
        }
    }

    /// Removes the first slot.
    ///
    /// @return the slot, or `null`
    public @Nullable Slot pollFirst() {
        Slot slot = first;
        if (slot != null) {
            first = slot.next;
            if (first == null) {
                last = null;
            }
            slot.next = null;
        }
        return slot;
    }

    /// Gives all slots back to their pool; the chain is empty then.
    ///
    /// @param owner the owner of them all
    public void releaseAll(Slot.Owner owner) {
        for (Slot slot = pollFirst(); slot != null; slot = pollFirst()) {
            slot.release(owner);
        }
    }
}
