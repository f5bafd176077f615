package tofu.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The free slots of one size class: a lock-free stack, so that the slot returned last, whose
/// memory is warm, goes out first.
///
/// The head is `tag << 32 | index + 1`. Every change raises the tag, so that a slot which was taken
/// and returned between another thread's read and its compare-and-set is noticed (ABA).
///
/// A slot's index is `slab << bits | place in the slab`, so a slab is added without a look at the
/// others.
///
/// Threads: any; slabs are added and forgotten under the pool's lock. Owns the slots in it. Every
/// call that ends by an Error, for want of stack or memory, has done nothing: the
/// compare-and-set comes last.
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

    /// How many bits of an index say where in its slab a slot is.
    private final int placeBits;

    /// The slots of each slab; `null` where there is none. Doubles when it is full. Changed in
    /// place, before the push that makes a change known, after the pop that makes it unknown.
    private volatile Slot[] @Nullable [] slabs = new Slot[4][];

    @SuppressWarnings("unused") // through HEAD
    private volatile long head;

    FreeList(int slotsPerSlab) {
        placeBits = Integer.SIZE - Integer.numberOfLeadingZeros(slotsPerSlab - 1);
    }

    /// The index of a slab's first slot; those of the others follow.
    int firstIndex(int slab) {
        return slab << placeBits;
    }

    /// Sees to it that [#add(int, Slot\[\])] needs no memory. Under the pool's lock.
    void makeRoom(int slab) {
        if (slab >= slabs.length) {
            slabs = Arrays.copyOf(slabs, Math.max(2 * slabs.length, slab + 1));
        }
    }

    /// Makes the slots of a slab known, none of which is in the list yet. Under the pool's lock.
    void add(int slab, Slot[] slots) {
        makeRoom(slab);
        slabs[slab] = slots;
    }

    /// Forgets the slots of a slab, none of which is in the list. Under the pool's lock.
    void forget(int slab) {
        slabs[slab] = null;
    }

    /// The slots of a slab.
    ///
    /// @return `null` if there is no such slab
    Slot @Nullable [] slots(int slab) {
        return slabs[slab];
    }

    /// All slabs have smaller numbers.
    int slabsEnd() {
        return slabs.length;
    }

    /// The slot that [Slot#nextFree] stands for.
    ///
    /// @return `null` for 0, and for a link that is out of date
    @Nullable Slot linked(int position) {
        int index = position - 1;
        Slot[] @Nullable [] known = slabs;
        int slab = index >>> placeBits;
        if (position == 0 || slab >= known.length) {
            return null;
        }
        Slot[] slots = known[slab];
        return slots == null ? null : slots[index & (1 << placeBits) - 1];
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
            Slot slot = linked(position);
            // null or a stale link: somebody was faster, so the tag has moved on and the set fails.
            int following = slot == null ? 0 : slot.nextFree;
            if (HEAD.compareAndSet(this, seen, headFor(seen, following))) {
                return slot;
            }
        }
    }

    /// Takes several slots at once.
    ///
    /// @param into gets them from its beginning, the warmest last; `null` behind them, up to `most`
    /// @param most how many at most, no more than there is room for
    /// @return how many there were
    int pop(@Nullable Slot[] into, int most) {
        while (true) {
            long seen = (long) HEAD.getVolatile(this);
            int position = (int) (seen & INDEX_MASK);
            int count = 0;
            // As in pop: a link may be stale, and lead anywhere; then the set fails.
            Slot slot = linked(position);
            while (count < most && slot != null) {
                into[count++] = slot;
                position = slot.nextFree;
                slot = linked(position);
            }
            Arrays.fill(into, count, most, null); // what a try before has left
            if ((seen & INDEX_MASK) == 0) {
                return 0;
            }
            reverse(into, count);
            if (count > 0 && HEAD.compareAndSet(this, seen, headFor(seen, position))) {
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
            Slot first = linked(position);
            if (first != null && HEAD.compareAndSet(this, seen, headFor(seen, 0))) {
                return first;
            }
        }
    }

    private static long headFor(long seen, int position) {
        return (seen & ~INDEX_MASK) + ONE_TAG | position;
    }
}
