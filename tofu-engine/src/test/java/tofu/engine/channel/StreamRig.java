package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.pool.Slot;

/// A stream with all that is around it: an application, a pool, a clock, and a socket that takes
/// and gives as many bytes as the test says.
///
/// Thread: the test's.
final class StreamRig implements AutoCloseable {
    static final int NUMBER = 77;

    /// Eight messages each way; deadlines of 10 (connect), 20 (handshake), 30 (frame), 40 (bye) and
    /// 50 (close).
    static final Limits LIMITS = new Limits(8, 100_000, 8, 200_000, 10, 20, 30, 40, 50, 0, 0);

    final Memory memory;
    final FakeOutlet outlet = new FakeOutlet();
    final Stream stream;
    final ByteBuffer scratch = ByteBuffer.allocate(64 << 10);
    private final ByteBuffer[] sources = new ByteBuffer[3];
    private final ByteArrayOutputStream wire = new ByteArrayOutputStream();

    long now = 1_000;

    /// The memory is another rig's to close.
    private boolean leavesMemory;

    /// There was no memory to read into.
    boolean starved;

    /// How often the last notice was taken.
    int closedTaken;

    private StreamRig(boolean client, Limits limits, Memory memory) {
        this.memory = memory;
        stream =
                client
                        ? Stream.connecting(
                                NUMBER, limits, memory.ofLoop(), outlet, length -> closedTaken++)
                        : Stream.accepted(
                                NUMBER,
                                limits,
                                memory.ofLoop(),
                                outlet,
                                length -> closedTaken++,
                                now);
    }

    // ---- beginnings

    /// A client that is connecting, its HelloRequest 1 at hand.
    static StreamRig connecting() {
        return connecting(LIMITS, new Memory());
    }

    static StreamRig connecting(Limits limits, Memory memory) {
        StreamRig rig = new StreamRig(true, limits, memory);
        rig.post(Frame.helloRequest(1));
        return rig;
    }

    /// A client whose HelloRequest 1 was sent and answered.
    static StreamRig client() {
        return client(LIMITS, new Memory());
    }

    static StreamRig client(Limits limits, Memory memory) {
        StreamRig rig = connecting(limits, memory);
        rig.connect();
        assertThat(rig.write()).containsExactly(Frame.helloRequest(1));
        rig.receive(Frame.helloResponse(1));
        assertThat(rig.outlet.takeAll()).containsExactly("HELLO_RESPONSE 1");
        return rig;
    }

    /// A server that was just accepted.
    static StreamRig accepted() {
        return accepted(LIMITS, new Memory());
    }

    static StreamRig accepted(Limits limits, Memory memory) {
        return new StreamRig(false, limits, memory);
    }

    /// A server that has got HelloRequest 1 and answered it.
    static StreamRig server() {
        return server(LIMITS, new Memory());
    }

    static StreamRig server(Limits limits, Memory memory) {
        StreamRig rig = accepted(limits, memory);
        rig.receive(Frame.helloRequest(1));
        assertThat(rig.outlet.takeAll()).containsExactly("HELLO_REQUEST 1");
        rig.post(Frame.helloResponse(1));
        assertThat(rig.write()).containsExactly(Frame.helloResponse(1));
        return rig;
    }

    /// A client in a state, with nothing unsent and nothing untaken.
    static StreamRig in(State state) {
        if (state == State.CONNECTING) {
            return connecting();
        }
        StreamRig rig = client();
        switch (state) {
            case BYE_SENT -> rig.post(Frame.byeRequest(2));
            case BYE_RECEIVED -> rig.receive(Frame.byeRequest(2));
            case CLOSING -> {
                rig.receive(Frame.byeRequest(2));
                rig.post(Frame.byeResponse(2));
            }
            case CLOSED -> rig.stream.onPeerClosed();
            case OPEN -> {}
            case OPENING, LISTENING, CONNECTING -> throw new IllegalArgumentException("" + state);
        }
        rig.write();
        rig.outlet.takeAll();
        assertThat(rig.state()).isEqualTo(state);
        return rig;
    }

    // ---- the application's side

    /// Enqueues as a group does, without a turn of the loop.
    SendQueue.Outcome offer(Frame frame) {
        Slot slot = memory.slot(frame, Slot.Owner.LEASE);
        boolean always = frame.opCode().type() != OpCode.Type.REGULAR;
        SendQueue.Outcome outcome = stream.sendQueue().offer(slot, always, false);
        if (outcome != SendQueue.Outcome.ACCEPTED) {
            slot.release(Slot.Owner.LEASE);
        }
        return outcome;
    }

    /// Enqueues, and lets the loop take it.
    void post(Frame... frames) {
        for (Frame frame : frames) {
            assertThat(offer(frame)).as("offer of " + frame).isEqualTo(SendQueue.Outcome.ACCEPTED);
        }
        turn();
    }

    /// What the loop does when it was asked to call.
    void turn() {
        if (outlet.scheduled() > 0) {
            stream.onPost(now);
        }
    }

    // ---- the socket's side

    void connect() {
        stream.onConnected(now);
    }

    /// Bytes come from the peer, as many as the stream will take.
    ///
    /// @return how many it took
    int receive(byte[] bytes) {
        int taken = 0;
        while (taken < bytes.length) {
            ByteBuffer target = readTarget();
            starved = stream.inflow().lacksMemory();
            if (target == null) {
                return taken;
            }
            assertThat(target.hasRemaining()).as("a target with room").isTrue();
            int count = Math.min(target.remaining(), bytes.length - taken);
            target.put(bytes, taken, count);
            taken += count;
            stream.onRead(count, now);
        }
        return taken;
    }

    /// There is memory to read into again.
    void refilled() {
        memory.returnIncoming();
        starved = false;
    }

    /// Frames come from the peer, which the stream takes whole.
    void receive(Frame... frames) {
        byte[] bytes = Frame.encode(frames);
        assertThat(receive(bytes)).as("bytes taken").isEqualTo(bytes.length);
    }

    /// The kernel takes so many bytes.
    ///
    /// @return how many there were
    int write(int max) {
        int left = max;
        while (left > 0) {
            int count = stream.writeSources(sources);
            if (count == 0) {
                break;
            }
            byte[] bytes = Kernel.take(sources, count, left);
            wire.writeBytes(bytes);
            left -= bytes.length;
            stream.onSent(bytes.length, now);
        }
        return max - left;
    }

    /// The kernel takes all.
    ///
    /// @return the frames that were completed since the last call
    List<Frame> write() {
        write(Integer.MAX_VALUE);
        return completed();
    }

    /// The frames whose last byte was taken since the last call.
    List<Frame> completed() {
        List<Frame> frames = Frame.decode(wire.toByteArray());
        int whole = frames.stream().mapToInt(Frame::length).sum();
        byte[] rest = java.util.Arrays.copyOfRange(wire.toByteArray(), whole, wire.size());
        wire.reset();
        wire.writeBytes(rest);
        return frames;
    }

    // ---- time

    /// Time passes; the loop looks at the deadline.
    void pass(long nanos) {
        now += nanos;
        if (Deadline.isDue(stream.deadlineNanos(), now)) {
            stream.onTick(now);
        }
    }

    /// How long until the deadline, -1 for none.
    long timeLeft() {
        long deadline = stream.deadlineNanos();
        return deadline == Deadline.NONE ? -1 : deadline - now;
    }

    // ---- the end

    State state() {
        return stream.state();
    }

    /// Checks that the stream has ended, and how, with what the application finds in its inbox.
    void checkEnded(boolean abruptly, String... taken) {
        assertThat(outlet.takeAll()).containsExactly(taken);
        assertThat(state()).isEqualTo(State.CLOSED);
        assertThat(stream.isAbrupt()).as("abrupt").isEqualTo(abruptly);
        assertThat(closedTaken).as("last notices").isEqualTo(1);
        assertThat(timeLeft()).isEqualTo(-1);
        assertThat(stream.inflow().isWanted()).isFalse();
        assertThat(readTarget()).isNull();
        assertThat(stream.writeSources(sources)).isZero();
        assertThat(stream.wantsShutdown()).isFalse();
        memory.checkWhole();
    }

    @Nullable ByteBuffer readTarget() {
        return stream.inflow().target(scratch, 256 << 10);
    }

    @Override
    public void close() {
        if (state() == State.CONNECTING) {
            stream.onConnectFailed(Status.CONNECT_FAILED, false);
        } else {
            stream.onReceiveFailure(Status.RECV_FAILED);
        }
        outlet.takeAll();
        assertThat(outlet.hasEnded()).as("the last notice came").isTrue();
        assertThat(closedTaken).isEqualTo(1);
        if (!leavesMemory) {
            memory.close();
        }
    }

    /// Lets somebody else close the memory.
    StreamRig leavesMemory() {
        leavesMemory = true;
        return this;
    }
}
