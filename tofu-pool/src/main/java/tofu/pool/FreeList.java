package tofu.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// The free slots of one size class: a lock-free stack, so that the slot returned last, whose
/// memory is warm, goes out first.
///
/// The head is `tag << 32 | index + 1`. Every change raises the tag, so that a slot which was taken
/// and returned between another thread's read and its compare-and-set is noticed (ABA).
///
/// Threads: any. Owns the slots in it.
final class FreeList {
    private static final VarHandle HEAD;
    private static final long INDEX_MASK = 0xFFFF_FFFFL;
    private static final long ONE_TAG = 1L << 32;

    static {
        try {
            HEAD = MethodHandles.lookup().findVarHandle(FreeList.class, "head", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /// All slots of the class by index; grows only, and forgets slots of slabs that were freed.
    private volatile @Nullable Slot[] table = new Slot[0];

    @SuppressWarnings("unused") // through HEAD
    private volatile long head;

    /// Replaces the table, under the pool's lock.
    void table(@Nullable Slot[] slots) {
        table = slots;
    }

    @Nullable Slot[] table() {
        return table;
    }

    /// Pushes slots that are linked by [Slot#nextFree], except the last.
    void pushChain(Slot first, Slot last) {
        while (true) {
            long seen = (long) HEAD.getAcquire(this);
            last.nextFree = (int) (seen & INDEX_MASK);
            // Pairs with getVolatile in pop: whoever takes the slot sees its link and its last
            // owner's work.
            if (HEAD.compareAndSet(this, seen, headFor(seen, first.index + 1))) {
                return;
            }
        }
    }

    @Nullable Slot pop() {
        while (true) {
            // Volatile, not just acquire: whoever asked to be told of a refill must not look too
            // early.
            long seen = (long) HEAD.getVolatile(this);
            int position = (int) (seen & INDEX_MASK);
            if (position == 0) {
                return null;
            }
            Slot slot = table[position - 1];
            // null or a stale link: somebody was faster, so the tag has moved on and the set fails.
            int following = slot == null ? 0 : slot.nextFree;
            if (HEAD.compareAndSet(this, seen, headFor(seen, following))) {
                return slot;
            }
        }
    }

    /// Takes several slots at once.
    ///
    /// @param into gets them, the warmest last
    /// @param most how many at most, no more than there is room for
    /// @return how many there were
    int pop(@Nullable Slot[] into, int most) {
        while (true) {
            long seen = (long) HEAD.getVolatile(this);
            @Nullable Slot[] slots = table;
            int position = (int) (seen & INDEX_MASK);
            int count = 0;
            // As in pop: a link may be stale, and lead anywhere; then the set fails.
            while (count < most && position != 0 && position <= slots.length) {
                Slot slot = slots[position - 1];
                if (slot == null) {
                    break;
                }
                into[count++] = slot;
                position = slot.nextFree;
            }
            if (count == 0 && (seen & INDEX_MASK) == 0) {
                return 0;
            }
            if (count > 0 && HEAD.compareAndSet(this, seen, headFor(seen, position))) {
                reverse(into, count);
                return count;
            }
        }
    }

    private static void reverse(@Nullable Slot[] slots, int count) {
        for (int i = 0, j = count - 1; i < j; i++, j--) {
            Slot slot = slots[i];
            slots[i] = slots[j];
            slots[j] = slot;
        }
    }

    /// Takes all slots at once.
    ///
    /// @return the first of them, linked by [Slot#nextFree]; `null` when there is none
    @Nullable Slot popAll() {
        while (true) {
            long seen = (long) HEAD.getAcquire(this);
            int position = (int) (seen & INDEX_MASK);
            if (position == 0) {
                return null;
            }
            if (HEAD.compareAndSet(this, seen, headFor(seen, 0))) {
                return table[position - 1];
            }
        }
    }

    private static long headFor(long seen, int position) {
        return (seen & ~INDEX_MASK) + ONE_TAG | position;
    }
}
