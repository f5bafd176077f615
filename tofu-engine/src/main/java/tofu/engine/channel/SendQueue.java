package tofu.engine.channel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.engine.channel.Tally.Figure;
import tofu.pool.FrameRange;
import tofu.pool.HeaderLayout;
import tofu.pool.LogChunk;
import tofu.pool.MailChain;
import tofu.pool.Slot;
import tofu.pool.SlotPool;

/// What applications have enqueued to one channel, bounded in messages and bytes.
///
/// Messages are bytes of two logs here: one in order, one of what is out of band. Only what opens
/// the channel, and a ByeSignal, are in no log, as they are read here and not sent from here.
///
/// A message counts from [#offer(Slot, boolean, boolean)] until its last byte is sent or it comes
/// back: the bound holds for the whole way through the channel.
///
/// A short lock guards all of it. Its holder calls nothing that waits. He may lose the processor,
/// so others wait for him with more and more patience; and his stack or memory may end at any call,
/// so what is added is counted by stores that come behind all calls.
///
/// Somewhat long: all that the lock guards is here, for both sides of it.
///
/// Threads: offering any; the rest the loop. Owns what is in it.
public final class SendQueue {
    /// What became of an offer; if not [#ACCEPTED], the slot is still the caller's, even if it was
    /// handed over meanwhile.
    public enum Outcome {
        /// Enqueued.
        ACCEPTED,
        /// The queue is at its bound.
        FULL,
        /// The channel is closed, or was told a bye.
        CLOSED
    }

    /// Whoever enqueues the message that makes so many sends them all: enough to be worth a system
    /// call, and few enough to be still in the processor's cache (decisions 16 and 21). Fewer if
    /// the queue is short: half of it.
    private static final int GATHERED_MESSAGES = 512;

    /// Whoever was refused for want of memory is told when there is so much: the longest message
    /// fits.
    private static final int ENOUGH_BYTES = 256 << 10;

    /// How often to look for the lock before the processor is left to somebody else, and how often
    /// that is done before parking.
    private static final int SPINS = 100;

    private static final int YIELDS = 100;
    private static final long PARK_NANOS = 1_000;

    private static final VarHandle LOCKED;
    private static final VarHandle ENQUEUED_MESSAGES;
    private static final VarHandle ENQUEUED_BYTES;

    static {
        try {
            MethodHandles.Lookup own = MethodHandles.lookup();
            LOCKED = own.findVarHandle(SendQueue.class, "locked", boolean.class);
            ENQUEUED_MESSAGES = own.findVarHandle(SendQueue.class, "enqueuedMessages", long.class);
            ENQUEUED_BYTES = own.findVarHandle(SendQueue.class, "enqueuedBytes", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /// The loop may not know of what is here: who enqueued it had not enough stack or memory to see
    /// that through. A field, as a store needs no stack, which every call does; plain, as who sets
    /// it looks at it, too.
    public boolean untold;

    private final int maxMessages;
    private final int maxBytes;

    /// A power of two.
    private final int gatheredMessages;

    /// Likewise, in bytes; never so many while there is no socket.
    private volatile int gatheredBytes = Integer.MAX_VALUE;

    private final SlotPool memory;
    private final Outlet outlet;

    /// Threads that wait for room.
    private final Queue<Thread> waiting = new ConcurrentLinkedQueue<>();

    /// The message that opens the channel was enqueued: others may follow it.
    private volatile boolean opened;

    /// Somebody has the lock. Who cannot call a method, as his stack has ended, sets it to false.
    private volatile boolean locked;

    // Under the lock:

    private final SendLog inOrder;
    private final SendLog outOfBand;

    /// ByeSignals, which cut the channel off.
    private final MailChain signals = new MailChain();

    private @Nullable Slot opening;

    /// Accepted, and neither sent nor come back.
    private int messages;

    private long bytes;

    /// All that were ever accepted; read without the lock by those who only look.
    @SuppressWarnings("UnusedVariable") // through ENQUEUED_MESSAGES
    private long enqueuedMessages;

    @SuppressWarnings("UnusedVariable") // through ENQUEUED_BYTES
    private long enqueuedBytes;

    /// What became of those, and the most that there was.
    private final Departures departures = new Departures();

    /// Somebody was refused for want of room.
    private final Stall full = new Stall();

    /// The record of that, while it lasts.
    private @Nullable Span fullSpan;

    /// The loop was asked to look, and has not yet.
    private boolean scheduled;

    /// Somebody was refused since the last time that [#roomMade()] said so.
    private boolean refused;

    /// Somebody was refused for want of memory, and nothing is here whose end would make room.
    private boolean awaitsMemory;

    /// A bye was enqueued, or writing has failed: nothing may follow.
    private boolean ending;

    private @Nullable OpCode bye;

    /// The bye is out of band: it is the last that is sent, whatever is in order behind it.
    private boolean cutShort;

    private boolean closed;

    /// Where the last source came from; the loop's.
    private SendLog writing;

    SendQueue(int maxMessages, int maxBytes, SlotPool memory, Outlet outlet, boolean opened) {
        this.opened = opened;
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
        this.gatheredMessages = half(maxMessages, GATHERED_MESSAGES);
        this.memory = memory;
        this.outlet = outlet;
        this.inOrder = new SendLog(memory);
        this.outOfBand = new SendLog(memory);
        this.writing = inOrder;
    }

    // ---- the lock

    private void lock() {
        if (!LOCKED.compareAndSet(this, false, true)) {
            contend();
        }
    }

    /// In real time: a simulated world has one thread at a time, which never meets another here.
    @SuppressWarnings("ThreadPriorityCheck") // its holder may have lost the processor
    private void contend() {
        int tries = 0;
        do {
            if (++tries <= SPINS) {
                Thread.onSpinWait();
            } else if (tries <= SPINS + YIELDS) {
                Thread.yield();
            } else {
                Thread.yield(); // parking does not, where an interrupt is left standing
                LockSupport.parkNanos(this, PARK_NANOS);
            }
        } while (locked || !LOCKED.compareAndSet(this, false, true));
    }

    // ---- enqueueing: any thread

    /// Says how many bytes whoever enqueues the last of them sends, too: as many as are worth a
    /// system call, but no more than half of the queue's bound. Loop.
    ///
    /// @param bytes a power of two
    public void gather(int bytes) {
        gatheredBytes = half(maxBytes, bytes);
    }

    /// Whether the channel has the message that opens it, if it needs one.
    ///
    /// @return false for a number that its owner has not been told yet
    public boolean isOpened() {
        return opened;
    }

    /// Enqueues a message and tells the loop if it has to know.
    ///
    /// Long, and to stay so: the compiler does not take it into `enqueueToPeer`, which is then
    /// small enough to become part of its caller, where the header that it returns needs no memory.
    ///
    /// @param slot a slot of [Slot.Owner#LEASE]
    /// @param always true for hello and bye, which are never refused for want of room
    /// @param waiting true when the caller has called [#startWaiting()], so needs no notice of room
    /// @return what became of it; if accepted, the slot is not the caller's any more
    public Outcome offer(Slot slot, boolean always, boolean waiting) {
        long first = slot.first();
        long second = slot.second();
        OpCode opCode = HeaderLayout.knownOpCode(first);
        int length = HeaderLayout.frameLength(second);
        slot.checkSendable(length);
        boolean isBye = opCode.type() == OpCode.Type.BYE;
        boolean cutsOff = opCode == OpCode.BYE_SIGNAL;
        boolean urgent = HeaderLayout.outOfBand(first);
        Outcome outcome = null;
        SendLog.Place place = SendLog.Place.NONE;
        boolean mustTell = false;
        boolean many = false;
        lock();
        try {
            if (closed || (ending && !cutsOff)) {
                outcome = Outcome.CLOSED;
            } else {
                place = place(slot, first, second, always);
                // Stores only, from here to the outcome.
                if (place == SendLog.Place.NONE) {
                    refused |= !waiting;
                    mustTell = messages == 0 && !awaitsMemory;
                    awaitsMemory |= mustTell;
                    outcome = Outcome.FULL;
                } else {
                    if (isBye) {
                        ending = true;
                        bye = cutsOff ? bye : opCode;
                        cutShort |= urgent && !cutsOff;
                    }
                    long before = bytes;
                    bytes = before + length;
                    messages++;
                    enqueuedBytes += length;
                    enqueuedMessages++;
                    many =
                            (messages & gatheredMessages - 1) == 0
                                    || (before ^ before + length) >= gatheredBytes;
                    mustTell = !scheduled;
                    scheduled = true;
                    outcome = Outcome.ACCEPTED;
                }
            }
            LOCKED.setRelease(this, false);
        } catch (RuntimeException | Error e) {
            locked = false;
            if (outcome == null) {
                throw e;
            }
        }
        try {
            if (place == SendLog.Place.COPIED) {
                slot.release(Slot.Owner.LEASE);
            }
            if (outcome == Outcome.ACCEPTED) {
                tell(opCode, mustTell, many);
            } else if (mustTell) {
                outlet.schedule();
            }
        } catch (RuntimeException | Error noRoom) {
            // The message may be in the queue. Thrown, this would make it the caller's again, and
            // the queue's, too. So the next one who enqueues something tells.
            untold = true;
        }
        return outcome;
    }

    /// Finds a place within the queue's own bounds, and its share of the memory that is left for
    /// all. Under the lock. What fails has changed nothing.
    private SendLog.Place place(Slot slot, long first, long second, boolean always) {
        OpCode opCode = HeaderLayout.knownOpCode(first);
        SendLog log = HeaderLayout.outOfBand(first) ? outOfBand : inOrder;
        int length = HeaderLayout.frameLength(second);
        if (!always && !(isBelowBounds(length) && log.mayGrow(slot, length, bytes))) {
            return SendLog.Place.NONE;
        }
        if (!MessageRules.opensChannel(opCode) && opCode != OpCode.BYE_SIGNAL) {
            SendLog.Place place = log.add(slot, first, second, length, always);
            if (opCode.type() == OpCode.Type.HELLO) {
                log.markHello(); // it is never refused
            }
            return place;
        }
        slot.handOver(Slot.Owner.LEASE, Slot.Owner.QUEUE).seal(second);
        if (opCode == OpCode.BYE_SIGNAL) {
            signals.addLast(slot);
        } else {
            opening = slot;
        }
        return SendLog.Place.OWN_SLOT;
    }

    private void tell(OpCode opCode, boolean first, boolean many) {
        if (opCode.type() == OpCode.Type.BYE) {
            unparkWaiting();
        }
        if (MessageRules.opensChannel(opCode)) {
            opened = true;
            outlet.schedule();
        } else if (untold) {
            untold = false;
            outlet.tellAgain();
        } else if (first) {
            outlet.post();
        } else if (many) {
            outlet.postMany();
        }
    }

    /// Tells the loop of what was enqueued, if it is [#untold]: once more, with less to do. Any
    /// thread that holds no lock.
    public void tellIfUntold() {
        if (untold) {
            untold = false;
            try {
                outlet.tellAgain();
            } catch (RuntimeException | Error kept) {
                untold = true; // so the next one who enqueues something does
            }
        }
    }

    private static int half(int bound, int most) {
        return Math.min(Integer.highestOneBit(Math.max(bound / 2, 1)), most);
    }

    private boolean isBelowBounds(int length) {
        return messages < maxMessages && bytes + length <= maxBytes;
    }

    /// Registers the calling thread to be unparked when there may be room, before it tries once
    /// more.
    public void startWaiting() {
        waiting.add(Thread.currentThread());
    }

    /// Ends what [#startWaiting()] began.
    public void stopWaiting() {
        waiting.remove(Thread.currentThread());
    }

    /// How many messages are accepted and not ended.
    ///
    /// @return a number that other threads may be changing
    public int messages() {
        lock();
        try {
            return messages;
        } finally {
            locked = false;
        }
    }

    // ---- the loop

    /// Begins to look at what was enqueued: who enqueues something after this tells the loop again.
    void look() {
        lock();
        try {
            scheduled = false;
        } finally {
            locked = false;
        }
    }

    /// Removes what opens the channel.
    ///
    /// @return a slot of [Slot.Owner#QUEUE], or `null` if it has not come yet
    @Nullable Slot takeOpening() {
        lock();
        try {
            Slot slot = opening;
            opening = null;
            return slot;
        } finally {
            locked = false;
        }
    }

    /// Removes a ByeSignal.
    ///
    /// @return a slot of [Slot.Owner#QUEUE], or `null` if there is none
    @Nullable Slot takeSignal() {
        lock();
        try {
            return (Slot) signals.pollFirst();
        } finally {
            locked = false;
        }
    }

    /// Removes what is in its own slot, once the queue is closed.
    ///
    /// @return what opens the channel, then ByeSignals; `null` if nothing is left
    @Nullable Slot takeUnread() {
        Slot slot = takeOpening();
        return slot == null ? takeSignal() : slot;
    }

    /// The bye that is the last to be sent.
    ///
    /// @return a request or a response; `null` while more may follow
    @Nullable OpCode bye() {
        lock();
        try {
            return bye;
        } finally {
            locked = false;
        }
    }

    /// Refuses all but a ByeSignal from now on, and lets those who wait for room see it: nothing
    /// more can be sent.
    void refuse() {
        lock();
        try {
            ending = true;
        } finally {
            locked = false;
        }
        unparkWaiting();
    }

    /// What to write next: the rest of a frame that has begun, then what is out of band, then what
    /// is in order. A hello is overtaken by nothing.
    ///
    /// @param into where the bytes go, of each chunk a buffer, valid until the next call
    /// @return how many buffers there are, 0 when all is sent
    int sources(ByteBuffer[] into) {
        boolean frameOnly = false;
        lock();
        try {
            inOrder.look();
            outOfBand.look();
            writing = inOrder;
            if (!outOfBand.isEmpty()) {
                boolean hello = inOrder.hasHello();
                boolean first = !outOfBand.isInFrame() && (inOrder.isInFrame() || hello);
                writing = first ? inOrder : outOfBand;
                frameOnly = first || hello;
            } else if (cutShort && !inOrder.isInFrame()) {
                return 0;
            } else {
                frameOnly = cutShort;
            }
        } finally {
            locked = false;
        }
        return frameOnly ? writing.sourceOfFrame(into) : writing.sources(into);
    }

    /// Counts bytes that the kernel took of [#sources(ByteBuffer\[\])]; what is sent whole makes
    /// room.
    void sent(int count) {
        SendLog log = writing;
        log.sent(count);
        LogChunk spent;
        LogChunk left;
        lock();
        try {
            leave(Departures.SENT, log.justEndedFrames(), log.justEndedBytes());
            spent = log.drop();
            left = log.first();
        } finally {
            locked = false;
        }
        while (spent != null && spent != left) {
            LogChunk following = spent.next();
            spent.release();
            spent = following;
        }
    }

    /// Whether nothing is left that will be sent.
    boolean isSent() {
        lock();
        try {
            return outOfBand.isEmpty() && (inOrder.isEmpty() || (cutShort && !inOrder.isInFrame()));
        } finally {
            locked = false;
        }
    }

    /// Removes what is behind a bye that was out of band, once all before that is sent.
    ///
    /// @param reason why it comes back
    /// @return the frames, or `null` if there are none
    @Nullable FrameRange takeCutOff(Status reason) {
        lock();
        try {
            if (!cutShort || !outOfBand.isEmpty() || inOrder.isInFrame()) {
                return null;
            }
            return takeRest(inOrder, reason);
        } finally {
            locked = false;
        }
    }

    /// Under the lock.
    private @Nullable FrameRange takeRest(SendLog log, Status reason) {
        leave(Departures.RETURNED, log.frames(), log.bytes());
        return log.takeRest(reason);
    }

    /// Messages are in the queue no more. Under the lock.
    private void leave(int to, int count, long length) {
        departures.leave(to, count, length, messages, bytes);
        messages -= count;
        bytes -= length;
        assert messages >= 0 && bytes >= 0 : "more has left than was enqueued";
    }

    /// What is in its own slot was sent.
    void sentOne(int length) {
        lock();
        try {
            leave(Departures.SENT, 1, length);
        } finally {
            locked = false;
        }
    }

    /// What is in its own slot comes back.
    void returned(int length) {
        lock();
        try {
            leave(Departures.RETURNED, 1, length);
        } finally {
            locked = false;
        }
    }

    /// Refuses all from now on, and lets those who wait see it. What is left is to be taken.
    void close() {
        lock();
        try {
            closed = true;
        } finally {
            locked = false;
        }
        unparkWaiting();
    }

    /// Removes what was not sent, once the queue is closed: first what is out of band, then what is
    /// in order.
    ///
    /// @param reason why it comes back
    /// @return the frames of one of both, or `null` if there are none
    @Nullable FrameRange takeRest(Status reason) {
        lock();
        try {
            return takeRest(outOfBand.isEmpty() ? inOrder : outOfBand, reason);
        } finally {
            locked = false;
        }
    }

    /// Refuses all from now on, and gives back the memory of what is left, which is neither sent
    /// nor comes back. If that fails, to be called again.
    void abandon() {
        close();
        for (Slot slot = takeUnread(); slot != null; slot = takeUnread()) {
            slot.discard();
        }
        discard(outOfBand);
        discard(inOrder);
    }

    private void discard(SendLog log) {
        FrameRange rest;
        lock();
        try {
            rest = log.takeRest(Status.PROCESSING_FAILED);
        } finally {
            locked = false;
        }
        if (rest != null) {
            rest.discard();
        }
    }

    /// All that there is, if that is less.
    private long enough() {
        return Math.clamp(memory.maxBytes(), 1, ENOUGH_BYTES);
    }

    /// Whether somebody was refused for want of memory, and nothing is here whose end makes room.
    ///
    /// @param look whether it is over, too, once as much as the longest message needs is said to be
    ///     free: that may not be to be had, as it is in pieces, or the system has none
    /// @return true if the loop is to look before long
    boolean awaitsMemory(boolean look) {
        lock();
        try {
            awaitsMemory &= messages == 0 && !(look && memory.bytesFree() >= enough());
            return awaitsMemory;
        } finally {
            locked = false;
        }
    }

    /// Wakes those who wait when the queue has fallen to its low-water mark, half of the bound.
    ///
    /// @return whether somebody else was refused, and is to be told
    boolean roomMade() {
        boolean tell;
        lock();
        try {
            if ((!refused && waiting.isEmpty()) || isAboveLowWater()) {
                return false;
            }
            tell = refused;
            refused = false;
        } finally {
            locked = false;
        }
        unparkWaiting();
        return tell;
    }

    // ---- what is counted

    /// Somebody was refused for want of room: the queue is full until half of it is free. Any
    /// thread.
    ///
    /// @param nowNanos the time
    public void onRefused(long nowNanos) {
        lock();
        try {
            if (!full.isOn() && !closed && isAboveLowWater()) {
                full.turn(true, nowNanos);
                fullSpan = outlet.queueFull();
            }
        } finally {
            locked = false;
        }
    }

    /// Some of it has left: it may be full no more. Loop.
    void endStallIfLow(long nowNanos) {
        if (full.isOn()) { // a stale answer is put right by the next call
            endStall(nowNanos, false);
        }
    }

    /// The channel has ended, and with it what was full. Loop.
    ///
    /// @param nowNanos the time
    public void endStall(long nowNanos) {
        endStall(nowNanos, true);
    }

    private void endStall(long nowNanos, boolean evenIfFull) {
        Span over = null;
        lock();
        try {
            if (full.isOn() && (evenIfFull || !isAboveLowWater())) {
                full.turn(false, nowNanos);
                over = fullSpan;
                fullSpan = null;
            }
        } finally {
            locked = false;
        }
        if (over != null) {
            over.end();
        }
    }

    private boolean isAboveLowWater() {
        return awaitsMemory || messages > maxMessages / 2 || bytes > maxBytes / 2;
    }

    /// Adds what was counted here. Any thread; takes no lock.
    void addTo(Tally sum, long nowNanos) {
        // What has left is read before what has come, and once more after it: so no more has left
        // than has come, and no more is queued than fits, however long this thread is kept from
        // its processor in between.
        departures.addTo(sum);
        VarHandle.loadLoadFence();
        long messagesNow = (long) ENQUEUED_MESSAGES.getOpaque(this);
        long bytesNow = (long) ENQUEUED_BYTES.getOpaque(this);
        VarHandle.loadLoadFence();
        long queuedMessages = Math.max(messagesNow - departures.messages(), 0);
        long queuedBytes = Math.max(bytesNow - departures.bytes(), 0);
        VarHandle.loadLoadFence();
        departures.raiseMost(sum); // last: nothing of that leaves before its mark is there
        sum.add(Figure.ENQUEUED_MESSAGES, messagesNow);
        sum.add(Figure.ENQUEUED_BYTES, bytesNow);
        sum.add(Figure.QUEUED_MESSAGES, queuedMessages);
        sum.add(Figure.QUEUED_BYTES, queuedBytes);
        sum.raise(Figure.MOST_QUEUED_MESSAGES, queuedMessages);
        sum.raise(Figure.MOST_QUEUED_BYTES, queuedBytes);
        full.addTo(sum, Figure.SEND_QUEUE_FULL, Figure.SEND_QUEUE_FULL_NANOS, nowNanos);
    }

    private void unparkWaiting() {
        for (Thread thread : waiting) {
            LockSupport.unpark(thread);
        }
    }

    /// How long these messages are, as on the wire.
    ///
    /// @return bytes; other threads may be changing them
    public long bytes() {
        lock();
        try {
            return bytes;
        } finally {
            locked = false;
        }
    }

    /// Whether a message without text headers or body would find room.
    ///
    /// @return an answer that other threads may be changing
    public boolean hasRoom() {
        lock();
        try {
            return isBelowBounds(HeaderLayout.LENGTH)
                    && inOrder.mayGrow(HeaderLayout.LENGTH, bytes);
        } finally {
            locked = false;
        }
    }

    /// What is in the queue, and what may be.
    ///
    /// @return for people
    public String filling() {
        return String.format(
                Locale.ROOT,
                "%,d of %,d messages and %,d of %,d bytes",
                messages(),
                maxMessages,
                bytes(),
                maxBytes);
    }
}
