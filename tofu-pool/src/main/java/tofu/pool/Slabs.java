package tofu.pool;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// All slabs of a pool, in a few sizes and a reserve: made within a bound of bytes when they are
/// needed, and given back to the system when they are not.
///
/// Under the lock [#bytes] is what all slabs have, [#spareBytes] what of that is beyond the bound,
/// as spare slots of the reserve, and [#slotCount] how many slots there are, without the reserve. A
/// slab is added only if the rest is within the bound then. It is freed only while all its slots
/// are in the free list.
///
/// Threads: any. A slot is taken without the lock as long as there is one; the lock guards what
/// adds, frees, or looks at all slabs, and is taken under no magazine. The slots of a new slab are
/// published by their push into the [FreeList]. The counts are volatile: written under the lock,
/// and seen without it as a guess.
final class Slabs {
    /// Capacities: a power of two for the body and a cache line for the rest. The odd line also
    /// keeps neighbours off the same cache set. The last one holds the longest frame.
    private static final int[] STRIDES = {128, 320, 1_088, 4_160, 16_448, 65_600, 131_136};

    static final int MIN_STRIDE = STRIDES[0];
    static final int MAX_STRIDE = STRIDES[STRIDES.length - 1];

    private static final int MAX_SLAB_BYTES = 256 << 10;

    private final SlotPool pool;
    private final int maxMessages;
    private final long maxBytes;
    private final Adrift adrift;
    private final SizeClass[] classes = new SizeClass[STRIDES.length];
    private final SizeClass reserve;

    /// The reserve is the last one.
    private final SizeClass[] all = new SizeClass[STRIDES.length + 1];

    private final Shortage shortage = new Shortage();
    private final ReentrantLock growing = new ReentrantLock();
    private volatile long bytes;

    /// Under the lock.
    private long spareBytes;

    private volatile int slotCount;

    /// Trimming is tried when no more than this many messages are out; falls with every try, so
    /// that a load that swings does not free and allocate the same slab over and over.
    private volatile int trimMark;

    /// No slab yet.
    Slabs(
            SlotPool pool,
            int maxMessages,
            long maxBytes,
            int reserveStride,
            int reserveSlots,
            MessageCount count,
            Adrift adrift) {
        this.pool = pool;
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
        this.adrift = adrift;
        long slabBytes = Math.min(MAX_SLAB_BYTES, maxBytes / 64);
        for (int i = 0; i < STRIDES.length; i++) {
            int slotsPerSlab = Math.clamp(slabBytes / STRIDES[i], 1, 1 << 12);
            int magazineSlots = SizeClass.magazineCapacity(STRIDES[i], maxMessages);
            classes[i] = new SizeClass(pool, STRIDES[i], slotsPerSlab, magazineSlots, count);
            all[i] = classes[i];
        }
        reserve = new SizeClass(pool, reserveStride, reserveSlots, 0, count);
        all[STRIDES.length] = reserve;
        trimMark = maxMessages / 2;
    }

    /// The reserve, and as many messages as there is room for.
    void makeFirst(int messages) {
        SizeClass smallest = classes[0];
        try {
            growing.lock();
            try {
                if (hasRoomFor(reserve)) {
                    grow(reserve);
                }
                while (slotCount < messages && hasRoomFor(smallest)) {
                    grow(smallest);
                    addSlots(smallest.slotsPerSlab());
                }
            } finally {
                growing.unlock();
            }
        } catch (OutOfMemoryError e) {
            shortage.begin(e);
        }
    }

    /// Each size, smallest first, without the reserve. Nobody writes it.
    SizeClass[] classes() {
        return classes;
    }

    SizeClass reserve() {
        return reserve;
    }

    /// Each size, smallest first, and the reserve. Nobody writes it.
    SizeClass[] all() {
        return all;
    }

    /// How many slots there are, without the reserve.
    int slotCount() {
        return slotCount;
    }

    /// How much memory the slabs have, once nobody changes that.
    long bytes() {
        growing.lock();
        try {
            return bytes;
        } finally {
            growing.unlock();
        }
    }

    /// The same as somebody may be changing it; takes no lock.
    long bytesSeen() {
        return bytes;
    }

    /// Whether half of the memory that there may be is there, used or not.
    boolean isHalfUsed() {
        return bytes > maxBytes / 2;
    }

    boolean reserveHasNoSlab() {
        growing.lock();
        try {
            return reserve.slabs.isEmpty();
        } finally {
            growing.unlock();
        }
    }

    /// Takes a slot: from the free list, a new slab, or a larger size.
    ///
    /// @return `null` when there is none within the bound
    @Nullable Slot take(SizeClass sizeClass) {
        Slot slot = sizeClass.take();
        if (slot == null) {
            slot = takeFromNewSlab(sizeClass);
        }
        return slot == null ? takeLarger(sizeClass) : slot;
    }

    /// If memory is short, more of it than is needed is better than none.
    private @Nullable Slot takeLarger(SizeClass tooSmall) {
        Slot slot = null;
        for (int i = 0; slot == null && i < classes.length; i++) {
            if (classes[i].stride() > tooSmall.stride()) {
                slot = classes[i].take();
            }
        }
        return slot;
    }

    private @Nullable Slot takeFromNewSlab(SizeClass sizeClass) {
        StackRoom.ask();
        try {
            growing.lock();
            try {
                Slot slot = sizeClass.take();
                if (slot == null && !hasRoomFor(sizeClass)) {
                    recall();
                    slot = sizeClass.take();
                    if (slot == null) {
                        trimClasses(Integer.MAX_VALUE, 0, sizeClass);
                        slot = sizeClass.take();
                    }
                }
                while (slot == null && hasRoomFor(sizeClass)) {
                    grow(sizeClass);
                    addSlots(sizeClass.slotsPerSlab());
                    trimMark = maxMessages / 2;
                    slot = sizeClass.take(); // others may have been faster
                }
                return slot;
            } finally {
                growing.unlock();
            }
        } catch (OutOfMemoryError e) {
            // The system has less than the cap promises: the same refusal, no crash of the loop.
            shortage.begin(e);
            return null;
        }
    }

    /// Adds a slab to the reserve, whatever the bound; or not, if the system has no memory.
    void growReserve() {
        try {
            growing.lock();
            try {
                grow(reserve);
                spareBytes += reserve.slabBytes();
            } finally {
                growing.unlock();
            }
        } catch (OutOfMemoryError e) {
            shortage.begin(e);
        }
    }

    /// Frees what [#growReserve()] has added, but for one slab.
    void trimReserve() {
        StackRoom.ask();
        if (growing.tryLock()) {
            try {
                long freed = (long) reserve.slabs.trim(Integer.MAX_VALUE, 1) * reserve.stride();
                addBytes(-freed);
                spareBytes -= freed;
            } finally {
                growing.unlock();
            }
        }
    }

    /// Makes what is in magazines, and what is adrift, free for all.
    void recall() {
        StackRoom.ask();
        for (SizeClass sizeClass : classes) {
            sizeClass.emptyMagazines();
        }
        if (adrift.any) {
            growing.lock();
            try {
                adrift.salvage(all);
            } finally {
                growing.unlock();
            }
        }
    }

    /// Whether memory should go back to the system.
    ///
    /// @param messagesOut how many messages are out
    boolean isTooMuch(int messagesOut) {
        return messagesOut <= trimMark && slotCount > maxMessages;
    }

    /// Frees slabs beyond what `maxPoolMessages` need, or, once the pool is closed, all that are
    /// unused.
    void trim(int messagesOut) {
        StackRoom.ask();
        if (!growing.tryLock()) {
            if (!pool.isClosed()) {
                return;
            }
            growing.lock();
        }
        try {
            if (pool.isClosed()) {
                trimClasses(Integer.MAX_VALUE, 0, null);
                addBytes(-(long) reserve.slabs.trim(Integer.MAX_VALUE, 0) * reserve.stride());
            } else {
                recall();
                trimMark = messagesOut / 2 - 1;
                trimClasses(slotCount - maxMessages, 1, null);
            }
        } finally {
            growing.unlock();
        }
    }

    /// Frees unused slabs, the largest sizes first.
    ///
    /// @param needed a size that somebody wants more of, so it is left alone
    private void trimClasses(int maxSlots, int slabsToKeep, @Nullable SizeClass needed) {
        int left = maxSlots;
        for (int i = classes.length - 1; i >= 0; i--) {
            if (classes[i] == needed) {
                continue;
            }
            int freed = classes[i].slabs.trim(left, slabsToKeep);
            left -= freed;
            addSlots(-freed);
            addBytes(-(long) freed * classes[i].stride());
        }
    }

    private boolean hasRoomFor(SizeClass sizeClass) {
        return bytes - spareBytes + sizeClass.slabBytes() <= maxBytes;
    }

    /// Adds a slab, for which there is room. Under the lock.
    private void grow(SizeClass sizeClass) {
        sizeClass.slabs.grow();
        addBytes(sizeClass.slabBytes());
        shortage.end();
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock, read without
    private void addBytes(long more) {
        bytes += more;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock, read without
    private void addSlots(int count) {
        slotCount += count;
    }

    /// Says in the log what the system has refused, see [Shortage#say()].
    void sayShortage() {
        shortage.say();
    }
}
