package tofu.pool;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// Free slots of one size that a few threads keep near: they take and return most slots here, and
/// change the free list, which all threads share, once for many slots.
///
/// An application's stack or memory may end at any call. So each change of the fields comes behind
/// all calls that it needs, and what a magazine owes to the count of messages is in
/// [#owed] until it is settled: whoever comes next finds all right.
///
/// Threads: any; whoever finds another one here goes to the free list instead. Owns the slots in
/// it. All but the constructor, [#enter()], [#enterSoon()], [#count()] and [#counted()] between
/// enter and leave only.
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

    /// Somebody is between [#enter()] and [#leave()]. Who cannot call that, as his stack has ended,
    /// sets it to false.
    volatile boolean busy;

    private final FreeList free;

    /// What is in here counts as out.
    private final MessageCount messages;

    private final @Nullable Slot[] slots;
    private int count;

    /// So many more than are here count as out.
    private int owed;

    /// Ids for the messages that are taken here: the next one, and how many there are.
    private long nextId;

    private int ids;

    Magazine(int capacity, FreeList free, MessageCount messages) {
        slots = new @Nullable Slot[capacity];
        this.free = free;
        this.messages = messages;
    }

    /// Begins to use it; nobody else does until [#leave()]. The caller's `try` begins at once, as
    /// nothing fails between the compare-and-set and the return.
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

    /// Cheaper than to set the field, which would be a fence; but it is a call.
    void leave() {
        BUSY.setRelease(this, false);
    }

    /// How many slots there are; a guess while others use it.
    int count() {
        return count;
    }

    /// How many messages count as out because of this magazine; a guess while others use it.
    int counted() {
        return count + owed;
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

    /// Takes the slot returned last, whose memory is warm, with an id for its message.
    ///
    /// @return a slot, `null` when there is none
    @Nullable Slot pop() {
        int left = count - 1;
        Slot slot = left < 0 ? null : slots[left];
        if (slot != null) {
            if (slot.spareId == 0) {
                slot.spareId = takeId();
            }
            slots[left] = null; // without a call from here on
            count = left;
        }
        return slot;
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
    /// @param most how many at most; the caller has counted as many as out
    void fill(int most) {
        owed += most;
        count = free.pop(slots, most);
        owed -= count;
        settle();
    }

    /// Gives the slots returned first to the free list; the very first comes out of it last.
    ///
    /// @param most how many at most
    void spill(int most) {
        int given = Math.min(most, count);
        Slot first = null;
        Slot last = null;
        for (int i = 0; i < given; i++) {
            Slot slot = slots[i];
            if (slot != null) {
                slot.nextFree = first == null ? 0 : first.index + 1;
                first = slot;
                last = last == null ? slot : last;
            }
        }
        if (first != null && last != null) {
            int kept = count - given;
            free.pushChain(first, last);
            for (int i = 0; i < count; i++) { // without a call
                slots[i] = i < kept ? slots[i + given] : null;
            }
            count = kept;
            owed += given;
        }
        settle();
    }

    /// What is owed does not count as out any more.
    private void settle() {
        if (owed != 0) {
            messages.subtract(owed);
            owed = 0;
        }
    }
}
