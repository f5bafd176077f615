package tofu.pool;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// One piece of memory outside the heap, carved into equal slots.
///
/// One shared arena for each slab, and never for each message: closing a shared arena is expensive
/// and can slow down unrelated threads.
///
/// Thread: made and freed under the pool's lock. Owns the memory.
final class Slab {
    private static final long CACHE_LINE = 64;

    final SizeClass sizeClass;
    final Slot[] slots;
    private final Arena arena = Arena.ofShared();

    /// Allocates the slots, numbered from `firstIndex`, linked by [Slot#nextFree] in their order.
    Slab(SizeClass sizeClass, int firstIndex, int count) {
        this.sizeClass = sizeClass;
        int stride = sizeClass.stride();
        try {
            MemorySegment memory = arena.allocate((long) stride * count, CACHE_LINE);
            slots = new Slot[count];
            for (int i = 0; i < count; i++) {
                MemorySegment part = memory.asSlice((long) i * stride, stride);
                slots[i] = new Slot(this, firstIndex + i, part);
                slots[i].nextFree = i + 1 < count ? firstIndex + i + 2 : 0;
            }
        } catch (Throwable failure) {
            arena.close();
            throw failure;
        }
    }

    int firstIndex() {
        return slots[0].index;
    }

    long bytes() {
        return (long) sizeClass.stride() * slots.length;
    }

    void free() {
        arena.close();
    }
}
