package tofu.pool;

import java.lang.System.Logger;
import java.util.List;
import java.util.Map;
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
/// The memory is in [Slabs]. By the [Turnstile] slots go out and come back; a thread finds what it
/// has just given back in a [Magazine]. [MessageCount] has the limit, and [Refill] who waits.
///
/// Threads: any; taking and releasing is lock-free unless a slab must be allocated or freed. What
/// was written to a slot is published, to whoever takes it next, by a magazine or a free list.
///
/// Errors: an application's stack or memory may end at any call. Then no magazine stays busy, no
/// count is wrong, and the slot that was on its way is *adrift*: found again by the next one who
/// finds the pool empty.
public final class SlotPool implements AutoCloseable {
    private static final Logger LOG = System.getLogger("tofu.leak");

    private static final int RESERVE_SLOTS = 64;

    /// So many chunks of logs are kept for those who will need some.
    private static final int KEPT_CHUNKS = 4_096;

    private final int maxMessages;
    private final long maxBytes;

    /// It is one of chunks.
    private final boolean forLogs;

    private final MessageCount count;
    private final Refill refill;
    private final Adrift adrift;
    private final Slabs slabs;
    private final SizeClass[] classes;
    private final Turnstile turnstile;
    private final Whereabouts whereabouts;
    private final Loans loans;

    /// For messages on their way to an application.
    private final ReceivedSlots received;

    private final LeakWatch leaks;

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

    /// Makes a pool of [LogChunk]s, which allocates none before one is needed.
    ///
    /// @param maxBytes how much memory it has at most, but for spare slots
    /// @return the pool
    public static SlotPool ofLogs(long maxBytes) {
        return new SlotPool(KEPT_CHUNKS, maxBytes, LeakDetection.OFF, true);
    }

    SlotPool(int initialMessages, int maxMessages, long maxBytes, LeakDetection leakDetection) {
        this(maxMessages, maxBytes, leakDetection, false);
        slabs.makeFirst(initialMessages);
    }

    private SlotPool(int maxMessages, long maxBytes, LeakDetection leakDetection, boolean forLogs) {
        StackRoom.ask(); // initialised now: later there may be neither stack nor memory for that
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
        this.forLogs = forLogs;
        count = new MessageCount(maxMessages);
        refill = new Refill(count);
        adrift = new Adrift(count);
        int stride = forLogs ? Loans.SPARE_STRIDE : Slabs.MIN_STRIDE;
        int slots = forLogs ? 1 : RESERVE_SLOTS;
        slabs = new Slabs(this, maxMessages, maxBytes, stride, slots, count, adrift);
        classes = slabs.classes();
        whereabouts = new Whereabouts(slabs.all());
        loans = new Loans(this, slabs, maxBytes);
        turnstile = new Turnstile(this, count, refill, adrift, slabs, forLogs);
        received = new ReceivedSlots(this, maxMessages, maxBytes);
        leaks = new LeakWatch(leakDetection);
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
        Slot slot = turnstile.take(classFor(HeaderLayout.LENGTH), strategy);
        if (slot != null) {
            try {
                slot.handOver(Slot.Owner.FREE, Slot.Owner.LEASE);
                slot.clear();
                return lease(slot);
            } catch (VirtualMachineError noRoom) {
                slot.adrift = true;
                adrift.any = true;
                throw noRoom;
            }
        }
        slabs.sayShortage();
        if (strategy == AllocationStrategy.POOL_ONLY) {
            return null;
        }
        throw noMemory(Slabs.MIN_STRIDE);
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
        Slot slot = turnstile.take(classFor(frameLength), strategy);
        if (slot != null) {
            try {
                slot.handOver(Slot.Owner.FREE, owner);
            } catch (VirtualMachineError noRoom) {
                slot.adrift = true;
                adrift.any = true;
                throw noRoom;
            }
        }
        return slot;
    }

    /// For messages on their way to an application.
    ReceivedSlots received() {
        return received;
    }

    /// What it lends, if it is one for logs.
    Loans loans() {
        return loans;
    }

    Slabs slabs() {
        return slabs;
    }

    Whereabouts whereabouts() {
        return whereabouts;
    }

    /// Whether there are so many messages that threads may keep some.
    boolean isAtEase() {
        return count.isAtEase();
    }

    /// Whether magazines may have slots; whoever makes this false empties them afterwards.
    boolean mayKeepNear() {
        return !closed && !refill.isAwaited();
    }

    boolean isClosed() {
        return closed;
    }

    /// Somebody has waited for memory, and none has come back: what applications have is counted
    /// again when next there is none.
    public void countAgain() {
        received.countAgain();
    }

    /// Takes a slot for a notice of the engine, without text headers and body: from the reserve,
    /// else from the pool.
    ///
    /// @return a slot of [Slot.Owner#QUEUE] with a zeroed header, or `null` when both are empty
    public @Nullable Slot takeForNotice() {
        Slot slot = slabs.reserve().take();
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

    /// Moves a frame to a larger slot; the smaller one is free then.
    ///
    /// @param slot the slot, which stays the caller's when this fails
    /// @param owner its owner
    /// @param length how much of it counts, in bytes
    /// @param capacity how much room is needed, at most 131,086 bytes
    /// @return a slot with the same owner, source and content; `null` when there is none within
    ///     `maxPoolBytes`, or half of it of a pool for logs
    public @Nullable Slot grow(Slot slot, Slot.Owner owner, int length, int capacity) {
        return turnstile.replace(slot, owner, length, capacity, null);
    }

    /// Moves a message to a larger slot, see [#grow].
    ///
    /// @throws IllegalStateException if another thread has moved, closed or grown the message
    ///     meanwhile: a bug of the application, which pays for it
    @Nullable Slot grow(SlabMessage lease, Slot slot, int length, int capacity) {
        return turnstile.replace(slot, lease.owner(), length, capacity, lease);
    }

    /// Takes a slot back.
    ///
    /// @param slot a slot of this pool
    /// @param from its owner until now
    void release(Slot slot, Slot.Owner from) {
        turnstile.giveBack(slot, from, null);
    }

    /// Takes the slot of a message back, which is emptied.
    ///
    /// @param slot the lease's slot
    /// @throws AmpeException with [Status#NULL_MESSAGE] if another thread was faster
    void close(SlabMessage lease, Slot slot) {
        turnstile.giveBack(slot, Slot.Owner.LEASE, lease);
    }

    /// Asks for one call of the refill listeners when the next slot comes back. The caller must try
    /// to take once more after this, for a slot that came back just before.
    public void awaitRefill() {
        refill.ask();
        slabs.recall();
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
        if (refill.ask(messages)) {
            slabs.recall();
        }
        // Once more after asking, for messages that came back in between.
        return messagesOut() < messages;
    }

    /// Adds somebody to be told when slots come back, see [#awaitRefill()].
    ///
    /// @param listener called on any thread; may not block
    public void onRefill(Runnable listener) {
        refill.onRefill(listener);
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
        int messages = count.out();
        for (SizeClass sizeClass : classes) {
            messages -= sizeClass.inMagazines();
        }
        return Math.max(messages, 0);
    }

    /// How much memory the slabs have.
    ///
    /// @return bytes
    public long bytesAllocated() {
        return slabs.bytes();
    }

    /// How much memory for chunks nobody has, no message either. Whoever has more than that already
    /// gets no more, so however many there are that give nothing back, there is a part for the next
    /// one: a dynamic threshold, as switches have it that share their memory among queues.
    ///
    /// @return bytes, a number that other threads may be changing
    public long bytesFree() {
        return loans.bytesFree();
    }

    /// How much memory it may have, but for the reserve.
    ///
    /// @return bytes
    public long maxBytes() {
        return maxBytes;
    }

    /// Counts every slot by its owner; exact only while nothing moves.
    ///
    /// @return how many slots each owner has
    public Map<Slot.Owner, Integer> census() {
        return whereabouts.byOwner();
    }

    /// Counts what messages have, size by size. Any thread; takes no lock, and looks at each slot.
    ///
    /// @return the smallest size first, the reserve last
    public List<Statistics.PerSize> sizes() {
        return whereabouts.bySize();
    }

    /// How much memory for logs there is, of a pool of those. Any thread; takes no lock.
    ///
    /// @return in bytes
    public Statistics.Log log() {
        return loans.figures();
    }

    /// How much memory the slabs have. Any thread; takes no lock.
    ///
    /// @return bytes
    public long bytesSeen() {
        return slabs.bytesSeen();
    }

    /// Says in the log where the messages are, and which of those that are watched were lost. The
    /// log's handlers are foreign code: not on a loop, and nowhere where somebody is waited for.
    public void reportWhereAll() {
        if (closed) {
            return;
        }
        LOG.log(
                Logger.Level.INFO,
                "the pool is empty: of maxPoolMessages " + maxMessages + " " + whereabouts.words());
        slabs.sayShortage();
        leaks.reportAll();
    }

    /// Refuses every later [#get], reports what has not come back, and frees all memory that is not
    /// out; the rest is freed as it comes back.
    @Override
    public void close() {
        closed = true;
        slabs.recall();
        slabs.trim(count.out());
        Map<Slot.Owner, Integer> counts = census();
        counts.remove(Slot.Owner.FREE);
        counts.remove(Slot.Owner.LOG); // a loop's own, that may go home a moment later
        if (!counts.isEmpty()) {
            LOG.log(
                    Logger.Level.WARNING,
                    "messages not given back when the engine closed: " + counts);
        }
        slabs.sayShortage();
        leaks.reportAll();
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
}
