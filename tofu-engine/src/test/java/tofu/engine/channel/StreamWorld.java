package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tofu.api.OpCode;
import tofu.api.Status;

/// A stream among an application, a peer, a pool and a clock, which take one step after another;
/// after each it checks what must always hold.
///
/// Thread: the test's.
final class StreamWorld implements AutoCloseable {
    /// What happens once.
    enum Event {
        CONNECT_FAILED,
        PEER_CLOSED,
        RECEIVE_FAILED,
        SEND_FAILED,
        GROUP_CLOSED,
        EVICTED
    }

    /// What is done next.
    sealed interface Step {
        /// The application enqueues a message; its id is given by the world.
        record Post(Frame frame) implements Step {}

        /// The peer sends a frame; it comes with [Read].
        record PeerSends(Frame frame) implements Step {}

        /// So many bytes come, at most.
        record Read(int bytes) implements Step {}

        /// So many bytes go, at most.
        record Write(int bytes) implements Step {}

        /// The loop does what it was asked to.
        record Turn() implements Step {}

        /// The application takes so much out of its inbox.
        record Take(int count) implements Step {}

        /// The connection stands.
        record Connect() implements Step {}

        /// All memory that could be read into is taken away.
        record Drain() implements Step {}

        /// It comes back.
        record Refill() implements Step {}

        /// Time goes by.
        record Pass(int nanos) implements Step {}

        /// Something happens that does not happen often.
        record Happen(Event event) implements Step {}
    }

    private static final Limits LIMITS =
            new Limits(6, 70_000, 5, 140_000, 100, 200, 300, 400, 500, 0, 0);

    private final StreamRig rig;
    private final ByteArrayOutputStream peerSent = new ByteArrayOutputStream();
    private final List<Frame> peerFrames = new ArrayList<>();
    private int peerBytesRead;
    private final Set<Long> accepted = new HashSet<>();
    private final List<Frame> sent = new ArrayList<>();
    private long nextId = 2;
    private State before;

    StreamWorld(boolean client) {
        Memory memory = new Memory(24);
        rig = client ? StreamRig.connecting(LIMITS, memory) : StreamRig.accepted(LIMITS, memory);
        if (client) {
            accepted.add(1L);
        } else {
            peer(Frame.helloRequest(1_000_000));
        }
        before = rig.state();
    }

    void take(Step step) {
        switch (step) {
            case Step.Post(Frame frame) -> post(frame);
            case Step.PeerSends(Frame frame) -> peer(frame);
            case Step.Read(int bytes) -> read(bytes);
            case Step.Write(int bytes) -> {
                rig.write(bytes);
                sent.addAll(rig.completed());
                rig.stream.wantsShutdown();
            }
            case Step.Turn() -> rig.turn();
            case Step.Take(int count) -> takeOut(count);
            case Step.Connect() -> connect();
            case Step.Drain() -> rig.memory.takeIncoming();
            case Step.Refill() -> rig.refilled();
            case Step.Pass(int nanos) -> rig.pass(nanos);
            case Step.Happen(Event event) -> happen(event);
        }
        check();
    }

    // ---- steps

    private void post(Frame template) {
        long id = nextId++;
        Frame frame =
                new Frame(0x1234, template.proto(), 0, id, template.headers(), template.body());
        if (rig.offer(frame) == SendQueue.Outcome.ACCEPTED) {
            accepted.add(id);
        }
    }

    private void peer(Frame frame) {
        Frame numbered =
                new Frame(7, frame.proto(), 9, 1_000_000 + peerFrames.size(), "", frame.body());
        peerFrames.add(numbered);
        peerSent.writeBytes(numbered.bytes());
    }

    private void read(int max) {
        byte[] all = peerSent.toByteArray();
        int end = Math.min(all.length, peerBytesRead + max);
        peerBytesRead += rig.receive(Arrays.copyOfRange(all, peerBytesRead, end));
    }

    private void takeOut(int count) {
        for (int i = 0; i < count && rig.outlet.take() != null; i++) {}
    }

    private void connect() {
        if (rig.stream.hello() != null) {
            rig.connect();
        }
    }

    private void happen(Event event) {
        State state = rig.state();
        boolean connected = state != State.CONNECTING && state != State.CLOSED;
        switch (event) {
            case CONNECT_FAILED -> {
                if (state == State.CONNECTING) {
                    rig.stream.onConnectFailed(Status.CONNECT_FAILED, false);
                }
            }
            case PEER_CLOSED -> {
                // A socket that is not read does not tell its end.
                if (connected && rig.stream.inflow().isWanted() && !rig.starved) {
                    rig.stream.onPeerClosed();
                }
            }
            case RECEIVE_FAILED -> {
                if (connected && rig.stream.inflow().isWanted() && !rig.starved) {
                    rig.stream.onReceiveFailure(Status.RECV_FAILED);
                }
            }
            case SEND_FAILED -> {
                if (connected) {
                    rig.stream.onSendFailure(Status.SEND_FAILED, rig.now);
                }
            }
            case GROUP_CLOSED -> rig.stream.onGroupClosed(rig.now);
            case EVICTED -> {
                if (!rig.stream.isGreeted() && connected) {
                    rig.stream.onEvicted(Status.HANDSHAKE_TIMEOUT);
                }
            }
        }
    }

    // ---- what must always hold

    private void check() {
        State state = rig.state();
        assertThat(isLater(before, state)).as(before + " -> " + state).isTrue();
        before = state;
        checkDelivered();
        checkEndedOnce();
        long deadline = rig.stream.deadlineNanos();
        switch (state) {
            case CONNECTING, BYE_SENT, CLOSING -> assertThat(deadline).isNotEqualTo(Deadline.NONE);
            case CLOSED -> {
                assertThat(deadline).isEqualTo(Deadline.NONE);
                assertThat(rig.outlet.hasEnded()).isTrue();
                assertThat(rig.stream.inflow().isWanted()).isFalse();
            }
            case OPEN, BYE_RECEIVED -> {}
            case OPENING, LISTENING -> throw new AssertionError(state);
        }
        assertThat(rig.outlet.hasEnded()).isEqualTo(state == State.CLOSED);
    }

    /// Whether a stream may come from one state to the other, in any number of turns.
    private static boolean isLater(State from, State to) {
        boolean byes = from == State.BYE_SENT && to == State.BYE_RECEIVED;
        return from == to || from.compareTo(to) < 0 && !byes;
    }

    /// What was delivered is the beginning of what the peer sent, and no more than came.
    private void checkDelivered() {
        List<Frame> delivered = rig.outlet.fromPeer;
        assertThat(delivered.size()).isLessThanOrEqualTo(peerFrames.size());
        int bytes = 0;
        for (int i = 0; i < delivered.size(); i++) {
            assertThat(delivered.get(i)).isEqualTo(peerFrames.get(i).received(StreamRig.NUMBER));
            bytes += delivered.get(i).length();
        }
        assertThat(bytes).isLessThanOrEqualTo(peerBytesRead);
    }

    /// Every message that was accepted is sent or has come back, once; before the end it may be
    /// under way.
    private void checkEndedOnce() {
        List<Long> ended = new ArrayList<>();
        sent.forEach(frame -> ended.add(frame.id()));
        rig.outlet.cameBack.forEach(frame -> ended.add(frame.id()));
        assertThat(ended).as("sent or back").doesNotHaveDuplicates();
        assertThat(accepted).containsAll(ended);
        if (rig.state() == State.CLOSED) {
            assertThat(ended).hasSameSizeAs(accepted);
        }
        checkOrder(sent);
        for (Frame frame : rig.outlet.cameBack) {
            assertThat(frame.proto() & Frame.ORIGIN).isNotZero();
        }
    }

    private static void checkOrder(List<Frame> frames) {
        List<Long> plain = new ArrayList<>();
        List<Long> urgent = new ArrayList<>();
        boolean over = false;
        for (Frame frame : frames) {
            assertThat(over).as("sent behind a bye: " + frame).isFalse();
            over = frame.opCode().type() == OpCode.Type.BYE;
            ((frame.proto() & Frame.OUT_OF_BAND) == 0 ? plain : urgent).add(frame.id());
        }
        assertThat(plain).isSorted();
        assertThat(urgent).isSorted();
    }

    // ---- the end

    /// Goes on until the stream has ended: the application takes all, the peer ends, time passes.
    void end() {
        take(new Step.Refill());
        take(new Step.Turn());
        for (int i = 0; i < 100 && rig.state() != State.CLOSED; i++) {
            take(new Step.Take(Integer.MAX_VALUE / 2));
            take(new Step.Refill());
            take(new Step.Turn());
            take(new Step.Read(1_000_000));
            take(new Step.Write(1_000_000));
            if (peerBytesRead == peerSent.size()) {
                take(new Step.Happen(Event.PEER_CLOSED));
            }
            take(new Step.Pass(60));
        }
        assertThat(rig.state()).as("ended at last").isEqualTo(State.CLOSED);
        checkEndedOnce();
    }

    @Override
    public void close() {
        rig.close();
    }
}
