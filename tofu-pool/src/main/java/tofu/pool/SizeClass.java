package tofu.pool;

import org.jspecify.annotations.Nullable;

/// All slots of one size: in the free list, in a magazine in front of it (decision 14), or out.
///
/// A slot is in a magazine only while there are messages enough, nobody waits for a refill, and the
/// pool is open. Whoever ends that empties all magazines afterwards, and whoever puts a slot into
/// one looks while it has entered: so either the slot is found, or the end is seen.
///
/// Threads: any; a thread always uses the same magazine, which it shares with few others. What is
/// in a magazine is published by [Magazine#leave()] to the next one who enters, what is in the free
/// list by [FreeList]; a new magazine by the monitor to whoever empties it, while its users may
/// read it in a race, as its fields are final or begin as zeroes.
final class SizeClass {
    /// The slot does not go into a magazine.
    static final int NOT_KEPT = -1;

    /// How many threads may be at their magazines at the same time, a power of two.
    private static final int MAGAZINES = 8;

    private static final int MAX_NEAR_SLOTS = 1_024;
    private static final int MIN_NEAR_SLOTS = 8;

    /// A magazine has no more than this: what is in several of them should fit in a cache.
    private static final int MAX_NEAR_BYTES = 128 << 10;

    /// A magazine has no more than this part of all messages.
    private static final int NEAR_SHARE = 64;

    /// How many slots an empty magazine gets at once.
    private static final int REFILL = 32;

    private final SlotPool pool;
    private final MessageCount count;
    private final int stride;
    private final int slotsPerSlab;
    private final int magazineCapacity;
    private final FreeList free;

    /// Made when they are needed; none for a small pool.
    private final @Nullable Magazine[] magazines;

    final SlabTable slabs;

    /// No slot yet.
    ///
    /// @param magazineCapacity how many slots a magazine has at most; 0 if there are to be none
    /// @param count counts the messages that are out, in which those in magazines are
    SizeClass(
            SlotPool pool, int stride, int slotsPerSlab, int magazineCapacity, MessageCount count) {
        this.pool = pool;
        this.stride = stride;
        this.slotsPerSlab = slotsPerSlab;
        this.magazineCapacity = magazineCapacity;
        this.count = count;
        this.free = new FreeList(slotsPerSlab);
        this.magazines = new @Nullable Magazine[magazineCapacity == 0 ? 0 : MAGAZINES];
        this.slabs = new SlabTable(this, free);
    }

    /// How many slots a magazine may have.
    static int magazineCapacity(int stride, int maxMessages) {
        int slots = Math.clamp(MAX_NEAR_BYTES / stride, MIN_NEAR_SLOTS, MAX_NEAR_SLOTS);
        return Math.min(slots, maxMessages / NEAR_SHARE);
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
            magazine = new Magazine(magazineCapacity, free, count);
            magazines[place] = magazine;
        }
        return magazine;
    }

    /// Synchronized, so that whoever makes one that is not seen here sees why they are emptied.
    private synchronized @Nullable Magazine magazineAt(int place) {
        return magazines[place];
    }

    /// Takes a slot from the calling thread's magazine.
    ///
    /// @return a slot, which is out; `null` when there is none
    @Nullable Slot takeNear() {
        Magazine magazine = magazine();
        if (magazine == null || !magazine.enter()) {
            return null;
        }
        Slot slot = null;
        try {
            int some = Math.min((magazine.capacity() + 1) / 2, REFILL);
            if (magazine.count() == 0 && pool.mayKeepNear() && count.addAtEase(some)) {
                magazine.fill(some);
            }
            slot = magazine.pop();
            magazine.leave();
        } catch (Throwable noRoom) {
            magazine.busy = false; // no call, as there may be no stack for one
            if (slot == null) {
                throw noRoom;
            }
        }
        return slot;
    }

    /// Puts a slot into the calling thread's magazine. What fails has not put it there.
    ///
    /// @return how many others went on from there to the free list; [#NOT_KEPT] if it does not go
    ///     there
    int keepNear(Slot slot) {
        Magazine magazine = magazine();
        if (magazine == null || !magazine.enter()) {
            return NOT_KEPT;
        }
        boolean kept = false;
        int spilled = 0;
        try {
            if (pool.mayKeepNear() && count.isAtEase()) { // looked at inside, see above
                if (magazine.isFull()) {
                    spilled = (magazine.capacity() + 1) / 2;
                    magazine.spill(spilled);
                }
                magazine.push(slot);
                kept = true;
            }
            magazine.leave();
        } catch (Throwable noRoom) {
            magazine.busy = false; // no call, as there may be no stack for one
            if (!kept) {
                throw noRoom;
            }
        }
        return kept ? spilled : NOT_KEPT;
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
}
