package tofu.engine.channel;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import tofu.api.OpCode;
import tofu.api.Statistics.DeadlineName;
import tofu.api.Status;
import tofu.pool.FrameRange;
import tofu.pool.HeaderLayout;
import tofu.pool.LogChunk;
import tofu.pool.Slot;
import tofu.pool.SlotSource;

/// A channel between two peers: what may be sent and received on it, and how it ends.
///
/// The loop reads into [#readTarget(ByteBuffer, int)] and writes what
/// [#writeSources(ByteBuffer\[\])]
/// has, tells what became of it by the `on…` methods, and after each of them looks at [#state()]
/// and [#wantsShutdown()]: a closed stream's socket is to be closed, or reset if it [#isAbrupt()].
///
/// [State] says where it is in its life, [Ending] how that comes to its end, and [Exit] what the
/// two sides see of it.
///
/// Long, for it is the whole life of a channel: who sends, who receives and who waits decides at
/// every step how it ends, and that is to be read in one place.
///
/// Thread: the loop, except what [Channel] says. Owns what is in its reader and outflow.
public final class Stream implements Channel {
    /// What a peer may still send, in bytes, when the group closes, and once more when all of ours
    /// is sent: enough for what may be under way from a peer that has not heard of it. All of it is
    /// thrown away, so a peer that goes on must learn that nobody listens.
    static final int MOST_DRAINED = 16 << 20;

    /// How often to look whether there is memory for whoever was refused for want of it.
    private static final long LOOK_NANOS = 50_000_000;

    /// Nobody needs to know that a notice was taken.
    private static final SlotSource NOBODY = frameLength -> {};

    private final int number;
    private final boolean client;
    private final Limits limits;
    private final ReadMemory memory;
    private final Outlet outlet;
    private final SlotSource onClosedTaken;
    private final SendQueue sendQueue;
    private final ReceiveWindow window;
    private final Backlog backlog;
    private final FrameReader reader;
    private final Outflow outflow;

    private State state;

    /// The same, for those who look from other threads.
    private volatile State seenState;

    private volatile @Nullable Status endReason;
    private long firstId;

    /// The hello has come that the peer owes: a server's HelloRequest, a client's HelloResponse.
    private boolean greeted;

    private Ending ending = Ending.NOT_BEGUN;

    /// How much may still be drained, in bytes.
    private int drainLeft = MOST_DRAINED;

    /// Writing has failed with this; what the peer has sent before is still read.
    private @Nullable Status sendFailure;

    /// Of a deadline that has ended it.
    private @Nullable DeadlineName deadlineHit;

    /// What the peer sent last was no message.
    private boolean frameRejected;

    /// The two ends have not agreed yet on how to speak.
    private boolean securing;

    /// A notice of room that the application has not taken yet: one at a time.
    private volatile boolean roomNoticeOut;

    /// A notice of idleness that the application has not taken yet: likewise.
    private volatile boolean idleNoticeOut;

    /// The window stopped us from reading, until the next [#onPost(long)]. The window itself opens
    /// as soon as the application takes enough, or goes on, when we have not read yet what the peer
    /// sent in time.
    private boolean readingHeld;

    /// Nothing can be read now for want of memory. Asked for anew, the window might say so: other
    /// threads open it.
    private boolean lacksMemory;

    private long stateDeadline = Deadline.NONE;
    private long frameDeadline = Deadline.NONE;

    /// What is left of the peer's time for a frame, while there is no memory to read on into; else
    /// 0.
    private long frameNanosLeft;

    /// While the peer takes nothing.
    private long sendDeadline = Deadline.NONE;

    /// When to look for memory to send with, while somebody wants some.
    private long lookDeadline = Deadline.NONE;

    private Stream(
            int number,
            boolean client,
            Limits limits,
            LoopMemory memory,
            Outlet outlet,
            SlotSource onClosedTaken) {
        this.number = number;
        this.client = client;
        this.limits = limits;
        this.memory = memory.incoming();
        this.outlet = outlet;
        this.onClosedTaken = onClosedTaken;
        this.sendQueue =
                new SendQueue(
                        limits.sendQueueMessages(),
                        limits.sendQueueBytes(),
                        memory.outgoing(),
                        outlet,
                        !client);
        this.outflow = new Outflow(sendQueue);
        this.window = new ReceiveWindow(limits.windowMessages(), limits.windowBytes(), outlet);
        this.backlog = outlet.backlog();
        this.reader = new FrameReader(memory.incoming(), number, backlog, new Sink());
        this.state = client ? State.CONNECTING : State.OPEN;
        this.seenState = state;
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
        stream.stateDeadline = Deadline.after(nowNanos, limits.handshakeNanos());
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

    @Override
    public State state() {
        return state;
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
        return seenState;
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
        return Deadline.earlier(
                Deadline.earlier(stateDeadline, frameDeadline),
                Deadline.earlier(sendDeadline, lookDeadline));
    }

    /// Whether the peer has said its hello.
    ///
    /// @return true once the HelloRequest or HelloResponse has come
    public boolean isGreeted() {
        return greeted;
    }

    /// Whether a closed stream's peer is to see a broken connection rather than the end of the
    /// stream.
    ///
    /// @return true for a reset
    public boolean isAbrupt() {
        return ending == Ending.RESET;
    }

    /// The HelloRequest of a client's stream that is not connected.
    ///
    /// @return the slot, which stays the stream's, or `null`
    public @Nullable Slot hello() {
        return state == State.CONNECTING ? outflow.hello() : null;
    }

    // ---- what the application wants

    @Override
    public void onPost(long nowNanos) {
        if (state == State.CLOSED) {
            return;
        }
        sendQueue.look();
        if (state == State.CONNECTING && outflow.hello() == null) {
            Slot hello = sendQueue.takeOpening();
            if (hello == null) {
                return;
            }
            firstId = hello.id();
            stateDeadline = Deadline.after(nowNanos, limits.connectNanos());
            outflow.begin(hello);
        }
        Slot signal = sendQueue.takeSignal();
        if (signal != null) {
            giveBack(signal, Status.CHANNEL_CLOSED);
            end(Status.CHANNEL_CLOSED, Exit.RESET);
            return;
        }
        OpCode bye = sendQueue.bye();
        if (bye != null && ending.weMayTalk()) {
            ending = ending.onOurBye(bye);
            if (state != State.CONNECTING) {
                afterOurBye(nowNanos);
            }
        }
        if (window.isPaused()) {
            holdReading();
        } else if (readingHeld && wantsRead()) {
            onReadingHeld(nowNanos);
            readingHeld = false;
        }
        if (frameDeadline == Deadline.NONE
                && frameNanosLeft == 0
                && reader.isPartial()
                && wantsRead()
                && !ending.isDraining()) {
            // Reading was held back, and goes on: it is the peer's turn again.
            frameDeadline = Deadline.after(nowNanos, limits.frameNanos());
        }
        giveBackCutOff();
        lookForMemory(nowNanos, false);
    }

    /// @param due whether to look; else whoever was refused just now would be told at once, and
    ///     try at once, and be refused again if what is free is not to be had
    private void lookForMemory(long nowNanos, boolean due) {
        if (sendQueue.awaitsMemory(due)) {
            if (due || lookDeadline == Deadline.NONE) {
                lookDeadline = Deadline.after(nowNanos, LOOK_NANOS);
            }
        } else {
            lookDeadline = Deadline.NONE;
            tellOfRoom(nowNanos);
        }
    }

    private void forgetFrame() {
        frameDeadline = Deadline.NONE;
        frameNanosLeft = 0;
        reader.close();
    }

    private void afterOurBye(long nowNanos) {
        if (state == State.OPEN && ending == Ending.WE_ASKED) {
            enter(State.BYE_SENT);
            stateDeadline = Deadline.after(nowNanos, limits.byeNanos());
        } else {
            startClosing(nowNanos);
        }
    }

    @Override
    public void onGroupClosed(long nowNanos) {
        if (state != State.CLOSED) {
            sendQueue.refuse();
        }
        onPost(nowNanos);
        if (state == State.CLOSED) {
            return;
        }
        if (state == State.CONNECTING || (!client && !greeted)) {
            end(Status.SHUTDOWN_STARTED, Exit.CLOSE);
            return;
        }
        ending = ending.onGroupClosed();
        forgetFrame();
        startClosing(nowNanos);
    }

    @Override
    public void abandon() {
        sendQueue.abandon();
        reader.close();
        Slot hello = outflow.takeHello();
        if (hello != null) {
            hello.discard();
        }
    }

    // ---- what the connection does

    /// The connection stands.
    ///
    /// @param nowNanos the time
    public void onConnected(long nowNanos) {
        enter(State.OPEN);
        stateDeadline = Deadline.NONE;
        if (!ending.weMayTalk()) {
            afterOurBye(nowNanos);
        }
    }

    /// The two ends are still agreeing on how to speak: a client's time for that begins; a
    /// server's has begun.
    ///
    /// @param nowNanos the time
    public void onSecuring(long nowNanos) {
        securing = true;
        if (client && state == State.OPEN) {
            stateDeadline = Deadline.after(nowNanos, limits.handshakeNanos());
        }
    }

    /// They have agreed.
    public void onSecured() {
        securing = false;
        if (client && state == State.OPEN) {
            stateDeadline = Deadline.NONE;
        }
    }

    /// What kept the bytes from being read by others has failed, or was not kept to.
    ///
    /// @param reason why
    /// @param cause the same in words
    public void onSecurityFailure(Status reason, String cause) {
        if (state != State.CLOSED) {
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

    /// Whether bytes may be read now.
    ///
    /// @return false while connecting, while the application is behind, when enough was thrown
    ///     away, and at the end
    public boolean wantsRead() {
        return state != State.CONNECTING
                && state != State.CLOSED
                && (ending.peerMayTalk()
                        ? !window.isHeld()
                        : !ending.isDraining() || drainLeft > 0);
    }

    /// Where to read to next.
    ///
    /// @param scratch where to read to what nobody will look at
    /// @param most how much to read at most, in bytes; more to end a frame that has begun
    /// @return a buffer with room, in use until the next call; `null` when nothing may be read now,
    ///     or when it [#lacksMemory()]
    public @Nullable ByteBuffer readTarget(ByteBuffer scratch, int most) {
        lacksMemory = false;
        if (!wantsRead()) {
            return null;
        }
        if (ending.isDraining()) {
            return scratch.clear().limit(Math.min(Math.min(drainLeft, most), scratch.capacity()));
        }
        if (ending.peerMayTalk() && window.isNearlyFull() && window.hold()) {
            holdReading();
            return null;
        }
        ByteBuffer target = target(most);
        lacksMemory = target == null;
        return target;
    }

    /// Whether [#readTarget(ByteBuffer, int)] has found no memory, who asked for it to be told when
    /// some comes back.
    ///
    /// @return false if something else kept it from reading, such as the window, which may be open
    ///     by now
    public boolean lacksMemory() {
        return lacksMemory;
    }

    private @Nullable ByteBuffer target(int most) {
        if (!ending.peerMayTalk()) {
            return reader.target(most); // whatever comes now is refused by its header
        }
        if (!memory.allows(backlog.bytes())) {
            // What is delivered in the reserve must not stay with a group that does not take.
            return reader.ownTarget(memory.allows(backlog.untakenBytes()));
        }
        // As many bytes as cannot become too many messages, and no more than are left of the
        // window, but a frame that has begun may always be completed.
        int missing = reader.missing();
        int others = window.messagesLeft() - (reader.isPartial() ? 1 : 0);
        long byMessages = missing + (long) HeaderLayout.LENGTH * others;
        long byBytes = window.bytesLeft() - (long) reader.partialBytes();
        long limit = Math.min(most, Math.min(byMessages, byBytes));
        return reader.target((int) Math.max(missing, limit));
    }

    private void holdReading() {
        readingHeld = true;
        frameDeadline = Deadline.NONE; // it is our turn now, not the peer's
    }

    /// Bytes were read to where [#readTarget(ByteBuffer, int)] said.
    ///
    /// @param bytes how many, 1 or more
    /// @param nowNanos the time
    public void onRead(int bytes, long nowNanos) {
        if (state == State.BYE_SENT) {
            stateDeadline = Deadline.after(nowNanos, limits.byeNanos());
        }
        if (ending.isDraining()) {
            drainLeft -= bytes;
            closeIfDrained();
            return;
        }
        long framesBefore = reader.framesRead();
        if (reader.read(bytes)) {
            if (!reader.isPartial()) {
                frameDeadline = Deadline.NONE;
            } else if (reader.framesRead() != framesBefore || frameDeadline == Deadline.NONE) {
                frameDeadline = Deadline.after(nowNanos, limits.frameNanos());
            }
        } else {
            closeIfDone(); // a bye before it may have closed the channel, had it come alone
            if (state != State.CLOSED) {
                frameRejected = true;
                end(reader.refusal(), Exit.CLOSE_WITH_NOTICE);
            }
        }
        if (state == State.CLOSING && stateDeadline == Deadline.NONE) {
            startClosing(nowNanos);
        }
        closeIfDone();
    }

    /// The peer has ended its direction.
    public void onPeerClosed() {
        if (state == State.CLOSED) {
            return;
        }
        if (sendFailure != null) {
            end(sendFailure, Exit.CLOSE);
        } else {
            boolean expected = state == State.CLOSING;
            end(expected ? Status.CHANNEL_CLOSED : Status.PEER_DISCONNECTED, Exit.CLOSE);
        }
    }

    /// Reading has failed.
    ///
    /// @param reason why
    public void onReceiveFailure(Status reason) {
        if (state != State.CLOSED) {
            end(sendFailure == null ? reason : sendFailure, Exit.RESET);
        }
    }

    /// What to write next.
    ///
    /// @param into where the bytes go, valid until the next call
    /// @return how many buffers there are, 0 when there is nothing to write
    public int writeSources(ByteBuffer[] into) {
        boolean mute = state == State.CONNECTING || state == State.CLOSED || sendFailure != null;
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
        sendDeadline = Deadline.NONE; // begins anew if there is more that is not taken
        if (!ending.weMayTalk() && outflow.isSent()) {
            giveBackCutOff();
            drainLeft = MOST_DRAINED; // if we drain: the peer is about to hear that this was all
        }
        if (state == State.BYE_SENT) {
            stateDeadline = Deadline.after(nowNanos, limits.byeNanos());
        } else if (state == State.CLOSING && !ending.isDraining()) {
            stateDeadline = Deadline.after(nowNanos, limits.closeNanos());
        }
        tellOfRoom(nowNanos);
    }

    /// The system takes no more bytes now, most likely as the peer takes none.
    ///
    /// @param nowNanos the time
    public void onSendBlocked(long nowNanos) {
        if (sendDeadline == Deadline.NONE && limits.sendNanos() > 0 && !securing) {
            sendDeadline = Deadline.after(nowNanos, limits.sendNanos());
        }
    }

    private void tellOfRoom(long nowNanos) {
        sendQueue.endStallIfLow(nowNanos);
        if (state != State.CLOSED && sendQueue.roomMade() && !roomNoticeOut) {
            roomNoticeOut = true;
            outlet.signal(Status.SEND_QUEUE_READY, firstId, frameLength -> roomNoticeOut = false);
        }
    }

    /// Nothing has come for as long as the application wants to know of.
    public void onIdle() {
        if (state == State.OPEN && !idleNoticeOut) {
            idleNoticeOut = true;
            outlet.signal(Status.CHANNEL_IDLE, firstId, frameLength -> idleNoticeOut = false);
        }
    }

    /// Writing has failed. What the peer has sent before is still read, until its end or a
    /// deadline.
    ///
    /// @param reason why
    /// @param nowNanos the time
    public void onSendFailure(Status reason, long nowNanos) {
        if (state == State.CLOSED || sendFailure != null) {
            return;
        }
        sendFailure = reason;
        sendQueue.refuse();
        if (state != State.CLOSING) {
            startClosing(nowNanos);
        }
        closeIfDrained();
    }

    /// Whether our direction is to be ended now.
    ///
    /// @return true once, when a group closes or byes have crossed, and all is sent; never after a
    ///     ByeResponse, which the peer may not have read yet
    public boolean wantsShutdown() {
        if (ending.owesOurEnd() && outflow.isSent()) {
            ending = ending.onOurEnd();
            return true;
        }
        return false;
    }

    /// There is no memory to read into. The time that the peer has for a frame stands still: it
    /// does not begin anew, or a frame that comes in crumbs would have no end.
    ///
    /// @param nowNanos the time
    public void onMemoryAwaited(long nowNanos) {
        if (frameDeadline != Deadline.NONE) {
            frameNanosLeft = Math.max(frameDeadline - nowNanos, 1);
            frameDeadline = Deadline.NONE;
        }
    }

    /// There may be some again.
    ///
    /// @param nowNanos the time
    public void onMemoryCome(long nowNanos) {
        onMemoryLacking(nowNanos);
        if (frameNanosLeft > 0) {
            frameDeadline = Deadline.after(nowNanos, frameNanosLeft);
            frameNanosLeft = 0;
        }
    }

    /// There still is no memory to read into, or only just now: what the peer owes may have come,
    /// even its end, for which nothing has to be read but we do not know.
    ///
    /// @param nowNanos the time
    public void onMemoryLacking(long nowNanos) {
        onReadingHeld(nowNanos);
        boolean endAwaited = state == State.CLOSING && !ending.isDraining() && sendFailure == null;
        if (endAwaited && outflow.isSent()) {
            stateDeadline = Deadline.after(nowNanos, limits.closeNanos());
        }
    }

    /// How long we have waited for the rest of a frame.
    ///
    /// @param nowNanos the time
    /// @return nanoseconds, not more than 0 if none has begun, or it is not the peer's turn
    public long frameAgeNanos(long nowNanos) {
        return frameDeadline == Deadline.NONE
                ? 0
                : limits.frameNanos() - (frameDeadline - nowNanos);
    }

    /// Whether a frame has begun, and not ended.
    ///
    /// @return true if so
    public boolean hasBegunFrame() {
        return reader.isPartial();
    }

    /// Ends the stream because others want the memory of its frame.
    public void onFrameEvicted() {
        if (state != State.CLOSED) {
            deadlineHit = DeadlineName.FRAME;
            String cause = "memory was short, and others wanted that of a frame that had begun";
            end(Status.FRAME_TIMEOUT, Exit.RESET_WITH_NOTICE, cause);
        }
    }

    /// We do not read now, so what the peer owes may have come: its deadlines begin anew, but for
    /// that of a frame, which stands still or has none meanwhile, and that of its end, which is
    /// read whatever the window.
    ///
    /// @param nowNanos the time
    public void onReadingHeld(long nowNanos) {
        if (state == State.BYE_SENT) {
            stateDeadline = Deadline.after(nowNanos, limits.byeNanos());
        } else if (state == State.OPEN && stateDeadline != Deadline.NONE) {
            stateDeadline = Deadline.after(nowNanos, limits.handshakeNanos());
        }
    }

    @Override
    public void onTick(long nowNanos) {
        if (state == State.CLOSED) {
            return;
        }
        if (window.isPaused()) {
            holdReading();
        }
        if (readingHeld) {
            onReadingHeld(nowNanos);
        }
        if (Deadline.isDue(lookDeadline, nowNanos)) {
            lookForMemory(nowNanos, true);
        }
        endIfDue(nowNanos);
    }

    private void endIfDue(long nowNanos) {
        if (Deadline.isDue(stateDeadline, nowNanos)) {
            deadlineHit = nameOf(state);
            switch (state) {
                case CONNECTING -> end(Status.CONNECT_TIMEOUT, Exit.RESET);
                case OPEN ->
                        end(
                                Status.HANDSHAKE_TIMEOUT,
                                Exit.RESET_WITH_NOTICE,
                                securing ? "the handshake of TLS was not completed in time" : null);
                case BYE_SENT, CLOSING ->
                        end(
                                sendFailure == null ? Status.CLOSE_TIMEOUT : sendFailure,
                                Exit.RESET_WITH_NOTICE);
                case OPENING, LISTENING, BYE_RECEIVED, CLOSED -> {} // thrown above
            }
        } else if (Deadline.isDue(frameDeadline, nowNanos)) {
            deadlineHit = DeadlineName.FRAME;
            end(Status.FRAME_TIMEOUT, Exit.RESET_WITH_NOTICE);
        } else if (Deadline.isDue(sendDeadline, nowNanos)) {
            deadlineHit = DeadlineName.SEND;
            end(Status.SEND_TIMEOUT, Exit.RESET_WITH_NOTICE);
        }
    }

    private static DeadlineName nameOf(State state) {
        return switch (state) {
            case CONNECTING -> DeadlineName.CONNECT;
            case OPEN -> DeadlineName.HANDSHAKE;
            case BYE_SENT -> DeadlineName.BYE;
            case CLOSING -> DeadlineName.CLOSE;
            case OPENING, LISTENING, BYE_RECEIVED, CLOSED ->
                    throw new IllegalStateException("no deadline in " + state);
        };
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

    /// Whether it is not read as its application is behind, or wants no more.
    ///
    /// @return true until the application has taken enough
    public boolean isReadingHeld() {
        return readingHeld && ending.peerMayTalk();
    }

    /// Ends the stream because an engine of many must make room, or has no memory for it.
    ///
    /// @param reason why
    public void onEvicted(Status reason) {
        if (state != State.CLOSED) {
            end(reason, Exit.RESET_WITH_NOTICE);
        }
    }

    // ---- how it ends

    private void startClosing(long nowNanos) {
        if (state != State.CLOSING) {
            enter(State.CLOSING);
        }
        stateDeadline = Deadline.after(nowNanos, limits.closeNanos());
    }

    private void closeIfDone() {
        if (ending == Ending.PEER_ANSWERED) {
            end(Status.CHANNEL_CLOSED, Exit.CLOSE);
        }
    }

    /// Breaks with a peer that goes on and on, unless it may still have something to read.
    private void closeIfDrained() {
        if (ending.isDraining() && drainLeft == 0 && (outflow.isSent() || sendFailure != null)) {
            end(sendFailure == null ? Status.SHUTDOWN_STARTED : sendFailure, Exit.RESET);
        }
    }

    private void end(Status reason, Exit exit) {
        end(reason, exit, null);
    }

    private void end(Status reason, Exit exit, @Nullable String cause) {
        endReason = reason;
        enter(State.CLOSED);
        ending = exit.isReset() ? Ending.RESET : Ending.CLOSED;
        stateDeadline = Deadline.NONE;
        sendDeadline = Deadline.NONE;
        lookDeadline = Deadline.NONE;
        forgetFrame();
        sendQueue.close();
        Slot hello = outflow.takeHello();
        if (hello != null) {
            giveBack(hello, reason);
        }
        for (Slot slot = sendQueue.takeUnread(); slot != null; slot = sendQueue.takeUnread()) {
            giveBack(slot, reason);
        }
        for (FrameRange rest = sendQueue.takeRest(reason);
                rest != null;
                rest = sendQueue.takeRest(reason)) {
            outlet.deliver(rest);
        }
        if (exit.hasNotice()) {
            outlet.explain(reason, cause, firstId, NOBODY);
        }
        outlet.signal(Status.CHANNEL_CLOSED, firstId, onClosedTaken);
    }

    /// Gives back what is behind a bye that was out of band, so never to be sent, once all before
    /// it is sent.
    private void giveBackCutOff() {
        FrameRange rest =
                ending.weMayTalk() || outflow.hello() != null
                        ? null
                        : sendQueue.takeCutOff(Status.CHANNEL_CLOSED);
        if (rest != null) {
            outlet.deliver(rest);
        }
    }

    private void giveBack(Slot slot, Status reason) {
        sendQueue.returned(slot.frameLength());
        slot.markEngine(reason);
        outlet.deliver(slot);
    }

    private void enter(State next) {
        assert state.mayEnter(next) : state + " -> " + next;
        state = next;
        seenState = next;
    }

    /// What the peer says.
    private final class Sink implements FrameSink {
        @Override
        public Status onHeader(long first, long second) {
            Status status = MessageRules.checkReceived(first, second);
            if (status != Status.SUCCESS) {
                return status;
            }
            int opCode = HeaderLayout.opCode(first);
            boolean helloRequest = opCode == OpCode.HELLO_REQUEST.code();
            boolean helloResponse = opCode == OpCode.HELLO_RESPONSE.code();
            boolean helloDue = !client && !greeted;
            boolean outOfTurn =
                    helloRequest != helloDue
                            || (helloResponse && (!client || greeted))
                            || !ending.peerMayTalk();
            return outOfTurn ? Status.INVALID_MESSAGE : Status.SUCCESS;
        }

        @Override
        public void onWhole(OpCode opCode, long id) {
            if (opCode == OpCode.HELLO_REQUEST) {
                greeted = true;
                firstId = id;
                stateDeadline = state == State.OPEN ? Deadline.NONE : stateDeadline;
            } else if (opCode == OpCode.HELLO_RESPONSE) {
                greeted = true;
            } else {
                hearBye(opCode);
            }
        }

        @Override
        public void onFrames(LogChunk chunk, int frames) {
            window.delivered(frames, chunk.filled());
            outlet.arrive(chunk, window);
        }

        private void hearBye(OpCode bye) {
            ending = ending.onPeersBye(bye);
            if (state == State.CLOSING) {
                return; // we have said our response, or writing has failed
            }
            if (ending == Ending.PEER_ASKED) {
                enter(State.BYE_RECEIVED);
            } else {
                enter(State.CLOSING);
                stateDeadline = Deadline.NONE; // begins anew, see after
            }
        }
    }
}
