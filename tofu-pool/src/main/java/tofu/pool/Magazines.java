package tofu.pool;

import org.jspecify.annotations.Nullable;

/// The magazines in front of the free list of one size (decision 14).
///
/// A slot is in one only while there are messages enough, nobody waits for a refill, and the pool
/// is open. Whoever ends that empties all magazines afterwards, and whoever puts a slot into one
/// looks while it has entered: so either the slot is found, or the end is seen.
///
/// Threads: any; a thread always uses the same magazine, which it shares with few others. What is
/// in a magazine is published by [Magazine#leave()] to the next one who enters; a new magazine by
/// the monitor to whoever empties it, while its users may read it in a race, as its fields are
/// final or begin as zeroes.
final class Magazines {
    /// The slot does not go into a magazine.
    static final int NOT_KEPT = -1;

    /// How many threads may be at their magazines at the same time, a power of two.
    private static final int PLACES = 8;

    private static final int MAX_SLOTS = 1_024;
    private static final int MIN_SLOTS = 8;

    /// A magazine has no more than this: what is in several of them should fit in a cache.
    private static final int MAX_BYTES = 128 << 10;

    /// A magazine has no more than this part of all messages.
    private static final int SHARE = 64;

    /// How many slots an empty magazine gets at once.
    private static final int REFILL = 32;

    private final SlotPool pool;
    private final MessageCount count;
    private final FreeList free;
    private final int capacity;

    /// Made when they are needed; none for a small pool.
    private final @Nullable Magazine[] magazines;

    /// No magazine yet.
    ///
    /// @param capacity how many slots one has at most; 0 if there are to be none
    Magazines(SlotPool pool, MessageCount count, FreeList free, int capacity) {
        this.pool = pool;
        this.count = count;
        this.free = free;
        this.capacity = capacity;
        this.magazines = new @Nullable Magazine[capacity == 0 ? 0 : PLACES];
    }

    /// How many slots a magazine may have.
    static int capacity(int stride, int maxMessages) {
        int slots = Math.clamp(MAX_BYTES / stride, MIN_SLOTS, MAX_SLOTS);
        return Math.min(slots, maxMessages / SHARE);
    }

    /// The magazine that the calling thread shares with few others.
    ///
    /// @return `null` if it is to use the free list
    @Nullable Magazine own() {
        if (magazines.length == 0) {
            return null;
        }
        int place = (int) Thread.currentThread().threadId() & PLACES - 1;
        Magazine magazine = magazines[place];
        return magazine == null ? make(place) : magazine;
    }

    private synchronized Magazine make(int place) {
        Magazine magazine = magazines[place];
        if (magazine == null) {
            magazine = new Magazine(capacity, free, count);
            magazines[place] = magazine;
        }
        return magazine;
    }

    /// Synchronized, so that whoever makes one that is not seen here sees why they are emptied.
    private synchronized @Nullable Magazine at(int place) {
        return magazines[place];
    }

    /// Takes a slot from the calling thread's magazine.
    ///
    /// @return a slot, which is out; `null` when there is none
    @Nullable Slot take() {
        Magazine magazine = own();
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
    int keep(Slot slot) {
        Magazine magazine = own();
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

    /// Moves all slots to the free list.
    void empty() {
        for (int i = 0; i < magazines.length; i++) {
            Magazine magazine = at(i);
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
    int counted() {
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
