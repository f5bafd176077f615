package tofu.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
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
import tofu.engine.link.Endpoint;
import tofu.engine.link.Mailbox;
import tofu.engine.link.Notices;
import tofu.engine.link.Outbox;
import tofu.engine.link.Workbench;
import tofu.engine.loop.Leader;
import tofu.engine.loop.Reactor;
import tofu.pool.HeaderLayout;
import tofu.pool.MessageIds;
import tofu.pool.SlabMessage;
import tofu.pool.Slot;
import tofu.pool.SlotBatch;
import tofu.pool.SlotSource;
import tofu.pool.StackRoom;

/// A group: admits what its application enqueues, and hands out what its inbox has.
///
/// Somewhat long, as all that an application may ask of a group is here.
///
/// Threads: those of [ChannelGroup]; what the loop calls says so.
final class EngineGroup implements ChannelGroup, Mailbox {
    /// In place of a channel number: its send queue has no room.
    private static final int FULL = 0;

    /// Likewise: see [SendQueue.Outcome#UNSETTLED].
    private static final int UNSETTLED = -1;

    private static final VarHandle REFUSAL;

    static {
        try {
            REFUSAL =
                    MethodHandles.lookup()
                            .findVarHandle(EngineGroup.class, "refusal", Status.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Engine engine;
    private final long serial;
    private final Inbox inbox = new Inbox();

    private final Map<Workbench, Outbox> outboxes;

    /// Updates that wait in the inbox.
    private final AtomicInteger updates = new AtomicInteger();

    private final SlotSource onUpdateTaken = frameLength -> updates.getAndDecrement();

    /// Held while a channel is opened, so that none is behind the back of [#close()]. A monitor,
    /// which is left even when the application's stack is at its end.
    private final Object opening = new Object();

    private final CountDownLatch ended = new CountDownLatch(1);

    /// Threads that wait for room in a send queue.
    private final Queue<Thread> senders = new ConcurrentLinkedQueue<>();

    private final AtomicBoolean ending = new AtomicBoolean();

    private final Leader leader;

    /// What every call is told: nothing, that the group is closing, or that the engine has failed.
    @SuppressWarnings("unused") // through REFUSAL
    private volatile @Nullable Status refusal;

    EngineGroup(Engine engine, long serial) {
        this.engine = engine;
        this.serial = serial;
        leader = new Leader(this, engine.environment(), engine.leadableLoop());
        outboxes = engine.newOutboxes(this);
    }

    Engine engine() {
        return engine;
    }

    /// Tells the groups of an engine apart, in the order of their creation.
    long serial() {
        return serial;
    }

    // Both are small, and return a header made of two numbers: the compiler takes them into their
    // callers, where a header that nobody looks at needs no memory. What a channel that there is
    // already returns is made before the message is enqueued: then nothing may fail any more, and a
    // caller's stack may end at any call.

    @Override
    public BinaryHeader enqueueToPeer(Message message) {
        SlabMessage lease = SlabMessage.present(message);
        long first = HeaderLayout.first(lease.slot());
        long second = HeaderLayout.second(lease.slot());
        long id = idFor(lease.slot(), first, second);
        int asked = HeaderLayout.channel(first);
        BinaryHeader header = headerOf(first, second, asked, id);
        int channel;
        try {
            channel = post(lease, id, false);
        } catch (StackOverflowError e) {
            lease.restoreClaimed();
            throw e;
        }
        if (channel == asked) {
            return header;
        }
        if (channel == FULL) {
            throw full(first);
        }
        if (channel == UNSETTLED) {
            throw settled(lease, asked);
        }
        return headerOf(first, second, channel, id);
    }

    @Override
    public BinaryHeader enqueueToPeer(Message message, Duration timeout)
            throws InterruptedException {
        SlabMessage lease = SlabMessage.present(message);
        long first = HeaderLayout.first(lease.slot());
        long second = HeaderLayout.second(lease.slot());
        long id = idFor(lease.slot(), first, second);
        int asked = HeaderLayout.channel(first);
        BinaryHeader header = headerOf(first, second, asked, id);
        int channel;
        try {
            channel = post(lease, id, true);
            if (channel == FULL) {
                channel = postWhenRoom(lease, timeout);
            }
        } catch (StackOverflowError e) {
            lease.restoreClaimed();
            throw e;
        }
        if (channel == UNSETTLED) {
            throw settled(lease, asked);
        }
        return channel == asked ? header : headerOf(first, second, channel, id);
    }

    /// Gives a message back that was counted, but not enqueued.
    private StackOverflowError settled(SlabMessage lease, int number) {
        lease.restoreClaimed();
        Endpoint endpoint = engine.channels().find(number);
        if (endpoint != null) {
            endpoint.channel().sendQueue().uncount(lease.slot());
        }
        return new StackOverflowError("the stack has no room to enqueue a message");
    }

    private static long idFor(Slot slot, long first, long second) {
        long id = HeaderLayout.id(first, second);
        return id == 0 ? slot.nextId() : id;
    }

    private static BinaryHeader headerOf(long first, long second, int channel, long id) {
        return HeaderLayout.header(
                HeaderLayout.enqueued(first, channel, id), HeaderLayout.withId(second, id));
    }

    /// Checks a message in the order of the wire spec's section 3, makes it what travels, and moves
    /// it to its channel.
    ///
    /// Long, and to stay so: with more than 325 bytecodes the compiler never takes it into
    /// `enqueueToPeer` (decision 16).
    ///
    /// @param id its id
    /// @param waiting whether the caller will wait for room, so needs no notice of it
    /// @return the channel's number; [#FULL] or [#UNSETTLED] if the message is still the caller's
    private int post(SlabMessage lease, long id, boolean waiting) {
        Slot frame = lease.slot();
        long first = HeaderLayout.first(frame);
        long second = HeaderLayout.second(frame);
        OpCode opCode = MessageRules.checkEnqueued(first, second);
        checkOpen();
        if (MessageRules.opensChannel(opCode)) {
            return open(lease, frame, opCode, id);
        }
        int number = HeaderLayout.channel(first);
        Endpoint endpoint = engine.channels().find(number);
        SendQueue queue = endpoint == null ? null : endpoint.channel().sendQueue();
        if (endpoint == null || queue == null || !queue.isOpened()) {
            throw new AmpeException(Status.INVALID_CHANNEL_NUMBER, "there is no channel " + number);
        }
        if (endpoint.mailbox() != this) {
            throw new AmpeException(
                    Status.INVALID_MCHN_GROUP, "channel " + number + " is another group's");
        }
        if (!endpoint.channel().takes(opCode)) {
            throw new AmpeException(
                    Status.NOT_ALLOWED,
                    "channel " + number + " is a listener, and takes no " + opCode);
        }
        assert number != FULL : "channel 0 is none's";
        assert id != 0 : "a " + opCode + " for channel " + number + " has no id";
        lease.claim(frame);
        SendQueue.Outcome outcome = null;
        try {
            if (HeaderLayout.id(first, second) == 0) {
                frame.takeId(); // the message has it from here on, even if it is refused
            }
            HeaderLayout.words(
                    frame,
                    HeaderLayout.enqueued(first, number, id),
                    HeaderLayout.withId(second, id));
            outcome = offer(queue, frame, opCode, waiting);
        } finally {
            if (outcome != SendQueue.Outcome.ACCEPTED && outcome != SendQueue.Outcome.UNSETTLED) {
                lease.restore(frame);
            }
        }
        if (outcome == SendQueue.Outcome.ACCEPTED) {
            try {
                moved(lease, queue);
            } catch (RuntimeException | Error kept) {
                queue.untold = true; // its message is not the caller's any more: he is told nothing
            }
            return number;
        }
        if (outcome == SendQueue.Outcome.CLOSED) {
            throw closed(number);
        }
        return outcome == SendQueue.Outcome.FULL ? FULL : UNSETTLED;
    }

    /// Ends the move of a message that was enqueued, and sees to it that it is sent.
    private void moved(SlabMessage lease, SendQueue queue) {
        lease.moved();
        try {
            leader.flushIfDue();
        } catch (RuntimeException | Error kept) {
            queue.untold = true;
        }
        queue.tellIfUntold();
    }

    /// Opens the channel that a message asks for, and moves the message there.
    ///
    /// @return its number
    private int open(SlabMessage lease, Slot frame, OpCode opCode, long id) {
        // A channel that has a message, but whose loop could not be told of it, would be nobody's.
        StackRoom.ask();
        lease.claim(frame);
        Endpoint opened = null;
        try {
            synchronized (opening) {
                checkOpen();
                Endpoint endpoint = engine.open(this, opCode);
                offerFirst(endpoint, frame, opCode, id);
                opened = endpoint;
            }
        } finally {
            if (opened == null) {
                lease.restore(frame);
            }
        }
        lease.moved();
        return opened.channel().number();
    }

    /// Enqueues the message that opens a channel, or gives the channel's number back.
    private void offerFirst(Endpoint endpoint, Slot frame, OpCode opCode, long id) {
        int number = endpoint.channel().number();
        long first = HeaderLayout.first(frame);
        long second = HeaderLayout.second(frame);
        boolean given = HeaderLayout.id(first, second) == 0;
        SendQueue.Outcome outcome = null;
        try {
            if (given) {
                frame.takeId();
            }
            HeaderLayout.words(
                    frame,
                    HeaderLayout.enqueued(first, number, id),
                    HeaderLayout.withId(second, id));
            outcome = offer(endpoint.channel().sendQueue(), frame, opCode, false);
        } finally {
            if (outcome != SendQueue.Outcome.ACCEPTED) {
                HeaderLayout.words(frame, first, second);
                if (given) {
                    frame.returnId(id);
                }
                engine.release(number);
            }
        }
        if (outcome != SendQueue.Outcome.ACCEPTED) {
            throw new IllegalStateException("a new channel refused its first message: " + outcome);
        }
    }

    /// Moves a message that was checked to its channel, when that has room for it.
    ///
    /// @return the channel's number, or [#UNSETTLED]
    private int postWhenRoom(SlabMessage lease, Duration timeout) throws InterruptedException {
        leader.flush(); // or there would be no room before the keeper looks
        Slot frame = lease.slot();
        long first = HeaderLayout.first(frame);
        int number = HeaderLayout.channel(first);
        Endpoint endpoint = engine.channels().find(number);
        if (endpoint == null || endpoint.mailbox() != this) {
            throw closed(number);
        }
        long nanos = Math.max(Nanos.saturated(timeout), 0);
        SendQueue queue = endpoint.channel().sendQueue();
        lease.claim(frame);
        SendQueue.Outcome outcome = null;
        try {
            outcome = offerWhenRoom(queue, frame, HeaderLayout.knownOpCode(first), nanos);
        } finally {
            if (outcome != SendQueue.Outcome.ACCEPTED && outcome != SendQueue.Outcome.UNSETTLED) {
                lease.restore(frame);
            }
        }
        if (outcome == SendQueue.Outcome.ACCEPTED) {
            try {
                moved(lease, queue);
            } catch (RuntimeException | Error kept) {
                queue.untold = true; // as in post
            }
            return number;
        }
        if (outcome == SendQueue.Outcome.UNSETTLED) {
            return UNSETTLED;
        }
        throw outcome == SendQueue.Outcome.FULL ? full(first) : closed(number);
    }

    private SendQueue.Outcome offerWhenRoom(SendQueue queue, Slot slot, OpCode opCode, long nanos)
            throws InterruptedException {
        Environment environment = engine.environment();
        long start = environment.nanoTime();
        try {
            senders.add(Thread.currentThread());
            queue.startWaiting();
            while (true) {
                checkOpen();
                long left = nanos - (environment.nanoTime() - start);
                // The last try is one of those who do not wait: refused, they get a notice of room.
                SendQueue.Outcome outcome = offer(queue, slot, opCode, left > 0);
                if (outcome != SendQueue.Outcome.FULL || left <= 0) {
                    return outcome;
                }
                environment.park(queue, left);
                if (Thread.interrupted()) {
                    throw new InterruptedException("while waiting for room in the send queue");
                }
            }
        } finally {
            try {
                queue.stopWaiting();
            } finally {
                senders.remove(Thread.currentThread());
            }
        }
    }

    private static SendQueue.Outcome offer(
            SendQueue queue, Slot slot, OpCode opCode, boolean waiting) {
        boolean always = opCode.type() != OpCode.Type.REGULAR;
        return queue.offer(slot, always, waiting);
    }

    private AmpeException full(long first) {
        int number = HeaderLayout.channel(first);
        Endpoint endpoint = engine.channels().find(number);
        int messages = endpoint == null ? 0 : endpoint.channel().sendQueue().messages();
        return new AmpeException(
                Status.SEND_QUEUE_FULL,
                "channel " + number + " has " + messages + " messages to send");
    }

    private static AmpeException closed(int number) {
        return new AmpeException(
                Status.CHANNEL_CLOSED, "channel " + number + " is closed, or was told a bye");
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
            return slot == null ? null : lease(slot);
        } finally {
            inbox.leave();
        }
    }

    /// Gives a slot to the application; it stays in the inbox if there is no memory for the lease.
    private Message lease(Slot slot) {
        Message message = null;
        try {
            message = engine.pool().lease(slot);
            return message;
        } finally {
            if (message == null) {
                inbox.putBack(slot);
            }
        }
    }

    private @Nullable Slot await(long timeoutNanos) throws InterruptedException {
        long start = engine.environment().nanoTime();
        long left = timeoutNanos;
        leader.onWait();
        do {
            if (!leader.drive(start, timeoutNanos) && left > 0) {
                leader.askIfDue();
                inbox.await(engine.environment(), Math.min(left, Reactor.LOOK_NANOS));
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

    @Override
    public void updateReceiver(@Nullable Message message) {
        checkOpen();
        SlabMessage lease = message == null ? null : SlabMessage.present(message);
        if (updates.get() >= engine.options().receiveWindowMessages()) {
            throw inboxFull();
        }
        Slot slot = lease == null ? newUpdate() : lease.slot();
        if (lease != null) {
            lease.claim(slot);
        }
        boolean counted = false;
        boolean offered = false;
        try {
            // Counted when there is nothing left that it may fail for: nobody else is to be refused
            // for an update that is none.
            counted = countUpdate();
            if (counted) {
                if (lease != null) {
                    slot.handOver(Slot.Owner.LEASE, Slot.Owner.QUEUE);
                    HeaderLayout.channel(slot, 0);
                    HeaderLayout.markApplication(slot, Status.RECEIVER_UPDATE);
                }
                slot.source(onUpdateTaken);
                offered = inbox.offer(slot);
            }
        } finally {
            if (!offered) {
                takeBack(slot, lease, counted);
            }
        }
        if (offered) {
            if (lease != null) {
                lease.moved();
            }
            nudge();
            return;
        }
        checkOpen();
        throw inboxFull();
    }

    /// The update is in the inbox, so that nothing may be thrown any more. A receiver that could
    /// not be told looks by itself before long.
    private void nudge() {
        try {
            inbox.wakeIfUnwoken();
            leader.nudge();
        } catch (RuntimeException | Error kept) {
            // as said
        }
    }

    private boolean countUpdate() {
        int before = updates.get();
        while (before < engine.options().receiveWindowMessages()) {
            if (updates.compareAndSet(before, before + 1)) {
                return true;
            }
            before = updates.get();
        }
        return false;
    }

    private void takeBack(Slot slot, @Nullable SlabMessage lease, boolean counted) {
        if (counted) {
            updates.getAndDecrement();
        }
        slot.source(null);
        if (lease == null) {
            slot.release(Slot.Owner.QUEUE);
            return;
        }
        if (slot.owner() == Slot.Owner.QUEUE) {
            slot.handOver(Slot.Owner.QUEUE, Slot.Owner.LEASE);
        }
        lease.restore(slot);
    }

    private AmpeException inboxFull() {
        return new AmpeException(
                Status.INBOX_FULL,
                engine.options().receiveWindowMessages() + " updates wait already");
    }

    private Slot newUpdate() {
        Slot slot =
                engine.pool()
                        .take(HeaderLayout.LENGTH, AllocationStrategy.ALWAYS, Slot.Owner.QUEUE);
        if (slot == null) {
            slot = engine.pool().takeForNotice();
        }
        if (slot == null) {
            throw new AmpeException(Status.ALLOCATION_FAILED, "no memory for an update");
        }
        Notices.write(slot, 0, Status.RECEIVER_UPDATE, MessageIds.next());
        return slot;
    }

    @Override
    public void close() {
        engine.destroy(this);
    }

    // ---- the engine's side

    @Override
    public Leader leader() {
        return leader;
    }

    /// Refuses all calls from now on and lets all who wait see it. Allocates nothing.
    private void refuse(Status reason) {
        REFUSAL.compareAndSet(this, null, reason);
        inbox.stopWaiting();
        leader.nudge();
        // Taken out, as an iterator needs memory: they have no reason to wait again.
        for (Thread sender = senders.poll(); sender != null; sender = senders.poll()) {
            LockSupport.unpark(sender);
        }
    }

    /// Refuses all calls because the engine has failed.
    ///
    /// @return false if there was not even enough memory or stack for this: to be called again
    boolean fail() {
        try {
            refuse(Status.PROCESSING_FAILED);
            return true;
        } catch (RuntimeException | Error again) {
            return false;
        }
    }

    /// Begins the end.
    ///
    /// @return false if somebody else has
    boolean startEnding() {
        refuse(Status.SHUTDOWN_STARTED);
        synchronized (opening) { // after those who have not seen it, and are opening a channel
            return ending.compareAndSet(false, true);
        }
    }

    @Override
    public boolean isRefusing() {
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

    @Override
    public boolean hasMail() {
        return !inbox.isEmpty();
    }

    /// Where a loop collects what it has for this group.
    Outbox outbox(Workbench bench) {
        return Objects.requireNonNull(outboxes.get(bench), "a loop of another engine");
    }

    @Override
    public void deliver(SlotBatch batch) {
        inbox.offer(batch);
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
