package tofu.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import tofu.api.AmpeException;
import tofu.api.BinaryHeader;
import tofu.api.Channel;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.Status;
import tofu.engine.link.Endpoint;
import tofu.engine.link.Mailbox;
import tofu.engine.link.Outbox;
import tofu.engine.link.Totals;
import tofu.engine.link.Workbench;
import tofu.engine.loop.Leader;
import tofu.engine.loop.Reactor;
import tofu.pool.HeaderLayout;
import tofu.pool.MailBatch;
import tofu.pool.SlabMessage;
import tofu.pool.Slot;

/// A group: admits what its application enqueues, and hands out what its inbox has.
///
/// Threads: those of [ChannelGroup]; what the loop calls says so.
final class EngineGroup implements ChannelGroup, Mailbox {
    private final Engine engine;
    private final long serial;
    private final Inbox inbox;
    private final Gate gate;
    private final Totals totals;

    private final Map<Workbench, Outbox> outboxes;

    private final CountDownLatch ended = new CountDownLatch(1);

    private final AtomicBoolean ending = new AtomicBoolean();

    private final Leader leader;
    private final Intake intake;
    private final Updates updates;

    EngineGroup(Engine engine, long serial) {
        this.engine = engine;
        this.serial = serial;
        inbox =
                new Inbox(
                        engine.pool(),
                        engine.options().maxPoolMessages(),
                        () -> engine.onStarved(this));
        gate = new Gate(engine.firstFailure());
        totals = engine.totals().ofGroup(serial);
        leader = new Leader(this, engine.environment(), engine.leadableLoop());
        outboxes = engine.newOutboxes(this);
        intake = new Intake(this, gate, engine.channels(), engine.openings(), engine.environment());
        updates =
                new Updates(
                        gate,
                        engine.pool(),
                        engine.options().receiveWindowMessages(),
                        inbox,
                        leader);
    }

    Engine engine() {
        return engine;
    }

    /// Tells the groups of an engine apart, in the order of their creation.
    long serial() {
        return serial;
    }

    // These are small; the first two return a header made of two numbers: the compiler takes them
    // into their callers, where a header that nobody looks at needs no memory. What a channel that
    // there is already returns is made before the message is enqueued: then nothing may fail any
    // more, and a caller's stack may end at any call.

    @Override
    public BinaryHeader enqueueToPeer(Message message) {
        SlabMessage lease = SlabMessage.present(message);
        long first = lease.slot().first();
        long second = lease.slot().second();
        long id = Intake.idFor(lease.slot(), first, second);
        int asked = HeaderLayout.channel(first);
        BinaryHeader header = Intake.headerOf(first, second, asked, id);
        int channel;
        try {
            channel = intake.post(lease, id, false);
        } catch (StackOverflowError e) {
            lease.restoreClaimed();
            throw e;
        }
        if (channel == asked) {
            return header;
        }
        if (channel == Intake.FULL) {
            throw intake.full(asked, 0);
        }
        return Intake.headerOf(first, second, channel, id);
    }

    @Override
    public BinaryHeader enqueueToPeer(Message message, Duration timeout)
            throws InterruptedException {
        SlabMessage lease = SlabMessage.present(message);
        long first = lease.slot().first();
        long second = lease.slot().second();
        long id = Intake.idFor(lease.slot(), first, second);
        int asked = HeaderLayout.channel(first);
        BinaryHeader header = Intake.headerOf(first, second, asked, id);
        int channel;
        try {
            channel = intake.post(lease, id, true);
            if (channel == Intake.FULL) {
                channel = intake.postWhenRoom(lease, timeout);
            }
        } catch (StackOverflowError e) {
            lease.restoreClaimed();
            throw e;
        }
        return channel == asked ? header : Intake.headerOf(first, second, channel, id);
    }

    @Override
    public boolean offerToPeer(Message message) {
        SlabMessage lease = SlabMessage.present(message);
        Slot slot = lease.slot();
        long first = slot.first();
        int channel;
        try {
            channel = intake.post(lease, Intake.idFor(slot, first, slot.second()), false);
        } catch (StackOverflowError e) {
            lease.restoreClaimed();
            throw e;
        }
        return channel != Intake.FULL;
    }

    @Override
    public @Nullable Message waitReceiveNanos(long timeoutNanos) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("before waiting for a message");
        }
        if (!inbox.enter()) {
            gate.check();
            throw new AmpeException(
                    Status.CONCURRENT_RECEIVE, "another thread is in waitReceive of this group");
        }
        try {
            gate.check();
            Slot slot = inbox.first(engine.environment());
            if (slot == null) {
                slot = await(Math.max(timeoutNanos, 0));
            }
            if (slot == null) {
                return null;
            }
            // In this order: the message stays in the inbox if there is no memory or stack for it.
            Message message = engine.pool().lease(slot);
            inbox.removeFirst();
            return message;
        } finally {
            try {
                inbox.leave();
            } catch (StackOverflowError kept) {
                inbox.consuming = false; // else nobody could ever receive again
            }
        }
    }

    private @Nullable Slot await(long timeoutNanos) throws InterruptedException {
        long start = engine.environment().nanoTime();
        long left = timeoutNanos;
        leader.onWait();
        do {
            if (inbox.isStarved()) {
                if (left > 0) {
                    inbox.awaitMemory(engine.environment(), Math.min(left, Reactor.LOOK_NANOS));
                }
            } else if (!leader.drive(start, timeoutNanos) && left > 0) {
                leader.askIfDue();
                inbox.await(engine.environment(), Math.min(left, Reactor.LOOK_NANOS));
            }
            if (Thread.interrupted()) {
                throw new InterruptedException("while waiting for a message");
            }
            gate.check();
            Slot slot = inbox.first(engine.environment());
            if (slot != null) {
                return slot;
            }
            left = timeoutNanos - (engine.environment().nanoTime() - start);
        } while (left > 0);
        return null;
    }

    @Override
    public void updateReceiver(@Nullable Message message) {
        updates.add(message);
    }

    @Override
    public @Nullable Channel channel(int number) {
        Endpoint endpoint = engine.channels().find(number);
        return endpoint != null && isMine(endpoint) ? new ChannelView(endpoint) : null;
    }

    @Override
    public List<Channel> channels() {
        List<Channel> mine = new ArrayList<>();
        for (Endpoint endpoint : engine.channels().all()) {
            if (isMine(endpoint)) {
                mine.add(new ChannelView(endpoint));
            }
        }
        return mine;
    }

    /// Whether the application has opened it, or has been told of it.
    private boolean isMine(Endpoint endpoint) {
        return endpoint.mailbox() == this
                && endpoint.channel().sendQueue().isOpened()
                && !endpoint.isStranger();
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

    @Override
    public Totals totals() {
        return totals;
    }

    /// Refuses all calls from now on and lets all who wait see it. Allocates nothing.
    private void refuse(Status reason) {
        gate.close(reason);
        inbox.stopWaiting();
        leader.nudge();
        intake.stopWaiting();
    }

    /// Refuses all calls because the engine ends.
    ///
    /// @return false if there was not even enough memory or stack for this: to be called again
    boolean tryRefuse(Status reason) {
        try {
            refuse(reason);
            return true;
        } catch (RuntimeException | Error again) {
            return false;
        }
    }

    /// Waits for those who have not seen that the group refuses, and are opening a channel.
    void awaitOpening() {
        intake.awaitOpening();
    }

    /// Begins the end.
    ///
    /// @return false if somebody else has
    boolean startEnding() {
        refuse(Status.SHUTDOWN_STARTED);
        awaitOpening();
        return ending.compareAndSet(false, true);
    }

    /// Messages are back.
    void onRefill() {
        inbox.onRefill();
    }

    @Override
    public boolean isRefusing() {
        return gate.isClosed();
    }

    /// Frees the inbox, once all channels have ended.
    void end() {
        try {
            inbox.close(engine.environment());
        } finally {
            ended.countDown();
        }
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
    public void deliver(MailBatch batch) {
        inbox.offer(batch);
    }
}
