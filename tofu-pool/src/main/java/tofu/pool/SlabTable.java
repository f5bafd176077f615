package tofu.pool;

import org.jspecify.annotations.Nullable;

/// The slabs of one size: one is added when the free list is empty, and freed when all its slots
/// are in it.
///
/// They have numbers, by which the [FreeList] finds their slots; a number that is free is used
/// again, the smallest first.
///
/// Threads: under the lock of all slabs. The slots of a slab are published by their push into the
/// free list, and a slab is freed only after the pop of all that is there.
final class SlabTable {
    private final SizeClass sizeClass;
    private final FreeList free;
    private int count;

    /// There is a slab for each smaller number.
    private int firstGap;

    /// No slab yet.
    SlabTable(SizeClass sizeClass, FreeList free) {
        this.sizeClass = sizeClass;
        this.free = free;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /// Adds one slab.
    void grow() {
        int number = firstGap;
        while (number < free.slabsEnd() && free.slots(number) != null) {
            number++;
        }
        free.makeRoom(number);
        Slab slab = new Slab(sizeClass, free.firstIndex(number), sizeClass.slotsPerSlab());
        free.add(number, slab.slots);
        firstGap = number + 1;
        count++;
        free.pushChain(slab.slots[0], slab.slots[slab.slots.length - 1]);
    }

    /// Frees slabs none of whose slots is out, at most as many slots as said.
    ///
    /// @param slabsToKeep how many slabs stay in any case, so that a load which comes and goes does
    ///     not allocate the same slab over and over
    /// @return how many slots were freed
    int trim(int maxSlots, int slabsToKeep) {
        int slots = sizeClass.slotsPerSlab();
        if (count <= slabsToKeep || maxSlots < slots) {
            return 0;
        }
        int freed = 0;
        // Meanwhile a taker finds nothing, asks for a slab, and waits for the pool's lock.
        Slot chain = free.popAll();
        try {
            for (Slot slot = chain; slot != null; slot = free.linked(slot.nextFree)) {
                slot.slab.unused++;
            }
            for (int i = free.slabsEnd() - 1; i >= 0 && freed + slots <= maxSlots; i--) {
                Slot[] known = free.slots(i);
                if (known != null && count > slabsToKeep && known[0].slab.freeIfUnused()) {
                    freed += slots;
                    count--;
                }
            }
        } finally {
            keepOthers(chain);
        }
        return freed;
    }

    /// Puts those back whose slab was not freed, in their order.
    private void keepOthers(@Nullable Slot chain) {
        Slot first = null;
        Slot last = null;
        Slot slot = chain;
        while (slot != null) {
            Slot next = free.linked(slot.nextFree);
            slot.slab.unused = 0;
            if (!slot.slab.isFreed()) {
                if (last == null) {
                    first = slot;
                } else {
                    last.nextFree = slot.index + 1;
                }
                last = slot;
            }
            slot = next;
        }
        for (int i = free.slabsEnd() - 1; i >= 0; i--) {
            Slot[] known = free.slots(i);
            if (known != null && known[0].slab.isFreed()) {
                free.forget(i);
                firstGap = Math.min(firstGap, i);
            }
        }
        if (first != null && last != null) {
            free.pushChain(first, last);
        }
    }
}
