package tofu.pool;

import org.jspecify.annotations.Nullable;

/// All slots of one size: their slabs, the free list, and the magazines in front of it.
///
/// Each slot is in the free list, in a magazine, or out. Slabs have numbers, which are used again.
///
/// Threads: [#take()], [#giveBack(Slot, Slot)], [#slots(int)] and what concerns magazines any; the
/// rest under the lock of all slabs. The slots of a slab are published by their push into the
/// [FreeList].
final class SizeClass {
    private final SlotPool pool;
    private final int stride;
    private final int slotsPerSlab;
    private final FreeList free;
    final Magazines magazines;
    private int slabCount;

    /// There is a slab for each smaller number.
    private int firstGap;

    /// No slot yet.
    ///
    /// @param count counts the messages that are out, in which those in magazines are
    SizeClass(
            SlotPool pool, int stride, int slotsPerSlab, int magazineCapacity, MessageCount count) {
        this.pool = pool;
        this.stride = stride;
        this.slotsPerSlab = slotsPerSlab;
        this.free = new FreeList(slotsPerSlab);
        this.magazines = new Magazines(pool, count, free, magazineCapacity);
    }

    /// Whether it is its pool's reserve.
    boolean isReserve() {
        return pool.slabs().reserve() == this;
    }

    SlotPool pool() {
        return pool;
    }

    /// Capacity of each slot, in bytes.
    int stride() {
        return stride;
    }

    int slotsPerSlab() {
        return slotsPerSlab;
    }

    long slabBytes() {
        return (long) stride * slotsPerSlab;
    }

    @Nullable Slot take() {
        return free.pop();
    }

    /// Takes slots back, linked by [Slot#nextFree] up to the last.
    void giveBack(Slot first, Slot last) {
        free.pushChain(first, last);
    }

    /// The slots of a slab. Any thread, which may see slots that have just been freed.
    ///
    /// @param slab less than [#slabsEnd()]
    /// @return `null` if there is no such slab
    Slot @Nullable [] slots(int slab) {
        return free.slots(slab);
    }

    /// All slabs have smaller numbers. Any thread; never less than before.
    int slabsEnd() {
        return free.slabsEnd();
    }

    /// Whether there is none. Under the lock, as what follows.
    boolean hasNoSlab() {
        return slabCount == 0;
    }

    /// Adds one slab.
    void grow() {
        int number = firstGap;
        while (number < free.slabsEnd() && free.slots(number) != null) {
            number++;
        }
        free.makeRoom(number);
        Slab slab = new Slab(this, free.firstIndex(number), slotsPerSlab);
        free.add(number, slab.slots);
        firstGap = number + 1;
        slabCount++;
        free.pushChain(slab.slots[0], slab.slots[slotsPerSlab - 1]);
    }

    /// Frees slabs none of whose slots is out, at most as many slots as said.
    ///
    /// @param slabsToKeep how many slabs stay in any case, so that a load which comes and goes does
    ///     not allocate the same slab over and over
    /// @return how many slots were freed
    int trim(int maxSlots, int slabsToKeep) {
        if (slabCount <= slabsToKeep || maxSlots < slotsPerSlab) {
            return 0;
        }
        int freed = 0;
        // Meanwhile a taker finds nothing, asks for a slab, and waits for the pool's lock.
        Slot chain = free.popAll();
        try {
            for (Slot slot = chain; slot != null; slot = free.linked(slot.nextFree)) {
                slot.slab.unused++;
            }
            for (int i = free.slabsEnd() - 1; i >= 0 && freed + slotsPerSlab <= maxSlots; i--) {
                Slot[] slots = free.slots(i);
                if (slots != null && slabCount > slabsToKeep && slots[0].slab.freeIfUnused()) {
                    freed += slotsPerSlab;
                    slabCount--;
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
            Slot[] slots = free.slots(i);
            if (slots != null && slots[0].slab.isFreed()) {
                free.forget(i);
                firstGap = Math.min(firstGap, i);
            }
        }
        if (first != null && last != null) {
            free.pushChain(first, last);
        }
    }
}
