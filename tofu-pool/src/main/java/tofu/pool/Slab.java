package tofu.pool;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// One piece of memory outside the heap, carved into equal slots.
///
/// One shared arena for each slab, and never for each message: closing a shared arena is expensive
/// and can slow down unrelated threads.
///
/// Thread: made and freed under the pool's lock. Owns the memory.
final class Slab {
    private static final long CACHE_LINE = 64;

    /// So many bytes are left out in front: what follows the header of each slot's frame begins
    /// with a cache line, and a small message needs one line less. They count in no bound.
    private static final long LEAD = CACHE_LINE - HeaderLayout.LENGTH;

    final SizeClass sizeClass;
    final Slot[] slots;

    /// All of it.
    final MemorySegment memory;

    /// The same, big-endian. All slots' threads use it, so nobody moves its position or limit.
    final ByteBuffer buffer;

    /// Capacity of each slot, in bytes.
    final int stride;

    /// How many slots the one who trims has found free; else 0.
    int unused;

    private final Arena arena = Arena.ofShared();

    /// Allocates the slots, numbered from `firstIndex`, linked by [Slot#nextFree] in their order.
    Slab(SizeClass sizeClass, int firstIndex, int count) {
        this.sizeClass = sizeClass;
        stride = sizeClass.stride();
        try {
            memory = arena.allocate(LEAD + (long) stride * count, CACHE_LINE).asSlice(LEAD);
            buffer = memory.asByteBuffer();
            slots = new Slot[count];
            for (int i = 0; i < count; i++) {
                slots[i] = new Slot(this, firstIndex + i, i * stride);
                slots[i].nextFree = i + 1 < count ? firstIndex + i + 2 : 0;
            }
        } catch (Throwable failure) {
            arena.close();
            throw failure;
        }
    }

    long bytes() {
        return memory.byteSize();
    }

    boolean isFreed() {
        return !memory.scope().isAlive();
    }

    /// Frees the memory, if all slots are unused; but not while somebody is in a system call with a
    /// view of it that he should not have any more.
    ///
    /// @return false if it could not be freed now
    boolean freeIfUnused() {
        if (unused != slots.length) {
            return false;
        }
        try {
            arena.close();
            return true;
        } catch (IllegalStateException inUse) {
            return false;
        }
    }
}
