package tofu.engine.channel;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import tofu.api.OpCode;
import tofu.api.Statistics.DeadlineName;
import tofu.api.Status;
import tofu.pool.HeaderLayout;
import tofu.pool.LogChunk;

/// What a stream receives: where the next bytes go, and what keeps them from being read.
///
/// That is the application, which is behind or has paused us; want of memory; or that so much was
/// thrown away after our end. No time of the peer's runs while its bytes wait for us: its deadlines
/// begin anew once we read again, but for that of a frame that waits for memory, see [Deadlines].
///
/// What comes of what was read is the [Stream]'s: it is to be told by [Stream#onRead(int, long)].
///
/// Thread: the loop. Owns what is in its reader.
public final class Inflow {
    /// What a peer may still send, in bytes, when the group closes, and once more when all of ours
    /// is sent: enough for what may be under way from a peer that has not heard of it. All of it is
    /// thrown away, so a peer that goes on must learn that nobody listens.
    static final int MOST_DRAINED = 16 << 20;

    private final ReadMemory memory;
    private final Outlet outlet;
    private final Backlog backlog;
    private final ReceiveWindow window;
    private final Life life;
    private final Deadlines deadlines;
    private final Outflow outflow;
    private final FrameReader reader;

    /// The window stopped us from reading, until the next [#onPost(long)]. The window itself opens
    /// as soon as the application takes enough, or goes on, when we have not read yet what the peer
    /// sent in time.
    private boolean held;

    /// Nothing can be read now for want of memory. Asked for anew, the window might say so: other
    /// threads open it.
    private boolean lacksMemory;

    /// How much may still be drained, in bytes.
    private int drainLeft = MOST_DRAINED;

    /// @param number written into each frame
    Inflow(
            int number,
            ReadMemory memory,
            Outlet outlet,
            ReceiveWindow window,
            Life life,
            Deadlines deadlines,
            Outflow outflow) {
        this.memory = memory;
        this.outlet = outlet;
        this.backlog = outlet.backlog();
        this.window = window;
        this.life = life;
        this.deadlines = deadlines;
        this.outflow = outflow;
        this.reader = new FrameReader(memory, number, backlog, new Sink());
    }

    // ---- whether to read

    /// Whether bytes may be read now, whatever memory there is.
    ///
    /// @return false while connecting, while the application is behind, when enough was thrown
    ///     away, and at the end
    public boolean isWanted() {
        State state = life.state();
        Ending ending = life.ending();
        return state != State.CONNECTING
                && state != State.CLOSED
                && (ending.peerMayTalk()
                        ? !window.isHeld()
                        : !ending.isDraining() || drainLeft > 0);
    }

    /// Whether nothing is read as the application is behind, or wants no more.
    ///
    /// @return true until it has taken enough
    public boolean isHeld() {
        return held && life.ending().peerMayTalk();
    }

    /// The loop was called: the application may have taken enough, or paused us.
    void onPost(long nowNanos) {
        if (window.isPaused()) {
            hold();
        } else if (held && isWanted()) {
            onHeld(nowNanos);
            held = false;
        }
        if (reader.isPartial() && isWanted() && !life.ending().isDraining()) {
            deadlines.resumeFrame(nowNanos);
        }
    }

    void onTick(long nowNanos) {
        if (window.isPaused()) {
            hold();
        }
        if (held) {
            onHeld(nowNanos);
        }
    }

    private void hold() {
        held = true;
        deadlines.holdFrame();
    }

    /// We do not read now, or did not until now: what the peer owes may have come, so its deadlines
    /// begin anew; but for that of its end, which is read whatever the window.
    void onHeld(long nowNanos) {
        deadlines.awaitAnew(DeadlineName.BYE, nowNanos);
        deadlines.awaitAnew(DeadlineName.HANDSHAKE, nowNanos);
    }

    // ---- where to

    /// Where to read to next.
    ///
    /// @param scratch where to read to what nobody will look at
    /// @param most how much to read at most, in bytes; more to end a frame that has begun
    /// @return a buffer with room, in use until the next call; `null` when nothing may be read now,
    ///     or when it [#lacksMemory()]
    public @Nullable ByteBuffer target(ByteBuffer scratch, int most) {
        lacksMemory = false;
        if (!isWanted()) {
            return null;
        }
        Ending ending = life.ending();
        if (ending.isDraining()) {
            return scratch.clear().limit(Math.min(Math.min(drainLeft, most), scratch.capacity()));
        }
        if (ending.peerMayTalk() && window.isNearlyFull() && window.hold()) {
            hold();
            return null;
        }
        // If the peer may not talk, whatever comes now is refused by its header.
        ByteBuffer target = ending.peerMayTalk() ? target(most) : reader.target(most);
        lacksMemory = target == null;
        return target;
    }

    private @Nullable ByteBuffer target(int most) {
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

    // ---- memory

    /// Whether [#target(ByteBuffer, int)] has found no memory, who asked for it to be told when
    /// some comes back.
    ///
    /// @return false if something else kept it from reading, such as the window, which may be open
    ///     by now
    public boolean lacksMemory() {
        return lacksMemory;
    }

    /// There is no memory to read into: the time that the peer has for a frame stands still.
    ///
    /// @param nowNanos the time
    public void onMemoryAwaited(long nowNanos) {
        deadlines.stopFrame(nowNanos);
    }

    /// There may be some again.
    ///
    /// @param nowNanos the time
    public void onMemoryCome(long nowNanos) {
        onMemoryLacking(nowNanos);
        deadlines.continueFrame(nowNanos);
    }

    /// There still is no memory to read into, or only just now: what the peer owes may have come,
    /// even its end, for which nothing has to be read but we do not know.
    ///
    /// @param nowNanos the time
    public void onMemoryLacking(long nowNanos) {
        onHeld(nowNanos);
        boolean endAwaited =
                deadlines.awaits(DeadlineName.CLOSE)
                        && !life.ending().isDraining()
                        && !outflow.hasFailed();
        if (endAwaited && outflow.isSent()) {
            deadlines.await(DeadlineName.CLOSE, nowNanos);
        }
    }

    // ---- what has come

    /// Bytes have come to where [#target(ByteBuffer, int)] said; not while they are drained.
    ///
    /// @return [Status#SUCCESS], or why a header was refused: nothing more may be read
    Status read(int bytes, long nowNanos) {
        long framesBefore = reader.framesRead();
        if (!reader.read(bytes)) {
            return reader.refusal();
        }
        boolean another = reader.framesRead() != framesBefore;
        deadlines.onFrames(reader.isPartial(), another, nowNanos);
        return Status.SUCCESS;
    }

    /// Whether a frame has begun, and not ended.
    ///
    /// @return true if so
    public boolean hasBegunFrame() {
        return reader.isPartial();
    }

    /// How long we have waited for the rest of a frame.
    ///
    /// @param nowNanos the time
    /// @return nanoseconds, not more than 0 if none has begun, or it is not the peer's turn
    public long frameAgeNanos(long nowNanos) {
        return deadlines.frameAgeNanos(nowNanos);
    }

    /// Forgets the frame that has begun: nobody wants it any more.
    void forgetFrame() {
        deadlines.forgetFrame();
        reader.close();
    }

    // ---- what nobody wants any more

    /// Bytes were thrown away.
    void drain(int bytes) {
        drainLeft -= bytes;
    }

    /// The peer is about to hear that this was all of ours, so it may have its bytes on their way
    /// once more.
    void drainAnew() {
        drainLeft = MOST_DRAINED;
    }

    /// Whether as much was thrown away as may be.
    boolean isDrained() {
        return drainLeft == 0;
    }

    /// What the peer says.
    private final class Sink implements FrameSink {
        @Override
        public Status onHeader(long first, long second) {
            return life.check(first, second);
        }

        @Override
        public void onWhole(OpCode opCode, long id) {
            life.hear(opCode, id);
        }

        @Override
        public void onFrames(LogChunk chunk, int frames) {
            window.delivered(frames, chunk.filled());
            outlet.arrive(chunk, window);
        }
    }
}
