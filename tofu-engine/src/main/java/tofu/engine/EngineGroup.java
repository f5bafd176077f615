package tofu.engine;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tofu.api.AllocationStrategy;
import tofu.api.AmpeException;
import tofu.api.BinaryHeader;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.engine.channel.MessageRules;
import tofu.engine.channel.SendQueue;
import tofu.pool.HeaderLayout;
import tofu.pool.SlabMessage;
import tofu.pool.Slot;
import tofu.pool.SlotBatch;

/// A group: admits what its application enqueues, and hands out what its inbox has.
///
/// Threads: those of [ChannelGroup]; what the loop calls says so.
final class EngineGroup implements ChannelGroup {
    /// Ids for messages that have none, of the whole process (wire spec, section 1).
    private static final AtomicLong NEXT_ID = new AtomicLong(1);

    /// A receiver that has waited this often asks to drive the loop itself. Each time that it stays
    /// away for long, it loses the loop again, which costs as much as some waits.
    private static final int WAITS_TO_LEAD = 16;

    /// So many messages are worth a system call of their own.
    private static final int MOST_DEFERRED = 64;

    private final Engine engine;
    private final long serial;
    private final Inbox inbox = new Inbox();

    /// What each loop has for the inbox; a loop's own.
    private final SlotBatch[] outboxes;

    /// Updates that wait in the inbox.
    private final AtomicInteger updates = new AtomicInteger();

    /// Held while a channel is opened, so that none is behind the back of [#close()].
    private final ReentrantLock opening = new ReentrantLock();

    private final CountDownLatch ended = new CountDownLatch(1);

    /// Threads that wait for room in a send queue.
    private final Queue<Thread> senders = new ConcurrentLinkedQueue<>();

    private final AtomicBoolean ending = new AtomicBoolean();

    /// The loop that a waiting receiver may drive.
    private final @Nullable Reactor leadable;

    /// How often a receiver has waited since one has driven the loop; the receiver's.
    private int waits;

    /// The receiver that has driven the loop last. Each thread compares it with itself only, so a
    /// stale value does no harm.
    private @Nullable Thread leader;

    /// The same receiver, while it has messages to send that it has not flushed.
    private @Nullable Thread deferring;

    /// Messages that it has deferred.
    private int deferred;

    /// What every call is told: nothing, that the group is closing, or that the engine has failed.
    private volatile @Nullable Status refusal;

    EngineGroup(Engine engine, long serial) {
        this.engine = engine;
        this.serial = serial;
        leadable = engine.leadableLoop();
        outboxes = new SlotBatch[engine.options().loops()];
        for (int i = 0; i < outboxes.length; i++) {
            outboxes[i] = new SlotBatch();
        }
    }

    Engine engine() {
        return engine;
    }

    /// Tells the groups of an engine apart, in the order of their creation.
    long serial() {
        return serial;
    }

    // Both end with the header that they return, made of two numbers: a caller without a use for it
    // does not pay for it, once the method is compiled into its own.

    @Override
    public BinaryHeader enqueueToPeer(Message message) {
        SlabMessage lease = SlabMessage.present(message);
        MemorySegment frame = lease.slot().segment();
        long first = HeaderLayout.first(frame);
        long second = HeaderLayout.second(frame);
        Endpoint endpoint = endpointFor(first, second);
        if (endpoint == null) {
            return open(lease);
        }
        long id = idFor(first, second);
        first = prepared(first, id);
        second = HeaderLayout.withId(second, id);
        HeaderLayout.words(frame, first, second);
        SendQueue.Outcome outcome = offer(endpoint, lease.slot(), first, false);
        if (outcome != SendQueue.Outcome.ACCEPTED) {
            throw refused(endpoint, outcome);
        }
        lease.moved();
        flushIfDue();
        return HeaderLayout.header(first, second);
    }

    @Override
    public BinaryHeader enqueueToPeer(Message message, Duration timeout)
            throws InterruptedException {
        SlabMessage lease = SlabMessage.present(message);
        MemorySegment frame = lease.slot().segment();
        long first = HeaderLayout.first(frame);
        long second = HeaderLayout.second(frame);
        Endpoint endpoint = endpointFor(first, second);
        if (endpoint == null) {
            return open(lease);
        }
        long id = idFor(first, second);
        first = prepared(first, id);
        second = HeaderLayout.withId(second, id);
        HeaderLayout.words(frame, first, second);
        SendQueue.Outcome outcome = offer(endpoint, lease.slot(), first, true);
        if (outcome == SendQueue.Outcome.FULL) {
            long nanos = Math.max(Nanos.saturated(timeout), 0);
            outcome = awaitRoom(endpoint, lease.slot(), first, nanos);
        }
        if (outcome != SendQueue.Outcome.ACCEPTED) {
            throw refused(endpoint, outcome);
        }
        lease.moved();
        flushIfDue();
        return HeaderLayout.header(first, second);
    }

    private SendQueue.Outcome awaitRoom(Endpoint endpoint, Slot slot, long first, long nanos)
            throws InterruptedException {
        long start = System.nanoTime();
        SendQueue queue = endpoint.channel().sendQueue();
        senders.add(Thread.currentThread());
        queue.startWaiting();
        try {
            while (true) {
                checkOpen();
                long left = nanos - (System.nanoTime() - start);
                // The last try is one of those who do not wait: refused, they get a notice of room.
                SendQueue.Outcome outcome = offer(endpoint, slot, first, left > 0);
                if (outcome != SendQueue.Outcome.FULL || left <= 0) {
                    return outcome;
                }
                LockSupport.parkNanos(queue, left);
                if (Thread.interrupted()) {
                    throw new InterruptedException("while waiting for room in the send queue");
                }
            }
        } finally {
            queue.stopWaiting();
            senders.remove(Thread.currentThread());
        }
    }

    /// Checks a message up to its channel.
    ///
    /// @return the channel's endpoint, or `null` if the message is to open one
    private @Nullable Endpoint endpointFor(long first, long second) {
        OpCode opCode = MessageRules.checkEnqueued(first, second);
        checkOpen();
        if (MessageRules.opensChannel(opCode)) {
            return null;
        }
        int number = HeaderLayout.channel(first);
        Endpoint endpoint = engine.channels().find(number);
        if (endpoint == null || !endpoint.channel().sendQueue().isOpened()) {
            throw new AmpeException(Status.INVALID_CHANNEL_NUMBER, "there is no channel " + number);
        }
        if (endpoint.group() != this) {
            throw new AmpeException(
                    Status.INVALID_MCHN_GROUP, "channel " + number + " is another group's");
        }
        if (!endpoint.channel().takes(opCode)) {
            throw new AmpeException(
                    Status.NOT_ALLOWED,
                    "channel " + number + " is a listener, and takes no " + opCode);
        }
        return endpoint;
    }

    /// Opens the channel that a message asks for, and moves the message there.
    private BinaryHeader open(SlabMessage lease) {
        Slot slot = lease.slot();
        opening.lock();
        try {
            checkOpen();
            Endpoint endpoint = engine.open(this, HeaderLayout.knownOpCode(slot.segment()));
            MemorySegment frame = slot.segment();
            HeaderLayout.channel(frame, endpoint.channel().number());
            long id = idFor(HeaderLayout.first(frame), HeaderLayout.second(frame));
            long first = prepared(HeaderLayout.first(frame), id);
            long second = HeaderLayout.withId(HeaderLayout.second(frame), id);
            HeaderLayout.words(frame, first, second);
            SendQueue.Outcome outcome = offer(endpoint, slot, first, false);
            if (outcome != SendQueue.Outcome.ACCEPTED) {
                throw new IllegalStateException(
                        "a new channel refused its first message: " + outcome);
            }
            lease.moved();
            return HeaderLayout.header(first, second);
        } finally {
            opening.unlock();
        }
    }

    private static long idFor(long first, long second) {
        return HeaderLayout.hasNoId(first, second) ? nextId() : HeaderLayout.id(first, second);
    }

    /// Makes a message what travels: with an id, and in the application's name.
    private static long prepared(long first, long id) {
        long travelling = HeaderLayout.enqueued(first, id);
        return HeaderLayout.opCode(first) == OpCode.BYE_SIGNAL.code()
                ? HeaderLayout.asOutOfBand(travelling)
                : travelling;
    }

    private static SendQueue.Outcome offer(
            Endpoint endpoint, Slot slot, long first, boolean waiting) {
        OpCode.Type type = HeaderLayout.knownOpCode(first).type();
        return endpoint.channel().sendQueue().offer(slot, type != OpCode.Type.REGULAR, waiting);
    }

    private static AmpeException refused(Endpoint endpoint, SendQueue.Outcome outcome) {
        String channel = "channel " + endpoint.channel().number();
        return outcome == SendQueue.Outcome.FULL
                ? new AmpeException(
                        Status.SEND_QUEUE_FULL,
                        channel
                                + " has "
                                + endpoint.channel().sendQueue().messages()
                                + " messages to send")
                : new AmpeException(
                        Status.CHANNEL_CLOSED, channel + " is closed, or was told a bye");
    }

    @Override
    public @Nullable Message waitReceive(long timeoutNanos) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("before waiting for a message");
        }
        if (!inbox.enter()) {
            checkOpen();
            throw new AmpeException(
                    Status.CONCURRENT_RECEIVE, "another thread is in waitReceive of this group");
        }
        try {
            checkOpen();
            Slot slot = inbox.poll();
            if (slot == null) {
                slot = await(Math.max(timeoutNanos, 0));
            }
            return slot == null ? null : engine.pool().lease(slot);
        } finally {
            inbox.leave();
        }
    }

    private @Nullable Slot await(long timeoutNanos) throws InterruptedException {
        long start = engine.environment().nanoTime();
        long left = timeoutNanos;
        Reactor loop = Thread.currentThread().isVirtual() ? null : leadable;
        waits++;
        do {
            if (loop != null && loop.mayBeLedBy(this) && loop.lead()) {
                drive(loop, start, timeoutNanos);
            } else if (left > 0) {
                if (loop != null && waits >= WAITS_TO_LEAD && loop.mayBeLedBy(this)) {
                    loop.askToLead();
                }
                inbox.await(engine.environment(), left);
            }
            if (Thread.interrupted()) {
                throw new InterruptedException("while waiting for a message");
            }
            checkOpen();
            Slot slot = inbox.poll();
            if (slot != null) {
                return slot;
            }
            left = timeoutNanos - (engine.environment().nanoTime() - start);
        } while (left > 0);
        return null;
    }

    /// Drives the loop until there is a message or the time is over.
    private void drive(Reactor loop, long start, long timeoutNanos) {
        waits = 0;
        leader = Thread.currentThread();
        deferring = null;
        boolean forGood = true;
        try {
            long left;
            do {
                // Dekker with nudge: either we see the message, or its sender sees us lead.
                if (inbox.isEmpty()) {
                    loop.step(timeoutNanos - (engine.environment().nanoTime() - start));
                }
                left = timeoutNanos - (engine.environment().nanoTime() - start);
                forGood = inbox.isEmpty() && left > 0;
            } while (forGood
                    && refusal == null
                    && !Thread.currentThread().isInterrupted()
                    && loop.mayBeLedBy(this));
        } catch (IOException | RuntimeException | Error bug) {
            engine.fail(bug);
        } finally {
            loop.leave(forGood);
        }
    }

    /// Whether the calling thread is a receiver that drives the loop whenever it waits.
    boolean isLeader() {
        return leader == Thread.currentThread();
    }

    /// Whether the calling thread will drive the loop again before long, and send then what it has
    /// enqueued; at the latest with its last message it flushes.
    boolean defersFlush() {
        if (!isLeader() || inbox.isEmpty()) {
            return false;
        }
        deferring = Thread.currentThread();
        deferred = 0;
        return true;
    }

    /// Flushes what was deferred, if all messages are taken that the last turn of the loop brought,
    /// or the peers should have something to do meanwhile.
    private void flushIfDue() {
        if (deferring != null
                && deferring == Thread.currentThread()
                && (++deferred >= MOST_DEFERRED || inbox.isEmpty())) {
            deferring = null;
            Reactor loop = leadable;
            if (loop != null) {
                loop.flushDeferred();
            }
        }
    }

    @Override
    public void updateReceiver(@Nullable Message message) {
        checkOpen();
        SlabMessage lease = message == null ? null : SlabMessage.present(message);
        if (updates.incrementAndGet() > engine.options().receiveWindowMessages()) {
            updates.decrementAndGet();
            throw new AmpeException(
                    Status.INBOX_FULL,
                    engine.options().receiveWindowMessages() + " updates wait already");
        }
        Slot slot =
                lease == null
                        ? newUpdate()
                        : lease.slot().handOver(Slot.Owner.LEASE, Slot.Owner.QUEUE);
        if (lease != null) {
            HeaderLayout.channel(slot.segment(), 0);
            HeaderLayout.markApplication(slot.segment(), Status.RECEIVER_UPDATE);
        }
        slot.source(frameLength -> updates.decrementAndGet());
        if (inbox.offer(slot)) {
            if (lease != null) {
                lease.moved();
            }
            nudge();
            return;
        }
        updates.decrementAndGet();
        slot.source(null);
        if (lease == null) {
            slot.release(Slot.Owner.QUEUE);
        } else {
            slot.handOver(Slot.Owner.QUEUE, Slot.Owner.LEASE);
        }
        checkOpen();
    }

    /// Makes a receiver look into the inbox that waits by driving the loop.
    private void nudge() {
        Reactor loop = leadable;
        if (loop != null && loop.isLed()) {
            loop.execute(new Command.Nudge());
        }
    }

    private Slot newUpdate() {
        Slot slot =
                engine.pool()
                        .take(HeaderLayout.LENGTH, AllocationStrategy.ALWAYS, Slot.Owner.QUEUE);
        if (slot == null) {
            slot = engine.pool().takeForNotice();
        }
        if (slot == null) {
            updates.decrementAndGet();
            throw new AmpeException(Status.ALLOCATION_FAILED, "no memory for an update");
        }
        Notices.write(slot, 0, Status.RECEIVER_UPDATE, nextId());
        return slot;
    }

    static long nextId() {
        return NEXT_ID.getAndIncrement();
    }

    @Override
    public void close() {
        engine.destroy(this);
    }

    // ---- the engine's side

    /// Refuses all calls from now on and lets a waiting receiver see it.
    void refuse(Status reason) {
        opening.lock();
        try {
            if (refusal == null) {
                refusal = reason;
            }
        } finally {
            opening.unlock();
        }
        inbox.stopWaiting();
        nudge();
        senders.forEach(LockSupport::unpark);
    }

    /// Begins the end.
    ///
    /// @return false if somebody else has
    boolean startEnding() {
        refuse(Status.SHUTDOWN_STARTED);
        return ending.compareAndSet(false, true);
    }

    boolean isRefusing() {
        return refusal != null;
    }

    /// Frees the inbox, once all channels have ended.
    void end() {
        inbox.close();
        ended.countDown();
    }

    /// Opens when the end is complete.
    CountDownLatch ended() {
        return ended;
    }

    /// Loop: collects a slot for the inbox.
    ///
    /// @return true if it is the first since the last [#publish(int)]
    boolean collect(int loop, Slot slot) {
        boolean first = outboxes[loop].isEmpty();
        outboxes[loop].add(slot);
        return first;
    }

    /// Loop: moves what it has collected to the inbox.
    void publish(int loop) {
        inbox.offer(outboxes[loop]);
    }

    private void checkOpen() {
        Status reason = refusal;
        if (reason != null) {
            throw new AmpeException(
                    reason,
                    reason == Status.SHUTDOWN_STARTED
                            ? "the group is closed"
                            : "the engine has failed, see its log");
        }
    }
}
