package tofu.pool;

import org.jspecify.annotations.Nullable;

/// Slots that one thread gives back together: one change of the free list for a run of slots of one
/// size.
///
/// Thread: one at a time. Owns the slots in it until [#flush()].
public final class SlotReturns {
    /// First to come out of the free list, linked by [Slot#nextFree] up to the last.
    private @Nullable Slot first;

    private @Nullable Slot last;
    private int count;

    /// Nothing to give back.
    public SlotReturns() {}

    /// Gives a slot back, at the latest at the next [#flush()].
    ///
    /// @param slot a slot of the caller's
    /// @param from its owner until now
    public void add(Slot slot, Slot.Owner from) {
        Slot head = first;
        if (head == null) {
            last = slot;
        } else if (head.slab.sizeClass != slot.slab.sizeClass) {
            flush();
            last = slot;
            head = null;
        }
        SlotPool.prepareForReturn(slot, from);
        slot.nextFree = head == null ? 0 : head.index + 1;
        first = slot;
        count++;
    }

    /// Puts all slots into their free list.
    public void flush() {
        Slot head = first;
        Slot tail = last;
        if (head != null && tail != null) {
            int slots = count;
            first = null;
            last = null;
            count = 0;
            head.slab.sizeClass.pool().releaseChain(head, tail, slots);
        }
    }
}
