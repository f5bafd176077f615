package tofu.engine.channel;

import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import tofu.api.OpCode;
import tofu.pool.HeaderLayout;
import tofu.pool.Slot;
import tofu.pool.SlotChain;
import tofu.pool.SlotQueue;

/// What applications have enqueued to one channel, bounded in messages and bytes.
///
/// A message counts from [#offer(Slot, boolean, boolean)] until [#ended(int, long)], when the
/// kernel has it or it comes back: the bound holds for the whole way through the channel, not just
/// for this queue.
///
/// Threads: offering any; the rest the loop. Owns the slots in it.
public final class SendQueue {
    /// What became of an offer; if not [#ACCEPTED], the slot is still the caller's, even if it was
    /// handed over meanwhile.
    public enum Outcome {
        /// Enqueued.
        ACCEPTED,
        /// The queue is at its bound.
        FULL,
        /// The channel is closed, or was told a bye.
        CLOSED,
        /// The caller's stack is at its end, and not even what was counted could be taken back: he
        /// calls [#uncount(Slot)] from further up, where there is more of it.
        UNSETTLED
    }

    /// Whoever enqueues the message that makes so many sends them all: enough to be worth a system
    /// call, and few enough to be still in the processor's cache (decisions 16 and 21). Fewer if
    /// the queue is short: half of it.
    private static final int GATHERED_MESSAGES = 512;

    private static final int MESSAGE_SHIFT = 40;
    private static final long ONE_MESSAGE = 1L << MESSAGE_SHIFT;
    private static final long BYTES_MASK = ONE_MESSAGE - 1;

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

    private final Outlet outlet;
    private final SlotQueue inOrder = new SlotQueue();
    private final SlotQueue outOfBand = new SlotQueue();

    /// `messages << 40 | bytes`, both accepted and not ended.
    private final AtomicLong load = new AtomicLong();

    /// Threads that wait for room.
    private final Queue<Thread> waiting = new ConcurrentLinkedQueue<>();

    /// Somebody was refused since the last time that [#roomMade()] said so.
    private final AtomicBoolean refused = new AtomicBoolean();

    /// A bye was enqueued, or writing has failed: nothing may follow.
    private volatile boolean ending;

    /// A bye is about to be enqueued, or was.
    private volatile boolean irregular;

    /// The message that opens the channel was enqueued: others may follow it.
    private volatile boolean opened;

    SendQueue(int maxMessages, int maxBytes, Outlet outlet, boolean opened) {
        this.opened = opened;
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
        this.gatheredMessages = half(maxMessages, GATHERED_MESSAGES);
        this.outlet = outlet;
    }

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
        boolean cutsOff = opCode == OpCode.BYE_SIGNAL;
        if ((ending && !cutsOff) || inOrder.isClosed()) {
            return Outcome.CLOSED;
        }
        int length = HeaderLayout.frameLength(second);
        slot.checkSendable(length);
        boolean bye = opCode.type() == OpCode.Type.BYE;
        // What opens the channel has nobody to overtake.
        boolean opens = MessageRules.opensChannel(opCode);
        SlotQueue queue = HeaderLayout.outOfBand(first) && !opens ? outOfBand : inOrder;
        boolean seenFull = false;
        long before = load.get();
        // Never counted and taken back: the loop must not see a load that is not there, when it
        // looks for those who wait for room.
        while (!(always || hasRoom(before, length))
                || !load.compareAndSet(before, before + ONE_MESSAGE + length)) {
            if (!always && !hasRoom(before, length)) {
                if (seenFull) {
                    return Outcome.FULL;
                }
                // Once more after telling that somebody was refused: what ends before sees no one
                // to tell.
                seenFull = true;
                if (!waiting) {
                    refused.set(true);
                }
            }
            before = load.get();
        }
        SlotQueue.Offer offer;
        try {
            if (bye) {
                irregular = true; // before it is in the queue
            }
            slot.handOver(Slot.Owner.LEASE, Slot.Owner.QUEUE).seal(second);
            offer = queue.offer(slot);
        } catch (StackOverflowError e) {
            return Outcome.UNSETTLED;
        }
        if (offer == SlotQueue.Offer.CLOSED) {
            slot.handOver(Slot.Owner.QUEUE, Slot.Owner.LEASE);
            uncount(length);
            return Outcome.CLOSED;
        }
        try {
            if (bye) {
                refuse();
            }
            if (opens) {
                opened = true;
                outlet.schedule();
            } else if (untold) {
                untold = false;
                outlet.tellAgain();
            } else if (offer == SlotQueue.Offer.FIRST) {
                outlet.post();
            } else if (makesMany(before, length)) {
                outlet.postMany();
            }
        } catch (RuntimeException | Error kept) {
            // The message is in the queue. Thrown, this would make it the caller's again, and the
            // queue's, too.
            untold = true;
        }
        return Outcome.ACCEPTED;
    }

    /// Makes undone what an offer that is [Outcome#UNSETTLED] has counted.
    ///
    /// @param slot the slot of that offer
    public void uncount(Slot slot) {
        uncount(slot.frameLength());
    }

    private void uncount(int length) {
        load.addAndGet(-ONE_MESSAGE - length);
        // Others may have been refused because of it.
        unparkWaiting();
        if (refused.get()) {
            outlet.schedule();
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

    /// Refuses all but a ByeSignal from now on, and lets those who wait for room see it: nothing
    /// can be sent any more.
    void refuse() {
        ending = true;
        unparkWaiting();
    }

    private static int half(int bound, int most) {
        return Math.min(Integer.highestOneBit(Math.max(bound / 2, 1)), most);
    }

    /// Whether one more message makes the load reach or pass a multiple of either number.
    private boolean makesMany(long before, int length) {
        int messages = (int) (before >>> MESSAGE_SHIFT) + 1;
        long bytes = before & BYTES_MASK;
        return (messages & gatheredMessages - 1) == 0 || (bytes ^ bytes + length) >= gatheredBytes;
    }

    private boolean hasRoom(long before, int length) {
        return (before >>> MESSAGE_SHIFT) < maxMessages
                && (before & BYTES_MASK) + length <= maxBytes;
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

    /// Whether all messages that were taken out so far, but the one that opens the channel, are
    /// regular ones.
    boolean isRegular() {
        return !irregular;
    }

    /// Takes all that was enqueued in order.
    void drainInOrder(SlotChain chain) {
        inOrder.drainTo(chain);
    }

    /// Takes all that was enqueued out of band.
    void drainOutOfBand(SlotChain chain) {
        outOfBand.drainTo(chain);
    }

    /// Refuses all from now on, takes what is left, and lets those who wait see it.
    void close(SlotChain chain) {
        outOfBand.closeTo(chain);
        inOrder.closeTo(chain);
        unparkWaiting();
    }

    /// Messages have ended: they make room.
    void ended(int messages, long bytes) {
        load.addAndGet(-(messages * ONE_MESSAGE + bytes));
    }

    /// Wakes those who wait when the queue has fallen to its low-water mark, half of the bound.
    ///
    /// @return whether somebody else was refused, and is to be told
    boolean roomMade() {
        if (!refused.get() && waiting.isEmpty()) {
            return false;
        }
        long now = load.get();
        if ((now >>> MESSAGE_SHIFT) > maxMessages / 2 || (now & BYTES_MASK) > maxBytes / 2) {
            return false;
        }
        unparkWaiting();
        // One step: who is refused after it is told the next time.
        return refused.getAndSet(false);
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
        return load.get() & BYTES_MASK;
    }

    /// Whether a message without text headers or body would find room.
    ///
    /// @return an answer that other threads may be changing
    public boolean hasRoom() {
        return hasRoom(load.get(), HeaderLayout.LENGTH);
    }

    /// What is in the queue, and what may be.
    ///
    /// @return for people
    public String filling() {
        long now = load.get();
        return String.format(
                Locale.ROOT,
                "%,d of %,d messages and %,d of %,d bytes",
                now >>> MESSAGE_SHIFT,
                maxMessages,
                now & BYTES_MASK,
                maxBytes);
    }

    /// How many messages are accepted and not ended.
    ///
    /// @return a number that other threads may be changing
    public int messages() {
        return (int) (load.get() >>> MESSAGE_SHIFT);
    }
}
