package tofu.engine.channel;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import tofu.api.OpCode;
import tofu.api.Statistics.DeadlineName;
import tofu.api.Status;
import tofu.pool.Slot;
import tofu.pool.SlotSource;

/// A channel between two peers: what may be sent and received on it, and how it ends.
///
/// The loop reads into what [#inflow()] says and writes what [#writeSources(ByteBuffer\[\])] has,
/// tells what became of it by the `on…` methods, and after each of them looks at [#state()] and
/// [#wantsShutdown()]: a closed stream's socket is to be closed, or reset if it [#isAbrupt()].
///
/// [Life] says where it is and who may talk, [Deadlines] what it waits for; [Inflow] is what is
/// read, [Outflow] what is sent or comes back, [RoomWatch] who hears of room. Here is what befalls
/// it, what that means for those, and how it ends: [Exit] is what the two sides see of it.
///
/// Somewhat long, since each thing that an application, a peer, a socket or the time can do to a
/// channel is a method here, and any of them may end it.
///
/// Thread: the loop, except what [Channel] says.
public final class Stream implements Channel {
    /// Nobody needs to know that a notice was taken.
    private static final SlotSource NOBODY = frameLength -> {};

    private final int number;
    private final Outlet outlet;
    private final SlotSource onClosedTaken;
    private final SendQueue sendQueue;
    private final ReceiveWindow window;
    private final Deadlines deadlines;
    private final Life life;
    private final Outflow outflow;
    private final Inflow inflow;
    private final RoomWatch room;
    private final SoleNotice idleNotice;

    private volatile @Nullable Status endReason;

    /// Of a deadline that has ended it.
    private @Nullable DeadlineName deadlineHit;

    /// What the peer sent last was no message.
    private boolean frameRejected;

    /// The two ends have not agreed yet on how to speak.
    private boolean securing;

    private Stream(
            int number,
            boolean client,
            Limits limits,
            LoopMemory memory,
            Outlet outlet,
            SlotSource onClosedTaken) {
        this.number = number;
        this.outlet = outlet;
        this.onClosedTaken = onClosedTaken;
        this.sendQueue =
                new SendQueue(
                        limits.sendQueueMessages(),
                        limits.sendQueueBytes(),
                        memory.outgoing(),
                        outlet,
                        !client);
        this.window = new ReceiveWindow(limits.windowMessages(), limits.windowBytes(), outlet);
        this.deadlines = new Deadlines(limits);
        this.life = new Life(client, deadlines);
        this.outflow = new Outflow(sendQueue, outlet);
        this.inflow =
                new Inflow(number, memory.incoming(), outlet, window, life, deadlines, outflow);
        this.room = new RoomWatch(sendQueue, outlet, life);
        this.idleNotice = new SoleNotice(outlet, Status.CHANNEL_IDLE);
    }

    /// Makes a client's stream, which waits for its HelloRequest in the send queue.
    ///
    /// @param number its channel number
    /// @param limits bounds and deadlines
    /// @param memory of its loop
    /// @param outlet where its output goes
    /// @param onClosedTaken told when the application has taken the last notice
    /// @return the stream
    public static Stream connecting(
            int number, Limits limits, LoopMemory memory, Outlet outlet, SlotSource onClosedTaken) {
        return new Stream(number, true, limits, memory, outlet, onClosedTaken);
    }

    /// Makes a server's stream, which waits for the peer's HelloRequest.
    ///
    /// @param number its channel number
    /// @param limits bounds and deadlines
    /// @param memory of its loop
    /// @param outlet where its output goes
    /// @param onClosedTaken told when the application has taken the last notice
    /// @param nowNanos the time
    /// @return the stream
    public static Stream accepted(
            int number,
            Limits limits,
            LoopMemory memory,
            Outlet outlet,
            SlotSource onClosedTaken,
            long nowNanos) {
        Stream stream = new Stream(number, false, limits, memory, outlet, onClosedTaken);
        stream.life.onAccepted(nowNanos);
        return stream;
    }

    @Override
    public int number() {
        return number;
    }

    @Override
    public SendQueue sendQueue() {
        return sendQueue;
    }

    /// The side that is read.
    ///
    /// @return the stream's for life
    public Inflow inflow() {
        return inflow;
    }

    @Override
    public State state() {
        return life.state();
    }

    @Override
    public void pause(boolean paused) {
        window.pause(paused);
    }

    @Override
    public boolean isPaused() {
        return window.isPaused();
    }

    @Override
    public int untaken() {
        return window.untaken();
    }

    @Override
    public void addTo(Tally sum, long nowNanos) {
        sendQueue.addTo(sum, nowNanos);
        window.addTo(sum);
    }

    @Override
    public State seenState() {
        return life.seenState();
    }

    @Override
    public @Nullable Status endReason() {
        return endReason;
    }

    @Override
    public boolean takes(OpCode opCode) {
        return true;
    }

    @Override
    public long deadlineNanos() {
        return Deadline.earlier(deadlines.earliest(), room.deadlineNanos());
    }

    /// Whether the peer has said its hello.
    ///
    /// @return true once the HelloRequest or HelloResponse has come
    public boolean isGreeted() {
        return life.isGreeted();
    }

    /// Whether a closed stream's peer is to see a broken connection rather than the end of the
    /// stream.
    ///
    /// @return true for a reset
    public boolean isAbrupt() {
        return life.ending() == Ending.RESET;
    }

    /// The HelloRequest of a client's stream that is not connected.
    ///
    /// @return the slot, which stays the stream's, or `null`
    public @Nullable Slot hello() {
        return life.state() == State.CONNECTING ? outflow.hello() : null;
    }

    // ---- what the application wants

    @Override
    public void onPost(long nowNanos) {
        if (isClosed()) {
            return;
        }
        sendQueue.look();
        if (life.state() == State.CONNECTING && outflow.hello() == null) {
            Slot hello = sendQueue.takeOpening();
            if (hello == null) {
                return;
            }
            life.onOurHello(hello.id(), nowNanos);
            outflow.begin(hello);
        }
        Slot signal = sendQueue.takeSignal();
        if (signal != null) {
            outflow.giveBack(signal, Status.CHANNEL_CLOSED);
            end(Status.CHANNEL_CLOSED, Exit.RESET);
            return;
        }
        OpCode bye = sendQueue.bye();
        if (bye != null && life.ending().weMayTalk()) {
            life.onOurBye(bye, nowNanos);
        }
        inflow.onPost(nowNanos);
        giveBackCutOff();
        room.onPost(nowNanos);
    }

    /// Our bye may have been out of band: what is in order behind it is never sent.
    private void giveBackCutOff() {
        if (!life.ending().weMayTalk()) {
            outflow.giveBackCutOff();
        }
    }

    @Override
    public void onGroupClosed(long nowNanos) {
        if (!isClosed()) {
            sendQueue.refuse();
        }
        onPost(nowNanos);
        if (isClosed()) {
            return;
        }
        if (life.state() == State.CONNECTING || life.isStranger()) {
            end(Status.SHUTDOWN_STARTED, Exit.CLOSE);
            return;
        }
        inflow.forgetFrame();
        life.onGroupClosed(nowNanos);
    }

    @Override
    public void abandon() {
        outflow.abandon();
        inflow.forgetFrame();
    }

    // ---- what the connection does

    /// The connection stands.
    ///
    /// @param nowNanos the time
    public void onConnected(long nowNanos) {
        life.onConnected(nowNanos);
    }

    /// The two ends are still agreeing on how to speak: a client's time for that begins; a
    /// server's has begun.
    ///
    /// @param nowNanos the time
    public void onSecuring(long nowNanos) {
        securing = true;
        life.onSecuring(nowNanos);
    }

    /// They have agreed.
    public void onSecured() {
        securing = false;
        life.onSecured();
    }

    /// What kept the bytes from being read by others has failed, or was not kept to.
    ///
    /// @param reason why
    /// @param cause the same in words
    public void onSecurityFailure(Status reason, String cause) {
        if (!isClosed()) {
            end(reason, Exit.RESET_WITH_NOTICE, cause);
        }
    }

    /// The connection could not be made; the HelloRequest comes back with the reason.
    ///
    /// @param reason why
    /// @param asResponse whether it comes back as the HelloResponse: for what is wrong with the
    ///     request itself
    public void onConnectFailed(Status reason, boolean asResponse) {
        Slot hello = hello();
        if (asResponse && hello != null) {
            hello.opCode(OpCode.HELLO_RESPONSE);
        }
        end(reason, Exit.RESET);
    }

    /// Bytes were read to where [Inflow#target(ByteBuffer, int)] said.
    ///
    /// @param bytes how many, 1 or more
    /// @param nowNanos the time
    public void onRead(int bytes, long nowNanos) {
        deadlines.awaitAnew(DeadlineName.BYE, nowNanos);
        if (life.ending().isDraining()) {
            inflow.drain(bytes);
            closeIfDrained();
            return;
        }
        Status status = inflow.read(bytes, nowNanos);
        life.onHeard(nowNanos);
        closeIfDone(); // a bye before what is refused may close the channel, as if it came alone
        if (status != Status.SUCCESS && !isClosed()) {
            frameRejected = true;
            end(status, Exit.CLOSE_WITH_NOTICE);
        }
    }

    /// The peer has ended its direction.
    public void onPeerClosed() {
        if (!isClosed()) {
            boolean expected = life.state() == State.CLOSING;
            Status reason = expected ? Status.CHANNEL_CLOSED : Status.PEER_DISCONNECTED;
            end(outflow.reasonOr(reason), Exit.CLOSE);
        }
    }

    /// Reading has failed.
    ///
    /// @param reason why
    public void onReceiveFailure(Status reason) {
        if (!isClosed()) {
            end(outflow.reasonOr(reason), Exit.RESET);
        }
    }

    /// What to write next.
    ///
    /// @param into where the bytes go, valid until the next call
    /// @return how many buffers there are, 0 when there is nothing to write
    public int writeSources(ByteBuffer[] into) {
        boolean mute = life.state() == State.CONNECTING || isClosed();
        return mute ? 0 : outflow.sources(into);
    }

    /// Bytes were written.
    ///
    /// @param bytes how many, 0 or more
    /// @param nowNanos the time
    public void onSent(int bytes, long nowNanos) {
        if (bytes == 0) {
            return;
        }
        outflow.sent(bytes);
        deadlines.onSent(); // begins anew if there is more that is not taken
        Ending ending = life.ending();
        if (!ending.weMayTalk() && outflow.isSent()) {
            outflow.giveBackCutOff();
            inflow.drainAnew();
        }
        deadlines.awaitAnew(DeadlineName.BYE, nowNanos);
        if (!ending.isDraining()) {
            deadlines.awaitAnew(DeadlineName.CLOSE, nowNanos);
        }
        room.tell(nowNanos);
    }

    /// The system takes no more bytes now, most likely as the peer takes none.
    ///
    /// @param nowNanos the time
    public void onSendBlocked(long nowNanos) {
        if (!securing) {
            deadlines.onSendBlocked(nowNanos);
        }
    }

    /// Nothing has come for as long as the application wants to know of.
    public void onIdle() {
        if (life.state() == State.OPEN) {
            idleNotice.tell(life.firstId());
        }
    }

    /// Writing has failed. What the peer has sent before is still read, until its end or a
    /// deadline.
    ///
    /// @param reason why
    /// @param nowNanos the time
    public void onSendFailure(Status reason, long nowNanos) {
        if (isClosed() || outflow.hasFailed()) {
            return;
        }
        outflow.fail(reason);
        if (life.state() != State.CLOSING) {
            life.startClosing(nowNanos);
        }
        closeIfDrained();
    }

    /// Whether our direction is to be ended now.
    ///
    /// @return true once, when a group closes or byes have crossed, and all is sent; never after a
    ///     ByeResponse, which the peer may not have read yet
    public boolean wantsShutdown() {
        boolean due = life.ending().owesOurEnd() && outflow.isSent();
        if (due) {
            life.onOurEnd();
        }
        return due;
    }

    /// Ends the stream because others want the memory of its frame.
    public void onFrameEvicted() {
        if (!isClosed()) {
            deadlineHit = DeadlineName.FRAME;
            String cause = "memory was short, and others wanted that of a frame that had begun";
            end(Status.FRAME_TIMEOUT, Exit.RESET_WITH_NOTICE, cause);
        }
    }

    @Override
    public void onTick(long nowNanos) {
        if (isClosed()) {
            return;
        }
        inflow.onTick(nowNanos);
        room.onTick(nowNanos);
        DeadlineName due = deadlines.due(nowNanos);
        if (due != null) {
            deadlineHit = due;
            endLate(due);
        }
    }

    private void endLate(DeadlineName due) {
        switch (due) {
            case CONNECT -> end(Status.CONNECT_TIMEOUT, Exit.RESET);
            case HANDSHAKE -> {
                String cause = securing ? "the handshake of TLS was not completed in time" : null;
                end(Status.HANDSHAKE_TIMEOUT, Exit.RESET_WITH_NOTICE, cause);
            }
            case FRAME -> end(Status.FRAME_TIMEOUT, Exit.RESET_WITH_NOTICE);
            case SEND -> end(Status.SEND_TIMEOUT, Exit.RESET_WITH_NOTICE);
            case BYE, CLOSE -> end(outflow.reasonOr(Status.CLOSE_TIMEOUT), Exit.RESET_WITH_NOTICE);
        }
    }

    /// The deadline that has ended it.
    ///
    /// @return its name, `null` if it was none
    public @Nullable DeadlineName deadlineHit() {
        return deadlineHit;
    }

    /// Whether it has ended as the peer has sent what was no message; the reason says what was
    /// wrong.
    ///
    /// @return true if so
    public boolean isFrameRejected() {
        return frameRejected;
    }

    /// Ends the stream because an engine of many must make room, or has no memory for it.
    ///
    /// @param reason why
    public void onEvicted(Status reason) {
        if (!isClosed()) {
            end(reason, Exit.RESET_WITH_NOTICE);
        }
    }

    // ---- how it ends

    private boolean isClosed() {
        return life.state() == State.CLOSED;
    }

    private void closeIfDone() {
        if (life.ending() == Ending.PEER_ANSWERED) {
            end(Status.CHANNEL_CLOSED, Exit.CLOSE);
        }
    }

    /// Breaks with a peer that goes on and on, unless it may still have something to read.
    private void closeIfDrained() {
        boolean enough = life.ending().isDraining() && inflow.isDrained();
        if (enough && (outflow.isSent() || outflow.hasFailed())) {
            end(outflow.reasonOr(Status.SHUTDOWN_STARTED), Exit.RESET);
        }
    }

    private void end(Status reason, Exit exit) {
        end(reason, exit, null);
    }

    private void end(Status reason, Exit exit, @Nullable String cause) {
        endReason = reason;
        life.end(exit);
        room.end();
        inflow.forgetFrame();
        outflow.close(reason);
        if (exit.hasNotice()) {
            outlet.explain(reason, cause, life.firstId(), NOBODY);
        }
        outlet.signal(Status.CHANNEL_CLOSED, life.firstId(), onClosedTaken);
    }
}
