package tofu.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Free slots of one size that a few threads keep near: they take and return most slots here, and
/// change the free list, which all threads share, once for many slots.
///
/// Threads: any; whoever finds another one here goes to the free list instead. Owns the slots in
/// it.
final class Magazine {
    /// How many message ids it gets at once.
    private static final int IDS = 64;

    private static final VarHandle BUSY;

    static {
        try {
            BUSY = MethodHandles.lookup().findVarHandle(Magazine.class, "busy", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused") // through BUSY
    private volatile boolean busy;

    private final @Nullable Slot[] slots;
    private int count;

    /// Ids for the messages that are taken here: the next one, and how many there are.
    private long nextId;

    private int ids;

    Magazine(int capacity) {
        slots = new @Nullable Slot[capacity];
    }

    /// Begins to use it; nobody else does until [#leave()].
    ///
    /// @return false if somebody does
    boolean enter() {
        return BUSY.compareAndSet(this, false, true);
    }

    /// Begins to use it, as soon as nobody else does.
    @SuppressWarnings("ThreadPriorityCheck") // who has been stopped must go on first
    void enterSoon() {
        while (!enter()) {
            Thread.yield(); // a few instructions, unless the system has stopped their thread
        }
    }

    void leave() {
        BUSY.setRelease(this, false);
    }

    /// How many slots there are. Of interest to who uses it; for others a guess.
    int count() {
        return count;
    }

    int capacity() {
        return slots.length;
    }

    boolean isFull() {
        return count == slots.length;
    }

    void push(Slot slot) {
        slots[count++] = slot;
    }

    /// Takes the slots returned last, whose memory is warm, with an id for each.
    ///
    /// @param most how many at most
    /// @return the first of them, linked by [Slot#next]; `null` when there is none
    @Nullable Slot pop(int most) {
        Slot first = null;
        for (int left = Math.min(most, count); left > 0; left--) {
            Slot slot = slots[--count];
            slots[count] = null;
            if (slot != null) {
                slot.next = first;
                first = slot;
                if (slot.spareId == 0) {
                    slot.spareId = takeId();
                }
            }
        }
        return first;
    }

    private long takeId() {
        if (ids == 0) {
            nextId = MessageIds.next(IDS);
            ids = IDS;
        }
        ids--;
        return nextId++;
    }

    /// Takes many from the free list into an empty magazine.
    ///
    /// @param most how many at most
    void fill(FreeList free, int most) {
        count = free.pop(slots, most);
    }

    /// The slot returned first.
    @Nullable Slot oldest() {
        return slots[0];
    }

    /// Removes the slots returned first; the very first of them becomes the last of a chain.
    ///
    /// @param removed how many, 1 to [#count()]
    /// @return the first of them, linked by [Slot#nextFree] up to the last
    Slot cut(int removed) {
        Slot first = null;
        for (int i = 0; i < removed; i++) {
            Slot slot = slots[i];
            if (slot == null) {
                throw new IllegalStateException(removed + " of " + count + " slots");
            }
            slot.nextFree = first == null ? 0 : first.index + 1;
            first = slot;
        }
        System.arraycopy(slots, removed, slots, 0, count - removed);
        Arrays.fill(slots, count - removed, count, null);
        count -= removed;
        if (first == null) {
            throw new IllegalArgumentException("nothing to remove");
        }
        return first;
    }
}
