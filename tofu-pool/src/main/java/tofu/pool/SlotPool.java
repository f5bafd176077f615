package tofu.pool;

import java.lang.System.Logger;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tofu.api.AllocationStrategy;
import tofu.api.AmpeException;
import tofu.api.LeakDetection;
import tofu.api.Options;
import tofu.api.Statistics;
import tofu.api.Status;

/// All message memory of one engine: slots of a few sizes, handed out and taken back.
///
/// A message is *out* from its take to its release, whatever its size. While fewer than
/// `maxPoolMessages` are out everybody gets one; beyond that only [AllocationStrategy#ALWAYS] does,
/// until `maxPoolBytes` of slabs exist. A small reserve, allocated at once, is for the engine's own
/// notices, so that the news of an empty pool can always be told.
///
/// Somewhat long, so that all that changes the counts of messages and bytes is in one place.
///
/// Threads: any; taking and releasing is lock-free unless a slab must be allocated or freed.
///
/// Errors: an application's stack or memory may end at any call. Then no magazine stays busy, no
/// count is wrong, and the slot that was on its way is *adrift*: found again by the next one who
/// finds the pool empty.
public final class SlotPool implements AutoCloseable {
    private static final Logger LOG = System.getLogger("tofu.leak");

    /// Capacities: a power of two for the body and a cache line for the rest. The odd line also
    /// keeps neighbours off the same cache set. The last one holds the longest frame.
    private static final int[] STRIDES = {128, 320, 1_088, 4_160, 16_448, 65_600, 131_136};

    private static final int MAX_SLAB_BYTES = 256 << 10;
    private static final int RESERVE_SLOTS = 64;
    private static final int MAX_MAGAZINE_SLOTS = 1_024;
    private static final int MIN_MAGAZINE_SLOTS = 8;

    /// A magazine has no more than this: what is in several of them should fit in a cache.
    private static final int MAX_MAGAZINE_BYTES = 128 << 10;

    /// A magazine has no more than this part of all messages.
    private static final int MAGAZINE_SHARE = 64;

    /// How many slots an empty magazine gets at once.
    private static final int MAGAZINE_REFILL = 32;

    /// Capacity of a spare slot of a pool for logs: the longest frame fits.
    static final int SPARE_STRIDE = STRIDES[6];

    /// So many chunks of logs are kept for those who will need some.
    private static final int KEPT_CHUNKS = 4_096;

    private static final int NOT_KEPT = -1;

    private static final int ANY_REFILL = Integer.MAX_VALUE;

    private static final long POISON = 0xA5A5_A5A5_A5A5_A5A5L;

    private static final VarHandle TELL_BELOW;

    static {
        try {
            TELL_BELOW =
                    MethodHandles.lookup().findVarHandle(SlotPool.class, "tellBelow", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int maxMessages;

    /// Messages in magazines count as out. So that they are to be had all the same, there are none
    /// while more than this many are out.
    private final int magazineLimit;

    private final long maxBytes;
    private final SizeClass[] classes = new SizeClass[STRIDES.length];
    private final SizeClass reserve;

    /// It is one of chunks.
    private final boolean forLogs;

    private final LeakWatch leaks;
    private final AtomicInteger out = new AtomicInteger();

    /// How many bytes of chunks somebody has.
    private final AtomicLong lent = new AtomicLong();

    /// For messages on their way to an application.
    private final ReceivedSlots received;

    private final List<Runnable> refillListeners = new CopyOnWriteArrayList<>();

    /// Guards all slabs.
    private final ReentrantLock growing = new ReentrantLock();

    /// Written under the lock, read without.
    private volatile long bytes;

    /// How many of them are beyond the cap. Under the lock.
    private long spareBytes;

    private volatile int slotCount;

    /// Trimming is tried when no more than this many messages are out; falls with every try, so
    /// that a load that swings does not free and allocate the same slab over and over.
    private volatile int trimMark;

    /// Somebody was refused as too many messages were out, maybe one that was only counted.
    private volatile boolean crowded;

    /// The refill listeners are told when fewer messages than this are out; 0 if nobody waits for
    /// that. Meanwhile there is nothing in magazines.
    private volatile int tellBelow;

    private volatile boolean closed;

    /// There may be slots adrift, or some that count as out and are not.
    private volatile boolean anyAdrift;

    /// How many count as out and are not, less those that do not count and are, as there was no
    /// stack or memory to count them. Added to without a call, as there may be no stack for one:
    /// two that do so at once count as one.
    private volatile int overcounted;

    /// The system has refused memory, and has not given any since.
    private final AtomicBoolean refused = new AtomicBoolean();

    /// How it has refused memory, until that is in the log: whoever found out may have been a loop,
    /// or held something.
    private final AtomicReference<@Nullable OutOfMemoryError> unsaid = new AtomicReference<>();

    /// Allocates the first messages and the reserve.
    ///
    /// @param options limits of the pool
    public SlotPool(Options options) {
        this(
                options.initialPoolMessages(),
                options.maxPoolMessages(),
                options.maxPoolBytes(),
                options.leakDetection());
    }

    /// Makes a pool of [LogChunk]s, which allocates none before one is needed.
    ///
    /// @param maxBytes how much memory it has at most, but for spare slots
    /// @return the pool
    public static SlotPool ofLogs(long maxBytes) {
        return new SlotPool(KEPT_CHUNKS, maxBytes, LeakDetection.OFF, SPARE_STRIDE, 1);
    }

    SlotPool(int initialMessages, int maxMessages, long maxBytes, LeakDetection leakDetection) {
        this(maxMessages, maxBytes, leakDetection, STRIDES[0], RESERVE_SLOTS);
        makeFirst(initialMessages);
    }

    private SlotPool(
            int maxMessages,
            long maxBytes,
            LeakDetection leakDetection,
            int reserveStride,
            int reserveSlots) {
        StackRoom.ask(); // initialised now: later there may be neither stack nor memory for that
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
        this.magazineLimit = maxMessages - maxMessages / 4;
        this.leaks = new LeakWatch(leakDetection);
        long slabBytes = Math.min(MAX_SLAB_BYTES, maxBytes / 64);
        for (int i = 0; i < STRIDES.length; i++) {
            int slotsPerSlab = Math.clamp(slabBytes / STRIDES[i], 1, 1 << 12);
            int magazineSlots = magazineSlots(STRIDES[i]);
            classes[i] = new SizeClass(this, STRIDES[i], slotsPerSlab, magazineSlots, out);
        }
        reserve = new SizeClass(this, reserveStride, reserveSlots, 0, out);
        forLogs = reserveStride == SPARE_STRIDE;
        trimMark = maxMessages / 2;
        received = new ReceivedSlots(this, maxMessages, maxBytes);
    }

    /// As many as there is room for.
    private void makeFirst(int messages) {
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
            noteNoMemory(e);
        }
    }

    private int magazineSlots(int stride) {
        int slots = Math.clamp(MAX_MAGAZINE_BYTES / stride, MIN_MAGAZINE_SLOTS, MAX_MAGAZINE_SLOTS);
        return Math.min(slots, maxMessages / MAGAZINE_SHARE);
    }

    /// Leases an empty message, in the smallest size.
    ///
    /// @param strategy what to do when the pool is empty
    /// @return a lease owned by the caller; `null` if the pool is empty and the strategy is
    ///     [AllocationStrategy#POOL_ONLY]
    /// @throws AmpeException with [Status#SHUTDOWN_STARTED] or [Status#ALLOCATION_FAILED]
    public @Nullable SlabMessage get(AllocationStrategy strategy) {
        if (closed) {
            throw new AmpeException(Status.SHUTDOWN_STARTED, "the engine is closed");
        }
        leaks.report();
        Slot slot = takeFree(HeaderLayout.LENGTH, strategy);
        if (slot != null) {
            try {
                slot.handOver(Slot.Owner.FREE, Slot.Owner.LEASE);
                slot.clear();
                return lease(slot);
            } catch (VirtualMachineError noRoom) {
                slot.adrift = true;
                anyAdrift = true;
                throw noRoom;
            }
        }
        sayNoMemory();
        if (strategy == AllocationStrategy.POOL_ONLY) {
            return null;
        }
        throw noMemory(STRIDES[0]);
    }

    /// Makes a lease of a slot that is to be the application's.
    ///
    /// @param slot a slot with owner [Slot.Owner#LEASE]
    /// @return the lease
    public SlabMessage lease(Slot slot) {
        return new SlabMessage(slot, leaks.watch());
    }

    /// Takes a slot with room for a frame; its content is arbitrary.
    ///
    /// @param frameLength 16 to 131,086, in bytes
    /// @param strategy whether to go beyond `maxPoolMessages`
    /// @param owner the slot's owner from now on
    /// @return a slot, or `null` when there is none within the limits
    public @Nullable Slot take(int frameLength, AllocationStrategy strategy, Slot.Owner owner) {
        Slot slot = takeFree(frameLength, strategy);
        if (slot != null) {
            try {
                slot.handOver(Slot.Owner.FREE, owner);
            } catch (VirtualMachineError noRoom) {
                slot.adrift = true;
                anyAdrift = true;
                throw noRoom;
            }
        }
        return slot;
    }

    /// For messages on their way to an application.
    ReceivedSlots received() {
        return received;
    }

    /// Whether there are so many messages that threads may keep some.
    boolean isAtEase() {
        return out.get() <= magazineLimit;
    }

    /// How many slots it may take to look at each.
    int slotCount() {
        return slotCount;
    }

    /// Whether no spare slot was made.
    boolean hasNoSpare() {
        growing.lock();
        try {
            return reserve.hasNoSlab();
        } finally {
            growing.unlock();
        }
    }

    /// How many messages applications have.
    int leases() {
        StackRoom.ask();
        return census().getOrDefault(Slot.Owner.LEASE, 0);
    }

    /// How much memory those have. What is of a reserve counts whoever has it: else spare slots
    /// that an application keeps as updates, or to open channels, would be made without end.
    long leasedBytes() {
        StackRoom.ask();
        AtomicLong sum = new AtomicLong();
        forEachSlot(
                slot -> {
                    boolean out = slot.isOfReserve() && slot.owner() != Slot.Owner.FREE;
                    if (out || slot.owner() == Slot.Owner.LEASE) {
                        sum.addAndGet(slot.capacity());
                    }
                });
        return sum.get();
    }

    /// Somebody has waited for memory, and none has come back: what applications have is counted
    /// again when next there is none.
    public void countAgain() {
        received.countAgain();
    }

    /// Takes a slot, which is out then, and nobody's yet.
    @SuppressWarnings("NonAtomicVolatileUpdate") // see there
    private @Nullable Slot takeFree(int frameLength, AllocationStrategy strategy) {
        SizeClass sizeClass = classFor(frameLength);
        Slot near = takeNear(sizeClass);
        if (near != null) {
            return near;
        }
        boolean limited = strategy == AllocationStrategy.POOL_ONLY;
        if (limited && !countOut(1, maxMessages)) {
            crowded = true; // before the second try: pairs with the look at it below
            emptyMagazines();
            if (!countOut(1, maxMessages)) {
                return null;
            }
        }
        Slot slot = null;
        try {
            slot = takeFrom(sizeClass);
            if (slot == null && limited) {
                out.getAndDecrement();
            } else if (slot != null && !limited) {
                out.getAndIncrement();
            }
        } catch (Throwable noRoom) {
            if (limited) {
                overcounted++;
                anyAdrift = true;
            } else if (slot != null) {
                overcounted--; // what is adrift is counted back
                slot.adrift = true;
                anyAdrift = true;
            }
            throw noRoom;
        }
        // Only then: a loop that waits for memory would tell itself, and try for ever.
        if (slot == null && limited && crowded) {
            crowded = false;
            tellRefill(); // somebody may have been refused because of this one
        }
        return slot;
    }

    /// Not counted first and taken back then: others must not see an empty pool meanwhile.
    private boolean countOut(int messages, int limit) {
        int seen = out.get();
        while (seen <= limit - messages) {
            if (out.compareAndSet(seen, seen + messages)) {
                return true;
            }
            seen = out.get();
        }
        return false;
    }

    /// Takes a slot from the calling thread's magazine.
    ///
    /// @return a slot, which is out; `null` when there is none
    private @Nullable Slot takeNear(SizeClass sizeClass) {
        Magazine magazine = sizeClass.magazine();
        if (magazine == null || !magazine.enter()) {
            return null;
        }
        Slot slot = null;
        try {
            int some = Math.min((magazine.capacity() + 1) / 2, MAGAZINE_REFILL);
            if (magazine.count() == 0
                    && !closed
                    && tellBelow == 0
                    && countOut(some, magazineLimit)) {
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

    /// Makes what is in magazines, and what is adrift, free for all.
    private void emptyMagazines() {
        StackRoom.ask();
        for (SizeClass sizeClass : classes) {
            sizeClass.emptyMagazines();
        }
        if (anyAdrift) {
            salvage();
        }
    }

    /// Finds what is adrift.
    private void salvage() {
        growing.lock();
        try {
            anyAdrift = false;
            int over = overcounted;
            overcounted = 0;
            out.getAndAdd(-over);
            for (SizeClass sizeClass : allClasses()) {
                for (int i = 0; i < sizeClass.slabsEnd(); i++) {
                    Slot[] slots = sizeClass.slots(i);
                    for (int j = 0; slots != null && j < slots.length; j++) {
                        salvage(sizeClass, slots[j]);
                    }
                }
            }
        } finally {
            growing.unlock();
        }
    }

    private void salvage(SizeClass sizeClass, Slot slot) {
        if (slot.adrift) {
            slot.adrift = false;
            slot.endLoan();
            slot.reset();
            sizeClass.giveBack(slot, slot);
            if (sizeClass != reserve) {
                out.getAndDecrement();
            }
        }
    }

    /// Takes a slot for a notice of the engine, without text headers and body: from the reserve,
    /// else from the pool.
    ///
    /// @return a slot of [Slot.Owner#QUEUE] with a zeroed header, or `null` when both are empty
    public @Nullable Slot takeForNotice() {
        Slot slot = reserve.take();
        if (slot == null) {
            slot = take(HeaderLayout.LENGTH, AllocationStrategy.POOL_ONLY, Slot.Owner.QUEUE);
            if (slot == null) {
                return null;
            }
        } else {
            slot.handOver(Slot.Owner.FREE, Slot.Owner.QUEUE);
        }
        slot.clear();
        return slot;
    }

    /// Takes memory of a pool for logs for a message, which counts as lent until it comes back, as
    /// a chunk does. Half of all is left to what is on its way, or applications that keep what they
    /// receive would have nobody read any more.
    ///
    /// @param frameLength 16 to 131,086, in bytes
    /// @return a slot of [Slot.Owner#LEASE], or `null` if there is none
    @Nullable Slot takeForMessage(int frameLength) {
        StackRoom.ask();
        LogChunk chunk = mayLend(frameLength) ? LogChunk.take(this, frameLength) : null;
        return chunk == null ? null : chunk.toMessage();
    }

    /// Whether a message may have memory of this pool for logs.
    private boolean mayLend(int more) {
        return bytesFree() - more > maxBytes / 2;
    }

    /// Takes a spare slot of a pool for logs: for a message on its way to an application when there
    /// is no memory for it. So what is in an inbox can be taken, one after the other, even if it is
    /// itself what has all the memory.
    ///
    /// @return a slot of [Slot.Owner#LEASE], or `null` while others have those that there are
    @Nullable Slot takeSpare() {
        StackRoom.ask();
        Slot slot = reserve.take();
        return slot == null ? null : slot.handOver(Slot.Owner.FREE, Slot.Owner.LEASE);
    }

    /// Makes another one, whatever the cap.
    ///
    /// @return a slot of [Slot.Owner#LEASE], or `null` if the system has no memory
    @Nullable Slot makeSpare() {
        StackRoom.ask();
        try {
            growing.lock();
            try {
                grow(reserve);
                spareBytes += SPARE_STRIDE;
            } finally {
                growing.unlock();
            }
        } catch (OutOfMemoryError e) {
            noteNoMemory(e);
        }
        return takeSpare();
    }

    /// One spare slot is kept.
    private void trimSpares() {
        StackRoom.ask();
        if (growing.tryLock()) {
            try {
                long freed = (long) reserve.trim(Integer.MAX_VALUE, 1) * SPARE_STRIDE;
                addBytes(-freed);
                spareBytes -= freed;
            } finally {
                growing.unlock();
            }
        }
    }

    /// Moves a frame to a larger slot; the smaller one is free then.
    ///
    /// @param slot the slot, which stays the caller's when this fails
    /// @param owner its owner
    /// @param length how much of it counts, in bytes
    /// @param capacity how much room is needed, at most 131,086 bytes
    /// @return a slot with the same owner, source and content; `null` when there is none within
    ///     `maxPoolBytes`, or half of it of a pool for logs
    public @Nullable Slot grow(Slot slot, Slot.Owner owner, int length, int capacity) {
        return replace(slot, owner, length, capacity, null);
    }

    /// Moves a message to a larger slot, see [#grow].
    ///
    /// @throws IllegalStateException if another thread has moved, closed or grown the message
    ///     meanwhile: a bug of the application, which pays for it
    @Nullable Slot grow(SlabMessage lease, Slot slot, int length, int capacity) {
        return replace(slot, lease.owner(), length, capacity, lease);
    }

    private @Nullable Slot replace(
            Slot slot, Slot.Owner owner, int length, int capacity, @Nullable SlabMessage lease) {
        Objects.checkIndex(length, slot.capacity() + 1);
        StackRoom.ask();
        SizeClass sizeClass = classFor(capacity);
        if (forLogs && !mayLend(sizeClass.stride())) {
            return null;
        }
        Slot near = takeNear(sizeClass);
        Slot larger = near == null ? takeFrom(sizeClass) : near;
        if (larger == null) {
            return null;
        }
        larger.handOver(Slot.Owner.FREE, owner);
        Slot unneeded = larger;
        try {
            larger.source(slot.source());
            larger.copyFrom(slot, length);
            if (forLogs) {
                larger.chunk().borrow(this);
            }
            if (lease != null && !lease.replace(slot, larger)) {
                throw new IllegalStateException("the message is used by two threads");
            }
            unneeded = slot;
        } finally {
            if (near != null) {
                // What was in a magazine counted as out, and goes on so as the message.
                release(unneeded, owner);
            } else {
                releaseUncounted(unneeded, owner);
            }
        }
        return larger;
    }

    /// Takes a slot back whose message goes on in another one, which did not count.
    private void releaseUncounted(Slot slot, Slot.Owner owner) {
        SizeClass from = slot.slab.sizeClass;
        if (from == reserve) {
            // The message now counts among those that are out, as it will when it is released.
            out.getAndIncrement();
        }
        prepareForReturn(slot, owner);
        from.giveBack(slot, slot);
        tellRefill();
    }

    /// Takes a slot back.
    ///
    /// @param slot a slot of this pool
    /// @param from its owner until now
    void release(Slot slot, Slot.Owner from) {
        giveBack(slot, from, null);
    }

    /// Takes the slot of a message back, which is emptied.
    ///
    /// @param slot the lease's slot
    /// @throws AmpeException with [Status#NULL_MESSAGE] if another thread was faster
    void close(SlabMessage lease, Slot slot) {
        giveBack(slot, Slot.Owner.LEASE, lease);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // see there
    private void giveBack(Slot slot, Slot.Owner from, @Nullable SlabMessage lease) {
        SizeClass sizeClass = slot.slab.sizeClass;
        if (lease != null) {
            lease.claim(slot); // here, so that no call can fail between this and what follows
        }
        int spilled;
        try {
            prepareForReturn(slot, from);
            spilled = giveBackNear(sizeClass, slot);
            if (spilled < 0) {
                sizeClass.giveBack(slot, slot);
            }
        } catch (VirtualMachineError noRoom) {
            slot.adrift = true;
            anyAdrift = true;
            throw noRoom;
        }
        // The slot is in its place from here on, whatever fails.
        if (spilled > 0) {
            afterReturn(sizeClass, out.get());
        } else if (spilled < 0) {
            int left;
            try {
                left = sizeClass == reserve ? out.get() : out.decrementAndGet();
            } catch (VirtualMachineError noRoom) {
                overcounted += sizeClass == reserve ? 0 : 1;
                anyAdrift = true;
                throw noRoom;
            }
            afterReturn(sizeClass, left);
        }
    }

    /// Puts a slot into the calling thread's magazine.
    ///
    /// @return how many others went on from there to the free list; [#NOT_KEPT] if it does not go
    ///     there
    private int giveBackNear(SizeClass sizeClass, Slot slot) {
        Magazine magazine = sizeClass.magazine();
        if (magazine == null || !magazine.enter()) {
            return NOT_KEPT;
        }
        boolean kept = false;
        int spilled = 0;
        try {
            // Looked at inside: whoever sets these flags empties the magazines then, and finds this
            // slot, or we find the flags.
            if (!closed && tellBelow == 0 && out.get() <= magazineLimit) {
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

    /// What follows when slots have come back to the free list.
    ///
    /// @param left how many messages are out
    private void afterReturn(SizeClass sizeClass, int left) {
        tellRefill();
        if (closed || (left <= trimMark && slotCount > maxMessages)) {
            trim(left);
        } else if (sizeClass == reserve && forLogs) {
            trimSpares();
        }
    }

    private void tellRefill() {
        int below = tellBelow;
        if (below == ANY_REFILL || (below != 0 && out.get() < below)) {
            // Who asks for something else just now is told, too, and asks again.
            tellBelow = 0;
            try {
                refillListeners.forEach(Runnable::run);
            } catch (Throwable noRoom) {
                tellBelow = ANY_REFILL; // somebody may not have been told, so all are once more
                throw noRoom;
            }
        }
    }

    static void prepareForReturn(Slot slot, Slot.Owner from) {
        slot.handOver(from, Slot.Owner.FREE);
        slot.source(null);
        slot.endLoan();
        assert poison(slot);
    }

    /// Asks for one call of the refill listeners when the next slot comes back. The caller must try
    /// to take once more after this, for a slot that came back just before.
    public void awaitRefill() {
        tellBelow = ANY_REFILL;
        emptyMagazines();
    }

    /// Whether fewer messages are out than said; if not, asks for a call of the refill listeners
    /// when that is so. They may be called before, and have to ask again then.
    ///
    /// @param messages how many
    /// @return false if the listeners will be called
    public boolean isBelowOrAwait(int messages) {
        if (messagesOut() < messages) {
            return true;
        }
        int seen = tellBelow;
        while (seen < messages) {
            if (TELL_BELOW.compareAndSet(this, seen, messages)) {
                emptyMagazines();
                break;
            }
            seen = tellBelow;
        }
        // Once more after asking, for messages that came back in between.
        return messagesOut() < messages;
    }

    /// Adds somebody to be told when slots come back, see [#awaitRefill()].
    ///
    /// @param listener called on any thread; may not block
    public void onRefill(Runnable listener) {
        refillListeners.add(listener);
    }

    /// Says who is told of lost messages, beside the log.
    ///
    /// @param listener told from now on
    public void onLeak(LeakListener listener) {
        leaks.onLeak(listener);
    }

    /// How many messages are out; the reserve does not count.
    ///
    /// @return a number that other threads may be changing
    public int messagesOut() {
        int count = out.get();
        for (SizeClass sizeClass : classes) {
            count -= sizeClass.inMagazines();
        }
        return Math.max(count, 0);
    }

    /// How much memory the slabs have.
    ///
    /// @return bytes
    public long bytesAllocated() {
        growing.lock();
        try {
            return bytes;
        } finally {
            growing.unlock();
        }
    }

    /// How much memory for chunks nobody has, no message either. Whoever has more than that already
    /// gets no more, so however many there are that give nothing back, there is a part for the next
    /// one: a dynamic threshold, as switches have it that share their memory among queues.
    ///
    /// @return bytes, a number that other threads may be changing
    public long bytesFree() {
        return Math.max(maxBytes - lent.get(), 0);
    }

    /// A chunk was taken, or is given back; or a message that has memory for chunks.
    ///
    /// @param more its capacity, in bytes; negative if it is given back
    void lend(int more) {
        lent.getAndAdd(more);
    }

    /// Counts every slot by its owner; exact only while nothing moves.
    ///
    /// @return how many slots each owner has
    public Map<Slot.Owner, Integer> census() {
        Map<Slot.Owner, Integer> counts = new EnumMap<>(Slot.Owner.class);
        forEachSlot(slot -> counts.merge(slot.owner(), 1, Integer::sum));
        return counts;
    }

    /// Counts what messages have, size by size. Any thread; takes no lock, and looks at each slot.
    ///
    /// @return the smallest size first, the reserve last
    public List<Statistics.PerSize> sizes() {
        List<Statistics.PerSize> sizes = new ArrayList<>();
        for (SizeClass sizeClass : allClasses()) {
            sizes.add(SizeFigures.of(sizeClass));
        }
        return List.copyOf(sizes);
    }

    /// How much memory for logs there is, of a pool of those. Any thread; takes no lock.
    ///
    /// @return in bytes
    public Statistics.Log log() {
        return new LogFigures(lent.get(), bytes, maxBytes);
    }

    /// How much memory the slabs have. Any thread; takes no lock.
    ///
    /// @return bytes
    public long bytesSeen() {
        return bytes;
    }

    /// Without the lock, so that nobody waits for it: what is freed or made meanwhile may be left
    /// out.
    private void forEachSlot(Consumer<Slot> visitor) {
        for (SizeClass sizeClass : allClasses()) {
            for (int i = 0; i < sizeClass.slabsEnd(); i++) {
                Slot[] slots = sizeClass.slots(i);
                if (slots != null) {
                    Arrays.stream(slots).forEach(visitor);
                }
            }
        }
    }

    /// Says in the log where the messages are, and which of those that are watched were lost. The
    /// log's handlers are foreign code: not on a loop, and nowhere where somebody is waited for.
    public void reportWhereAll() {
        if (closed) {
            return;
        }
        int[] counts = new int[4];
        forEachSlot(
                slot -> {
                    switch (slot.owner()) {
                        case FREE -> {}
                        case LEASE -> counts[0]++;
                        case QUEUE -> counts[slot.source() == null ? 1 : 2]++;
                        case CHANNEL -> counts[3]++;
                        case LOG -> {} // of another pool, which has no messages
                    }
                });
        LOG.log(
                Logger.Level.INFO,
                "the pool is empty: of maxPoolMessages "
                        + maxMessages
                        + " the application holds "
                        + counts[0]
                        + ", to be sent are "
                        + counts[1]
                        + ", in inboxes "
                        + counts[2]
                        + ", of listeners "
                        + counts[3]);
        sayNoMemory();
        leaks.reportAll();
    }

    /// Refuses every later [#get], reports what has not come back, and frees all memory that is not
    /// out; the rest is freed as it comes back.
    @Override
    public void close() {
        closed = true;
        emptyMagazines();
        trim(out.get());
        Map<Slot.Owner, Integer> counts = census();
        counts.remove(Slot.Owner.FREE);
        counts.remove(Slot.Owner.LOG); // a loop's own, that may go home a moment later
        if (!counts.isEmpty()) {
            LOG.log(
                    Logger.Level.WARNING,
                    "messages not given back when the engine closed: " + counts);
        }
        sayNoMemory();
        leaks.reportAll();
    }

    private @Nullable Slot takeFrom(SizeClass sizeClass) {
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
                    emptyMagazines();
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
            noteNoMemory(e);
            return null;
        }
    }

    private boolean hasRoomFor(SizeClass sizeClass) {
        return bytes - spareBytes + sizeClass.slabBytes() <= maxBytes;
    }

    /// Whether half of the memory that there may be is there, used or not.
    boolean isHalfUsed() {
        return bytes > maxBytes / 2;
    }

    SizeClass reserve() {
        return reserve;
    }

    /// Adds a slab, for which there is room. Under the lock.
    private void grow(SizeClass sizeClass) {
        sizeClass.grow();
        addBytes(sizeClass.slabBytes());
        refused.set(false);
    }

    private void noteNoMemory(OutOfMemoryError e) {
        if (refused.compareAndSet(false, true)) {
            unsaid.set(e);
        }
    }

    /// Says in the log what the system has refused, on a thread that is no loop's and holds
    /// nothing.
    private void sayNoMemory() {
        OutOfMemoryError e = unsaid.getAndSet(null);
        if (e != null) {
            LOG.log(Logger.Level.WARNING, "the system has no memory for another slab", e);
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock, read without
    private void addBytes(long more) {
        bytes += more;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock, read without
    private void addSlots(int count) {
        slotCount += count;
    }

    private void trim(int messagesOut) {
        StackRoom.ask();
        if (!growing.tryLock()) {
            if (!closed) {
                return;
            }
            growing.lock();
        }
        try {
            if (closed) {
                trimClasses(Integer.MAX_VALUE, 0, null);
                addBytes(-(long) reserve.trim(RESERVE_SLOTS, 0) * reserve.stride());
            } else {
                emptyMagazines();
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
            int freed = classes[i].trim(left, slabsToKeep);
            left -= freed;
            addSlots(-freed);
            addBytes(-(long) freed * classes[i].stride());
        }
    }

    private List<SizeClass> allClasses() {
        List<SizeClass> all = new ArrayList<>(List.of(classes));
        all.add(reserve);
        return all;
    }

    SizeClass classFor(int frameLength) {
        for (SizeClass sizeClass : classes) {
            if (frameLength <= sizeClass.stride()) {
                return sizeClass;
            }
        }
        throw new IllegalArgumentException("no slot holds " + frameLength + " bytes");
    }

    AmpeException noMemory(int length) {
        String limit = "maxPoolBytes is " + maxBytes;
        if (forLogs) {
            limit = "maxPoolBytes was reached when the message came, and maxLogBytes is by now";
        }
        return new AmpeException(Status.ALLOCATION_FAILED, length + " bytes do not fit, " + limit);
    }

    /// Makes a use after the release visible in tests.
    private static boolean poison(Slot slot) {
        slot.segment().fill((byte) POISON);
        slot.words(POISON, POISON);
        return true;
    }
}
