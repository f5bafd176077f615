package tofu.engine;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import tofu.api.AmpeException;
import tofu.api.BinaryHeader;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.engine.channel.Deadline;
import tofu.engine.channel.MessageRules;
import tofu.engine.channel.SendQueue;
import tofu.engine.link.Endpoint;
import tofu.engine.link.Mailbox;
import tofu.engine.loop.Clock;
import tofu.engine.loop.Leader;
import tofu.pool.HeaderLayout;
import tofu.pool.SlabMessage;
import tofu.pool.Slot;
import tofu.pool.StackRoom;

/// Admits what a group's application enqueues: checks it, makes it what travels, and moves it to
/// its channel; or it stays the application's, whatever is thrown.
///
/// Threads: any.
final class Intake {
    /// In place of a channel number: its send queue has no room.
    static final int FULL = 0;

    private static final long NANOS_IN_MILLI = 1_000_000;

    private final Mailbox group;
    private final Gate gate;
    private final ChannelTable<Endpoint> channels;
    private final Openings openings;
    private final Clock clock;
    private final Leader leader;

    /// Held while a channel is opened, so that none is behind the back of a group that closes. A
    /// monitor, which is left even when the application's stack is at its end.
    private final Object opening = new Object();

    /// Threads that wait for room in a send queue.
    private final Queue<Thread> senders = new ConcurrentLinkedQueue<>();

    Intake(
            Mailbox group,
            Gate gate,
            ChannelTable<Endpoint> channels,
            Openings openings,
            Clock clock) {
        this.group = group;
        this.gate = gate;
        this.channels = channels;
        this.openings = openings;
        this.clock = clock;
        this.leader = group.leader();
    }

    /// Lets all who wait for room see that they are refused. Allocates nothing.
    void stopWaiting() {
        // Taken out, as an iterator needs memory: they have no reason to wait again.
        for (Thread sender = senders.poll(); sender != null; sender = senders.poll()) {
            LockSupport.unpark(sender);
        }
    }

    /// Waits for those who have not seen that the group refuses, and are opening a channel.
    void awaitOpening() {
        synchronized (opening) {
            return;
        }
    }

    /// The id that a message has, or would be given.
    static long idFor(Slot slot, long first, long second) {
        long id = HeaderLayout.id(first, second);
        return id == 0 ? slot.nextId() : id;
    }

    static BinaryHeader headerOf(long first, long second, int channel, long id) {
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
    /// @return the channel's number; [#FULL] if the message is still the caller's
    int post(SlabMessage lease, long id, boolean waiting) {
        Slot frame = lease.slot();
        long first = frame.first();
        long second = frame.second();
        OpCode opCode = MessageRules.checkEnqueued(first, second);
        gate.check();
        if (MessageRules.opensChannel(opCode)) {
            return open(lease, frame, opCode, id);
        }
        int number = HeaderLayout.channel(first);
        Endpoint endpoint = channels.find(number);
        SendQueue queue = endpoint == null ? null : endpoint.channel().sendQueue();
        if (endpoint == null || queue == null || !queue.isOpened()) {
            throw new AmpeException(Status.INVALID_CHANNEL_NUMBER, "there is no channel " + number);
        }
        if (endpoint.mailbox() != group) {
            throw new AmpeException(
                    Status.INVALID_CHANNEL_GROUP, "channel " + number + " is another group's");
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
            frame.words(HeaderLayout.enqueued(first, number, id), HeaderLayout.withId(second, id));
            outcome = offer(queue, frame, opCode, waiting);
        } finally {
            if (outcome != SendQueue.Outcome.ACCEPTED) {
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
        queue.onRefused(clock.nanoTime());
        return FULL;
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
                gate.check();
                Endpoint endpoint = openings.open(group, opCode);
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
        long first = frame.first();
        long second = frame.second();
        boolean given = HeaderLayout.id(first, second) == 0;
        SendQueue.Outcome outcome = null;
        try {
            if (given) {
                frame.takeId();
            }
            frame.words(HeaderLayout.enqueued(first, number, id), HeaderLayout.withId(second, id));
            outcome = offer(endpoint.channel().sendQueue(), frame, opCode, false);
        } finally {
            if (outcome != SendQueue.Outcome.ACCEPTED) {
                frame.words(first, second);
                if (given) {
                    frame.returnId(id);
                }
                openings.undo(number);
            }
        }
        if (outcome != SendQueue.Outcome.ACCEPTED) {
            throw new IllegalStateException("a new channel refused its first message: " + outcome);
        }
    }

    /// Moves a message that was checked to its channel, when that has room for it.
    ///
    /// @return the channel's number
    int postWhenRoom(SlabMessage lease, Duration timeout) throws InterruptedException {
        leader.flush(); // or there would be no room before the keeper looks
        Slot frame = lease.slot();
        long first = frame.first();
        int number = HeaderLayout.channel(first);
        Endpoint endpoint = channels.find(number);
        if (endpoint == null || endpoint.mailbox() != group) {
            throw closed(number);
        }
        long start = clock.nanoTime();
        long nanos = Math.max(Nanos.saturated(timeout), 0);
        SendQueue queue = endpoint.channel().sendQueue();
        lease.claim(frame);
        SendQueue.Outcome outcome = null;
        try {
            outcome = offerWhenRoom(queue, frame, HeaderLayout.knownOpCode(first), nanos);
        } finally {
            if (outcome != SendQueue.Outcome.ACCEPTED) {
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
        throw outcome == SendQueue.Outcome.FULL
                ? full(number, clock.nanoTime() - start)
                : closed(number);
    }

    private SendQueue.Outcome offerWhenRoom(SendQueue queue, Slot slot, OpCode opCode, long nanos)
            throws InterruptedException {
        long start = clock.nanoTime();
        try {
            senders.add(Thread.currentThread());
            queue.startWaiting();
            while (true) {
                gate.check();
                long left = nanos - (clock.nanoTime() - start);
                // The last try is one of those who do not wait: refused, they get a notice of room.
                SendQueue.Outcome outcome = offer(queue, slot, opCode, left > 0);
                if (outcome != SendQueue.Outcome.FULL || left <= 0) {
                    return outcome;
                }
                clock.park(queue, left);
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

    /// There is no room.
    ///
    /// @param waitedNanos how long was waited for it
    AmpeException full(int number, long waitedNanos) {
        StringBuilder detail = new StringBuilder("channel " + number);
        Endpoint endpoint = channels.find(number);
        if (endpoint != null) {
            detail.append(" has ").append(endpoint.channel().sendQueue().filling());
            detail.append(" to send");
            int untaken = endpoint.channel().untaken();
            if (untaken > 0) {
                // If the peer waits in the same way, neither gets room before somebody receives.
                detail.append("; ").append(untaken).append(" of the peer's wait to be received");
            }
        }
        if (waitedNanos > 0) {
            detail.append("; waited ").append(waitedNanos / NANOS_IN_MILLI).append(" ms");
        }
        return new AmpeException(Status.SEND_QUEUE_FULL, detail.toString());
    }

    private AmpeException closed(int number) {
        Endpoint endpoint = channels.find(number);
        Status reason = endpoint == null ? null : endpoint.channel().endReason();
        String detail;
        if (endpoint == null) {
            detail = " has ended";
        } else if (reason == null) {
            detail = " was told a bye, or nothing can be sent on it any more";
        } else {
            long endedNanos = endpoint.endedNanos();
            detail =
                    " has ended"
                            + (reason == Status.CHANNEL_CLOSED ? " by a bye" : " with " + reason)
                            + (endedNanos == Deadline.NONE
                                    ? ""
                                    : ", %d ms ago".formatted(sinceMillis(endedNanos)));
        }
        return new AmpeException(Status.CHANNEL_CLOSED, "channel " + number + detail);
    }

    private long sinceMillis(long nanos) {
        return Math.max(0, clock.nanoTime() - nanos) / NANOS_IN_MILLI;
    }
}
