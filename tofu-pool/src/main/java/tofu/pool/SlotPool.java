package tofu.pool;

import java.lang.System.Logger;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tofu.api.AllocationStrategy;
import tofu.api.AmpeException;
import tofu.api.LeakDetection;
import tofu.api.Options;
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
    private final LeakWatch leaks;
    private final AtomicInteger out = new AtomicInteger();
    private final List<Runnable> refillListeners = new CopyOnWriteArrayList<>();

    /// Guards all slabs.
    private final ReentrantLock growing = new ReentrantLock();

    private long bytes;
    private volatile int slotCount;

    /// Trimming is tried when no more than this many messages are out; falls with every try, so
    /// that a load that swings does not free and allocate the same slab over and over.
    private volatile int trimMark;

    /// The refill listeners are told when fewer messages than this are out; 0 if nobody waits for
    /// that. Meanwhile there is nothing in magazines.
    private volatile int tellBelow;

    private volatile boolean closed;

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

    SlotPool(int initialMessages, int maxMessages, long maxBytes, LeakDetection leakDetection) {
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
        this.magazineLimit = maxMessages - maxMessages / 4;
        this.leaks = new LeakWatch(leakDetection);
        long slabBytes = Math.min(MAX_SLAB_BYTES, maxBytes / 64);
        for (int i = 0; i < STRIDES.length; i++) {
            int slotsPerSlab = Math.clamp(slabBytes / STRIDES[i], 1, 1 << 12);
            classes[i] = new SizeClass(this, STRIDES[i], slotsPerSlab, magazineSlots(STRIDES[i]));
        }
        reserve = new SizeClass(this, STRIDES[0], RESERVE_SLOTS, 0);
        growing.lock();
        try {
            grow(reserve);
            while (slotCount < initialMessages && grow(classes[0])) {
                addSlots(classes[0].slotsPerSlab());
            }
        } finally {
            growing.unlock();
        }
        trimMark = maxMessages / 2;
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
        Slot slot = take(HeaderLayout.LENGTH, strategy, Slot.Owner.LEASE);
        if (slot != null) {
            HeaderLayout.clear(slot);
            return lease(slot);
        }
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
        SizeClass sizeClass = classFor(frameLength);
        Slot near = takeNear(sizeClass, 1);
        if (near != null) {
            return near.handOver(Slot.Owner.FREE, owner);
        }
        boolean limited = strategy == AllocationStrategy.POOL_ONLY;
        if (limited && !countOut(1, maxMessages)) {
            emptyMagazines();
            if (!countOut(1, maxMessages)) {
                return null;
            }
        }
        Slot slot = takeFrom(sizeClass);
        if (slot == null) {
            if (limited) {
                out.getAndDecrement();
                tellRefill(); // somebody may have been refused because of this one
            }
            return null;
        }
        if (!limited) {
            out.getAndIncrement();
        }
        return slot.handOver(Slot.Owner.FREE, owner);
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

    /// Takes slots from the calling thread's magazine.
    ///
    /// @param most how many at most
    /// @return the first of them, linked by [Slot#next], which are out; `null` when there is none
    @Nullable Slot takeNear(SizeClass sizeClass, int most) {
        Magazine magazine = sizeClass.magazine();
        if (magazine == null || !magazine.enter()) {
            return null;
        }
        try {
            int some = Math.min((magazine.capacity() + 1) / 2, MAGAZINE_REFILL);
            if (magazine.count() == 0
                    && !closed
                    && tellBelow == 0
                    && countOut(some, magazineLimit)) {
                sizeClass.fill(magazine, some);
                out.getAndAdd(magazine.count() - some);
            }
            return magazine.pop(most);
        } finally {
            magazine.leave();
        }
    }

    /// Makes what is in magazines free for all.
    private void emptyMagazines() {
        for (SizeClass sizeClass : classes) {
            out.getAndAdd(-sizeClass.emptyMagazines());
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
        HeaderLayout.clear(slot);
        return slot;
    }

    /// Moves a frame to a larger slot; the smaller one is free then.
    ///
    /// @param slot the slot, which stays the caller's when this fails
    /// @param length how much of it counts, in bytes
    /// @param capacity how much room is needed, at most 131,086 bytes
    /// @return a slot with the same owner, source and content; `null` when there is none within
    ///     `maxPoolBytes`
    public @Nullable Slot grow(Slot slot, int length, int capacity) {
        SizeClass sizeClass = classFor(capacity);
        Slot near = takeNear(sizeClass, 1);
        Slot larger = near == null ? takeFrom(sizeClass) : near;
        if (larger == null) {
            return null;
        }
        larger.handOver(Slot.Owner.FREE, slot.owner());
        larger.source(slot.source());
        larger.copyFrom(slot, length);
        if (near != null) {
            // What was in a magazine counted as out, and goes on so as the message.
            release(slot, slot.owner());
        } else {
            releaseUncounted(slot);
        }
        return larger;
    }

    /// Takes a slot back whose message goes on in another one, which did not count.
    private void releaseUncounted(Slot slot) {
        SizeClass from = slot.slab.sizeClass;
        if (from == reserve) {
            // The message now counts among those that are out, as it will when it is released.
            out.getAndIncrement();
        }
        prepareForReturn(slot, slot.owner());
        from.giveBack(slot, slot);
        tellRefill();
    }

    /// Takes a slot back.
    ///
    /// @param slot a slot of this pool
    /// @param from its owner until now
    void release(Slot slot, Slot.Owner from) {
        prepareForReturn(slot, from);
        giveBack(slot);
    }

    /// Takes back slots of nobody's.
    ///
    /// @param first the first of them, linked by [Slot#next]
    void giveBackAll(Slot first) {
        Slot slot = first;
        while (slot != null) {
            Slot following = slot.next;
            slot.next = null;
            giveBack(slot);
            slot = following;
        }
    }

    private void giveBack(Slot slot) {
        if (!giveBackNear(slot)) {
            releaseChain(slot, slot, 1);
        }
    }

    private boolean giveBackNear(Slot slot) {
        Magazine magazine = slot.slab.sizeClass.magazine();
        if (magazine == null || !magazine.enter()) {
            return false;
        }
        Slot first = null;
        Slot last = null;
        int half = (magazine.capacity() + 1) / 2;
        try {
            // Looked at inside: whoever sets these flags empties the magazines then, and finds this
            // slot, or we find the flags.
            if (closed || tellBelow != 0 || out.get() > magazineLimit) {
                return false;
            }
            if (magazine.isFull()) {
                last = magazine.oldest();
                first = magazine.cut(half);
            }
            magazine.push(slot);
        } finally {
            magazine.leave();
        }
        if (first != null && last != null) {
            releaseChain(first, last, half);
        }
        return true;
    }

    /// Takes slots of one size back.
    ///
    /// @param first the first of them, linked by [Slot#nextFree] up to the last
    /// @param last the last of them
    /// @param count how many
    void releaseChain(Slot first, Slot last, int count) {
        SizeClass sizeClass = first.slab.sizeClass;
        sizeClass.giveBack(first, last);
        int left = sizeClass == reserve ? out.get() : out.addAndGet(-count);
        tellRefill();
        if (closed || (left <= trimMark && slotCount > maxMessages)) {
            trim(left);
        }
    }

    private void tellRefill() {
        int below = tellBelow;
        if (below == ANY_REFILL || (below != 0 && out.get() < below)) {
            // Who asks for something else just now is told, too, and asks again.
            tellBelow = 0;
            refillListeners.forEach(Runnable::run);
        }
    }

    static void prepareForReturn(Slot slot, Slot.Owner from) {
        slot.handOver(from, Slot.Owner.FREE);
        slot.source(null);
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

    /// Counts every slot by its owner; exact only while nothing moves.
    ///
    /// @return how many slots each owner has
    public Map<Slot.Owner, Integer> census() {
        Map<Slot.Owner, Integer> counts = new EnumMap<>(Slot.Owner.class);
        growing.lock();
        try {
            for (SizeClass sizeClass : allClasses()) {
                for (Slab slab : sizeClass.slabs()) {
                    for (Slot slot : slab.slots) {
                        counts.merge(slot.owner(), 1, Integer::sum);
                    }
                }
            }
        } finally {
            growing.unlock();
        }
        return counts;
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
        if (!counts.isEmpty()) {
            LOG.log(
                    Logger.Level.WARNING,
                    "messages not given back when the engine closed: " + counts);
        }
        leaks.close();
    }

    private @Nullable Slot takeFrom(SizeClass sizeClass) {
        Slot slot = sizeClass.take();
        return slot == null ? takeFromNewSlab(sizeClass) : slot;
    }

    private @Nullable Slot takeFromNewSlab(SizeClass sizeClass) {
        growing.lock();
        try {
            while (true) {
                Slot slot = sizeClass.take();
                if (slot != null) {
                    return slot;
                }
                if (!grow(sizeClass)) {
                    return sizeClass.take(); // there may be some from the magazines
                }
                addSlots(sizeClass.slotsPerSlab());
                trimMark = maxMessages / 2;
            }
        } finally {
            growing.unlock();
        }
    }

    /// Adds a slab if the cap allows it, at the cost of unused slabs of other sizes.
    private boolean grow(SizeClass sizeClass) {
        if (bytes + sizeClass.slabBytes() > maxBytes) {
            emptyMagazines();
            trimClasses(Integer.MAX_VALUE, 0);
            if (bytes + sizeClass.slabBytes() > maxBytes) {
                return false;
            }
        }
        try {
            sizeClass.grow();
        } catch (OutOfMemoryError e) {
            // The system has less than the cap promises: the same refusal, no crash of the loop.
            LOG.log(
                    Logger.Level.WARNING,
                    "no memory for a slab of " + sizeClass.slabBytes() + " bytes",
                    e);
            return false;
        }
        bytes += sizeClass.slabBytes();
        return true;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock, read without
    private void addSlots(int count) {
        slotCount += count;
    }

    private void trim(int messagesOut) {
        if (!growing.tryLock()) {
            if (!closed) {
                return;
            }
            growing.lock();
        }
        try {
            if (closed) {
                trimClasses(Integer.MAX_VALUE, 0);
                bytes -= (long) reserve.trim(RESERVE_SLOTS, 0) * reserve.stride();
            } else {
                emptyMagazines();
                trimMark = messagesOut / 2 - 1;
                trimClasses(slotCount - maxMessages, 1);
            }
        } finally {
            growing.unlock();
        }
    }

    private void trimClasses(int maxSlots, int slabsToKeep) {
        int left = maxSlots;
        for (int i = classes.length - 1; i >= 0; i--) {
            int freed = classes[i].trim(left, slabsToKeep);
            left -= freed;
            addSlots(-freed);
            bytes -= (long) freed * classes[i].stride();
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
        return new AmpeException(
                Status.ALLOCATION_FAILED,
                length + " bytes do not fit, maxPoolBytes is " + maxBytes);
    }

    /// Makes a use after the release visible in tests.
    private static boolean poison(Slot slot) {
        slot.segment().fill((byte) POISON);
        HeaderLayout.words(slot, POISON, POISON);
        return true;
    }
}
