package tofu.engine.channel;

import static tofu.engine.fuzz.FuzzCheck.check;
import static tofu.engine.fuzz.FuzzCheck.present;

import java.nio.ByteBuffer;
import java.util.Objects;
import tofu.api.AllocationStrategy;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.engine.channel.StreamFuzz.Step;
import tofu.engine.fuzz.FuzzInput;
import tofu.pool.Slot;
import tofu.pool.SlotPool;

/// One stream under a script, and what the loop knows of it: takes each step as the loop would.
///
/// Thread: one at a time.
final class StreamRun {
    static final int NUMBER = 0x1357;

    private static final Limits LIMITS =
            new Limits(6, 70_000, 5, 140_000, 100, 200, 300, 400, 500, 0, 0);
    private static final int MAX_STEPS_TO_THE_END = 200;

    /// What is there to be read into.
    private static final int READ_CHUNKS = 3;

    private static final long HELLO_ID = 1;

    private final ByteBuffer[] sources = new ByteBuffer[3];
    private final StreamFuzz fuzz;
    private final SlotPool pool;
    private final boolean client;
    private final StreamModel model;
    private final Stream stream;
    private long nowNanos = 1_000;
    private long nextId = HELLO_ID;
    private State before;

    /// There was no memory to read into.
    private boolean starved;

    private boolean shutdown;
    private boolean groupClosed;

    StreamRun(StreamFuzz fuzz, boolean client) {
        this.fuzz = fuzz;
        this.pool = fuzz.pool;
        this.client = client;
        LoopMemory memory = new LoopMemory(fuzz.logs, fuzz.reading);
        model = new StreamModel(client, LIMITS, HELLO_ID);
        stream =
                client
                        ? Stream.connecting(NUMBER, LIMITS, memory, model, model::endTaken)
                        : Stream.accepted(NUMBER, LIMITS, memory, model, model::endTaken, nowNanos);
        before = stream.state();
        if (client) {
            offer(Frame.helloRequest(nextId++).bytes(), OpCode.HELLO_REQUEST);
        } else {
            nextId++;
            model.peerSends(Frame.helloRequest(nextId++).bytes());
        }
    }

    void step(Step step, FuzzInput input) {
        switch (step) {
            case POST -> post(input);
            case POST_BYE -> postBye(input.octet());
            case PEER_TALKS -> peerSends(input.below(3), input);
            case PEER_SAYS -> peerSends(input.below(16), input);
            case PEER_BABBLES -> model.peerSends(input.bytes(input.below(40)));
            case READ -> read(1 + (input.flag() ? input.pair() : input.octet()), 256 << 10);
            case READ_LITTLE -> read(1 + input.pair(), 1 + input.octet());
            case WRITE -> write(input.flag() ? input.pair() : input.below(64));
            case TURN -> turn();
            case TAKE -> take(1 + input.below(8));
            case CONNECT -> connect(input.below(8));
            case HOG -> fuzz.hog(input.below(4));
            case REFILL -> refill(1 + input.below(8));
            case PASS -> pass(1 + input.octet());
            case PEER_CLOSES -> peerCloses();
            case READING_FAILS -> readingFails();
            case WRITING_FAILS -> writingFails();
            case GROUP_CLOSES -> groupCloses();
            case EVICT -> evict();
        }
    }

    // ---- the application

    private void post(FuzzInput input) {
        int marks = input.octet();
        OpCode opCode = Objects.requireNonNull(OpCode.of(marks & 3));
        if (opCode == OpCode.HELLO_REQUEST) {
            opCode = client ? OpCode.SIGNAL : OpCode.HELLO_RESPONSE;
        }
        Frame frame = Frame.of(opCode, nextId++).with((marks & 4) == 0 ? 0 : Frame.MORE);
        frame = frame.with((marks & 0x18) == 0x18 ? Frame.OUT_OF_BAND : 0);
        offer(frame.withBody(input.length()).bytes(), opCode);
    }

    private void postBye(int marks) {
        Frame frame =
                switch (marks % 3) {
                    case 0 -> Frame.byeRequest(nextId);
                    case 1 -> Frame.byeResponse(nextId);
                    default -> Frame.byeSignal(nextId);
                };
        nextId++;
        Frame marked = frame.with((marks & 0x20) == 0 ? 0 : Frame.OUT_OF_BAND);
        offer(marked.bytes(), marked.opCode());
    }

    private void offer(byte[] frame, OpCode opCode) {
        long id = nextId - 1;
        Slot slot =
                present(
                        pool.take(frame.length, AllocationStrategy.ALWAYS, Slot.Owner.LEASE),
                        "no memory at all");
        Memory.fill(slot, frame);
        SendQueue.Outcome expected = model.expected(opCode, frame.length);
        boolean always = opCode.type() != OpCode.Type.REGULAR;
        SendQueue.Outcome outcome = stream.sendQueue().offer(slot, always, false);
        if (outcome == SendQueue.Outcome.ACCEPTED) {
            model.accepted(id, opCode, frame);
        } else {
            slot.release(Slot.Owner.LEASE);
            model.refused(outcome);
        }
        check(outcome == expected, () -> opCode + " is " + outcome + " instead of " + expected);
    }

    private void take(int count) {
        for (int i = 0; i < count && model.take(); i++) {
            // the next one
        }
    }

    // ---- the peer

    private void peerSends(int opCode, FuzzInput input) {
        int marks = input.octet();
        Frame frame = Frame.of(OpCode.SIGNAL, (marks & 0x0F) == 1 ? 0 : nextId);
        nextId++;
        frame = frame.withOpCode(opCode).with(marks & 0xD0);
        frame = frame.with(opCode < 3 || (marks & 0x0F) == 2 ? marks & Frame.MORE : 0);
        model.peerSends(frame.withStatus(marks).withBody(input.length()).bytes());
    }

    private boolean mayRead() {
        return isConnected() && stream.inflow().isWanted() && !starved;
    }

    private boolean isConnected() {
        return stream.state() != State.CONNECTING && stream.state() != State.CLOSED;
    }

    private void read(int max, int most) {
        if (!mayRead()) {
            return;
        }
        ByteBuffer target = stream.inflow().target(fuzz.scratch, most);
        if (target == null) {
            starved = stream.inflow().lacksMemory();
            if (starved) {
                stream.inflow().onMemoryAwaited(nowNanos);
            }
            return;
        }
        check(target.hasRemaining(), "a target without room");
        int count = Math.min(max, Math.min(target.remaining(), model.unread()));
        if (count == 0) {
            return; // nothing came: the buffer was offered in vain
        }
        model.read(target, count);
        boolean draining = groupClosed;
        stream.onRead(count, nowNanos);
        if (!draining) {
            model.checkAllDelivered(stream.state() == State.CLOSED);
        }
    }

    private void peerCloses() {
        if (mayRead() && model.unread() == 0) {
            stream.onPeerClosed();
        }
    }

    private void readingFails() {
        if (mayRead()) {
            stream.onReceiveFailure(Status.RECV_FAILED);
        }
    }

    // ---- the loop

    /// The kernel takes so many bytes, which may be none of those that it was offered.
    private void write(int max) {
        int left = max;
        for (int count = sources(); count > 0; count = sources()) {
            byte[] bytes = Kernel.take(sources, count, left);
            boolean blocked = sources[count - 1].hasRemaining();
            model.wrote(bytes);
            stream.onSent(bytes.length, nowNanos);
            left -= bytes.length;
            if (blocked) {
                break;
            }
        }
        if (stream.wantsShutdown()) {
            check(!shutdown && !model.hasUnsent(), "shut down too early");
            shutdown = true;
        }
    }

    private int sources() {
        int count = stream.writeSources(sources);
        check(count == 0 || !shutdown, "to write behind the shutdown");
        return count;
    }

    private void turn() {
        if (model.isScheduled()) {
            stream.onPost(nowNanos);
        }
    }

    private void connect(int outcome) {
        if (stream.hello() == null) {
            return;
        }
        if (outcome < 6) {
            stream.onConnected(nowNanos);
        } else {
            stream.onConnectFailed(Status.CONNECT_FAILED, outcome == 6);
        }
    }

    private void writingFails() {
        if (isConnected()) {
            stream.onSendFailure(Status.SEND_FAILED, nowNanos);
            model.nothingMoreIsTaken();
        }
    }

    private void groupCloses() {
        stream.onGroupClosed(nowNanos);
        model.nothingMoreIsTaken();
        groupClosed = true;
        starved = false;
    }

    private void evict() {
        if (isConnected() && !client && !stream.isGreeted()) {
            stream.onEvicted(Status.HANDSHAKE_TIMEOUT);
        }
    }

    private void pass(int nanos) {
        nowNanos += nanos;
        if (Deadline.isDue(stream.deadlineNanos(), nowNanos)) {
            if (starved) {
                stream.inflow().onMemoryLacking(nowNanos);
            }
            stream.onTick(nowNanos);
        }
    }

    // ---- memory

    private void refill(int count) {
        fuzz.giveBack(count);
        if (starved) {
            starved = false;
            stream.inflow().onMemoryCome(nowNanos);
        }
    }

    // ---- what must hold

    void checkAll() {
        State state = stream.state();
        boolean byes = before == State.BYE_SENT && state == State.BYE_RECEIVED;
        check(
                state == before || (state.compareTo(before) > 0 && !byes),
                () -> before + " -> " + state);
        before = state;
        check(model.hasEnded() == (state == State.CLOSED), "the last notice");
        boolean hasDeadline = stream.deadlineNanos() != Deadline.NONE;
        switch (state) {
            case CONNECTING -> check(hasDeadline || stream.hello() == null, "connects for ever");
            case BYE_SENT, CLOSING -> check(hasDeadline, "waits for ever");
            case OPEN, BYE_RECEIVED -> {}
            case CLOSED -> {
                check(!hasDeadline, "a deadline behind the end");
                check(!stream.inflow().isWanted(), "reads behind the end");
                check(model.unended() == 0, "messages behind the end");
                starved = false;
            }
            case OPENING, LISTENING -> throw new AssertionError(state);
        }
        if (state != State.CLOSED) {
            check(stream.sendQueue().messages() == model.unended(), "the queue's load");
        }
        int slots = model.slotsInInbox() + model.unendedSlots();
        check(pool.messagesOut() == slots, () -> pool.messagesOut() + " slots, not " + slots);
        int chunks = fuzz.hogged.size() + model.chunksInInbox();
        int others = fuzz.incoming.messagesOut() - chunks;
        boolean mayBegin = state != State.CLOSED && !groupClosed;
        check(
                others >= 0 && others <= READ_CHUNKS + (mayBegin ? 1 : 0),
                () -> others + " chunks that nobody knows of");
    }

    /// The application takes all, there is memory, the peer ends, time passes.
    void goOnToTheEnd() {
        for (int i = 0; stream.state() != State.CLOSED; i++) {
            check(i < MAX_STEPS_TO_THE_END, "no end");
            take(Integer.MAX_VALUE);
            refill(Integer.MAX_VALUE);
            turn();
            connect(i % 8);
            read(Integer.MAX_VALUE, 256 << 10);
            write(Integer.MAX_VALUE);
            peerCloses();
            pass(60);
            checkAll();
        }
        take(Integer.MAX_VALUE);
        model.checkOver();
    }
}
