package tofu.engine.channel;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.pool.Slot;
import tofu.pool.SlotSource;

/// A channel that accepts connections; its number stands for the listening socket.
///
/// An application can send it a [OpCode#BYE_SIGNAL] only, which ends it.
///
/// Thread: the loop, except what [Channel] says. Owns the WelcomeRequest until it is answered.
public final class Listener implements Channel {
    private final int number;
    private final Outlet outlet;
    private final SendQueue sendQueue;
    private final SlotSource onClosedTaken;
    private State state = State.OPENING;

    /// The same, for those who look from other threads.
    private volatile State seenState = state;

    private volatile @Nullable Status endReason;
    private @Nullable Slot welcome;
    private long welcomeId;

    /// As it was enqueued: the answer may name a longer address.
    private int welcomeLength;

    /// Makes a listener that waits for its WelcomeRequest in the send queue.
    ///
    /// @param number its channel number
    /// @param limits bounds of the send queue
    /// @param outlet where its output goes
    /// @param memory of messages and of logs
    /// @param onClosedTaken told when the application has taken the last notice
    public Listener(
            int number, Limits limits, LoopMemory memory, Outlet outlet, SlotSource onClosedTaken) {
        this.number = number;
        this.outlet = outlet;
        this.sendQueue =
                new SendQueue(
                        limits.sendQueueMessages(),
                        limits.sendQueueBytes(),
                        memory.outgoing(),
                        outlet,
                        false);
        this.onClosedTaken = onClosedTaken;
    }

    @Override
    public int number() {
        return number;
    }

    @Override
    public SendQueue sendQueue() {
        return sendQueue;
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public void pause(boolean paused) {
        throw new IllegalStateException("a listener receives nothing");
    }

    @Override
    public boolean isPaused() {
        return false;
    }

    @Override
    public int untaken() {
        return 0;
    }

    @Override
    public void addTo(Tally sum, long nowNanos) {
        sendQueue.addTo(sum, nowNanos);
    }

    @Override
    public State seenState() {
        return seenState;
    }

    @Override
    public @Nullable Status endReason() {
        return endReason;
    }

    @Override
    public long deadlineNanos() {
        return Deadline.NONE;
    }

    @Override
    public boolean takes(OpCode opCode) {
        return opCode == OpCode.BYE_SIGNAL;
    }

    /// The WelcomeRequest, while it is not answered.
    ///
    /// @return the slot, which stays the listener's, or `null`
    public @Nullable Slot welcome() {
        return welcome;
    }

    @Override
    public void onPost(long nowNanos) {
        if (state == State.CLOSED) {
            return;
        }
        sendQueue.look();
        Slot slot = sendQueue.takeOpening();
        if (slot != null) {
            welcome = slot.handOver(Slot.Owner.QUEUE, Slot.Owner.CHANNEL);
            welcomeId = slot.id();
            welcomeLength = slot.frameLength();
        }
        Slot signal = sendQueue.takeSignal();
        if (signal != null) {
            end(Status.CHANNEL_CLOSED, signal);
        }
    }

    /// Says where the WelcomeRequest is now, after it was changed.
    ///
    /// @param slot its slot
    public void welcome(Slot slot) {
        welcome = slot;
    }

    /// Answers the WelcomeRequest: the socket listens.
    public void onListening() {
        enter(State.LISTENING);
        Slot answer = Objects.requireNonNull(welcome);
        welcome = null;
        answer.opCode(OpCode.WELCOME_RESPONSE);
        answer.markApplication(Status.SUCCESS);
        sendQueue.returned(welcomeLength);
        outlet.deliver(answer.handOver(Slot.Owner.CHANNEL, Slot.Owner.QUEUE));
    }

    /// Ends the listener: the socket cannot listen, or has failed.
    ///
    /// @param reason why
    public void onFailure(Status reason) {
        if (state != State.CLOSED) {
            end(reason, null);
        }
    }

    @Override
    public void onGroupClosed(long nowNanos) {
        if (state != State.CLOSED) {
            end(Status.SHUTDOWN_STARTED, null);
        }
    }

    @Override
    public void abandon() {
        sendQueue.abandon();
        Slot unanswered = welcome;
        welcome = null;
        if (unanswered != null) {
            unanswered.discard();
        }
    }

    @Override
    public void onTick(long nowNanos) {
        throw new IllegalStateException("a listener has no deadline");
    }

    /// @param taken the ByeSignal that ends it, or `null`
    private void end(Status reason, @Nullable Slot taken) {
        endReason = reason;
        enter(State.CLOSED);
        Slot unanswered = welcome;
        welcome = null;
        if (unanswered != null) {
            unanswered.opCode(OpCode.WELCOME_RESPONSE);
            sendQueue.returned(welcomeLength);
            giveBack(unanswered.handOver(Slot.Owner.CHANNEL, Slot.Owner.QUEUE), reason);
        }
        sendQueue.close();
        if (taken != null) {
            sendQueue.returned(taken.frameLength());
            giveBack(taken, reason);
        }
        for (Slot slot = sendQueue.takeUnread(); slot != null; slot = sendQueue.takeUnread()) {
            sendQueue.returned(slot.frameLength());
            giveBack(slot, reason);
        }
        outlet.signal(Status.CHANNEL_CLOSED, welcomeId, onClosedTaken);
    }

    private void giveBack(Slot slot, Status reason) {
        slot.markEngine(reason);
        outlet.deliver(slot);
    }

    private void enter(State next) {
        assert state.mayEnter(next) : state + " -> " + next;
        state = next;
        seenState = next;
    }
}
