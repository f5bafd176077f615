package tofu.pool;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    private final FreeList free = new FreeList();
    private final List<Slab> slabs = new ArrayList<>();

    /// Made when they are needed; none for a small pool.
    private final @Nullable Magazine[] magazines;

    private final int magazineCapacity;

    SizeClass(SlotPool pool, int stride, int slotsPerSlab, int magazineCapacity) {
        this.pool = pool;
        this.stride = stride;
        this.slotsPerSlab = slotsPerSlab;
        this.magazineCapacity = magazineCapacity;
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
            magazine = new Magazine(magazineCapacity);
            magazines[place] = magazine;
        }
        return magazine;
    }

    /// Slots that are in magazines: a guess while other threads use them.
    int inMagazines() {
        int sum = 0;
        for (Magazine magazine : magazines) {
            sum += magazine == null ? 0 : magazine.count();
        }
        return sum;
    }

    /// Moves all slots from the magazines to the free list.
    ///
    /// @return how many
    int emptyMagazines() {
        int sum = 0;
        for (int i = 0; i < magazines.length; i++) {
            Magazine magazine = newMagazine(i);
            magazine.enterSoon();
            int count = magazine.count();
            Slot last = magazine.oldest();
            if (last != null) {
                giveBack(magazine.cut(count), last);
                sum += count;
            }
            magazine.leave();
        }
        return sum;
    }

    /// Takes many slots into a magazine that the caller uses and that is empty.
    void fill(Magazine magazine, int most) {
        magazine.fill(free, most);
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

    List<Slab> slabs() {
        return slabs;
    }

    @Nullable Slot take() {
        return free.pop();
    }

    /// Takes slots back, linked by [Slot#nextFree] up to the last.
    void giveBack(Slot first, Slot last) {
        free.pushChain(first, last);
    }

    /// Adds one slab.
    void grow() {
        @Nullable Slot[] table = free.table();
        int firstIndex = gap(table);
        if (firstIndex == table.length) {
            table = Arrays.copyOf(table, table.length + slotsPerSlab);
        } else {
            table = table.clone();
        }
        Slab slab = new Slab(this, firstIndex, slotsPerSlab);
        System.arraycopy(slab.slots, 0, table, firstIndex, slotsPerSlab);
        slabs.add(slab);
        free.table(table);
        free.pushChain(slab.slots[0], slab.slots[slotsPerSlab - 1]);
    }

    /// Frees slabs none of whose slots is out, at most as many slots as said.
    ///
    /// @param slabsToKeep how many slabs stay in any case, so that a load which comes and goes does
    ///     not allocate the same slab over and over
    /// @return how many slots were freed
    int trim(int maxSlots, int slabsToKeep) {
        if (slabs.size() <= slabsToKeep || maxSlots < slotsPerSlab) {
            return 0;
        }
        @Nullable Slot[] table = free.table();
        int[] freeInSlab = new int[table.length / slotsPerSlab];
        // Meanwhile a taker finds nothing, asks for a slab, and waits for the pool's lock.
        Slot chain = free.popAll();
        for (Slot slot = chain; slot != null; slot = following(table, slot)) {
            freeInSlab[slot.index / slotsPerSlab]++;
        }
        int freed = 0;
        for (int i = slabs.size() - 1; i >= 0 && freed + slotsPerSlab <= maxSlots; i--) {
            Slab slab = slabs.get(i);
            if (slabs.size() > slabsToKeep
                    && freeInSlab[slab.firstIndex() / slotsPerSlab] == slotsPerSlab) {
                freed += slotsPerSlab;
                freeInSlab[slab.firstIndex() / slotsPerSlab] = -1;
                slabs.remove(i);
                slab.free();
            }
        }
        keepOthers(table, chain, freeInSlab);
        return freed;
    }

    private void keepOthers(@Nullable Slot[] table, @Nullable Slot chain, int[] freeInSlab) {
        @Nullable Slot[] kept = table.clone();
        Slot first = null;
        Slot last = null;
        Slot slot = chain;
        while (slot != null) {
            Slot next = following(table, slot);
            if (freeInSlab[slot.index / slotsPerSlab] < 0) {
                kept[slot.index] = null;
            } else if (last == null) {
                first = slot;
                last = slot;
            } else {
                last.nextFree = slot.index + 1;
                last = slot;
            }
            slot = next;
        }
        free.table(kept);
        if (first != null && last != null) {
            free.pushChain(first, last);
        }
    }

    private int gap(@Nullable Slot[] table) {
        for (int index = 0; index < table.length; index += slotsPerSlab) {
            if (table[index] == null) {
                return index;
            }
        }
        return table.length;
    }

    private static @Nullable Slot following(@Nullable Slot[] table, Slot slot) {
        return slot.nextFree == 0 ? null : table[slot.nextFree - 1];
    }
}
