package tofu.pool;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// All slots of one size: their slabs, the free list, and magazines in front of it.
///
/// Threads: [#take()], [#giveBack(Slot, Slot)] and what concerns magazines any; the rest under the
/// pool's lock.
final class SizeClass {
    /// How many threads may be at their magazines at the same time, a power of two.
    private static final int MAGAZINES = 8;

    private final SlotPool pool;
    private final int stride;
    private final int slotsPerSlab;
    private final AtomicInteger out;
    private final FreeList free;
    private int slabCount;

    /// There is a slab for each smaller number.
    private int firstGap;

    /// Made when they are needed; none for a small pool.
    private final @Nullable Magazine[] magazines;

    private final int magazineCapacity;

    /// No slot yet.
    ///
    /// @param out counts the messages that are out, in which those in magazines are
    SizeClass(
            SlotPool pool, int stride, int slotsPerSlab, int magazineCapacity, AtomicInteger out) {
        this.pool = pool;
        this.stride = stride;
        this.slotsPerSlab = slotsPerSlab;
        this.magazineCapacity = magazineCapacity;
        this.out = out;
        this.free = new FreeList(slotsPerSlab);
        this.magazines = new @Nullable Magazine[magazineCapacity == 0 ? 0 : MAGAZINES];
    }

    /// The magazine that the calling thread shares with few others.
    ///
    /// @return `null` if it is to use the free list
    @Nullable Magazine magazine() {
        if (magazines.length == 0) {
            return null;
        }
        int place = (int) Thread.currentThread().threadId() & MAGAZINES - 1;
        Magazine magazine = magazines[place];
        return magazine == null ? newMagazine(place) : magazine;
    }

    private synchronized Magazine newMagazine(int place) {
        Magazine magazine = magazines[place];
        if (magazine == null) {
            magazine = new Magazine(magazineCapacity, free, out);
            magazines[place] = magazine;
        }
        return magazine;
    }

    /// Synchronized, so that whoever makes one that is not seen here sees why they are emptied.
    private synchronized @Nullable Magazine magazineAt(int place) {
        return magazines[place];
    }

    /// Messages that count as out because of magazines: a guess while other threads use them.
    int inMagazines() {
        int sum = 0;
        for (Magazine magazine : magazines) {
            sum += magazine == null ? 0 : magazine.counted();
        }
        return sum;
    }

    /// How many slots are in magazines: a guess while other threads use them.
    int kept() {
        int sum = 0;
        for (Magazine magazine : magazines) {
            sum += magazine == null ? 0 : magazine.count();
        }
        return sum;
    }

    /// Moves all slots from the magazines to the free list.
    void emptyMagazines() {
        for (int i = 0; i < magazines.length; i++) {
            Magazine magazine = magazineAt(i);
            if (magazine != null) {
                magazine.enterSoon();
                try {
                    magazine.spill(magazine.count());
                } finally {
                    magazine.busy = false;
                }
            }
        }
    }

    /// Whether it is its pool's reserve.
    boolean isReserve() {
        return pool.reserve() == this;
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
