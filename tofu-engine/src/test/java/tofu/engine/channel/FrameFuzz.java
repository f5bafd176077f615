package tofu.engine.channel;

import static tofu.engine.fuzz.FuzzCheck.check;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tofu.api.AllocationStrategy;
import tofu.api.LeakDetection;
import tofu.api.Options;
import tofu.api.Status;
import tofu.engine.channel.FrameReader.Progress;
import tofu.engine.channel.FrameScript.Event;
import tofu.pool.Slot;
import tofu.pool.SlotPool;

/// What a peer sends, read by a [FrameReader] alone or by a whole [Stream], against [NaiveCodec]:
/// the same frames and the same verdict, wherever the bytes are cut and whenever memory is missing,
/// and every slot home in the end. [FrameScript] says how an input is read.
///
/// Thread: one at a time, but for [#fuzzerTestOneInput(byte[])].
public final class FrameFuzz {
    private static final FrameFuzz SHARED = new FrameFuzz();
    private static final int NUMBER = 0xABCD;
    private static final int LONGEST = 131_086;
    private static final long HELLO_ID = 42;
    private static final byte[] HELLO = Frame.helloRequest(HELLO_ID).bytes();
    private static final Limits LIMITS = new Limits(8, 100_000, 8, 200_000, 1, 1, 1, 1, 1, 0);

    /// So much of the smallest memory is never free that there is room for one long frame, not two.
    private static final int OCCUPIED = 5;

    /// Memory of different kinds: ample, for few messages, for one, and of few bytes.
    private final SlotPool[] pools = {
        pool(64, 64 << 20), pool(3, 64 << 20), pool(1, 64 << 20), fewBytes()
    };

    private static final SlotPool LOGS = SlotPool.ofLogs(1 << 20);

    private final ByteBuffer shared = ByteBuffer.allocate(64 << 10);

    /// Memory that somebody else has for a while.
    private final List<Slot> hogged = new ArrayList<>();

    private long connections;
    private long frames;
    private long refusals;
    private long starvations;

    /// Lets a fuzzer try an input.
    public static void fuzzerTestOneInput(byte[] data) {
        synchronized (SHARED) {
            SHARED.run(data);
        }
    }

    private static SlotPool pool(int maxMessages, long maxBytes) {
        return new SlotPool(
                Options.builder()
                        .initialPoolMessages(0)
                        .maxPoolMessages(maxMessages)
                        .maxPoolBytes(maxBytes)
                        .leakDetection(LeakDetection.OFF)
                        .build());
    }

    private static SlotPool fewBytes() {
        SlotPool pool = pool(64, 1 << 20);
        for (int i = 0; i < OCCUPIED; i++) {
            check(takeAlways(pool, LONGEST) != null, "no memory to begin with");
        }
        return pool;
    }

    private static @Nullable Slot takeAlways(SlotPool pool, int length) {
        return pool.take(length, AllocationStrategy.ALWAYS, Slot.Owner.LEASE);
    }

    /// Frames that both sides have read alike, in all inputs.
    long frames() {
        return frames;
    }

    /// Connections that both sides have refused.
    long refusals() {
        return refusals;
    }

    /// How often a reader had to wait for memory.
    long starvations() {
        return starvations;
    }

    @Override
    public String toString() {
        return frames
                + " frames in "
                + connections
                + " connections, of which "
                + refusals
                + " were refused; "
                + starvations
                + " waits for memory";
    }

    /// Tries an input.
    ///
    /// @return the verdict on the connection
    /// @throws AssertionError if something does not hold
    NaiveCodec.Verdict run(byte[] data) {
        return run(new FrameScript(data));
    }

    /// Tries a connection.
    NaiveCodec.Verdict run(FrameScript script) {
        SlotPool pool = pools[script.pool];
        int outBefore = pool.messagesOut();
        long channelId = script.side == NaiveCodec.Side.CLIENT ? HELLO_ID : 0;
        FrameLedger ledger = new FrameLedger(script.stream, script.side, NUMBER, channelId);
        NaiveCodec.Verdict verdict;
        try {
            verdict =
                    script.side == NaiveCodec.Side.ANY
                            ? readByItself(script, pool, ledger)
                            : readByStream(script, pool, ledger);
        } finally {
            ledger.takeAll();
            giveBackHogged();
        }
        check(
                pool.messagesOut() == outBefore,
                () -> pool.messagesOut() + " slots are out, not " + outBefore);
        connections++;
        frames += ledger.frames();
        refusals += verdict == NaiveCodec.Verdict.REFUSED ? 1 : 0;
        return verdict;
    }

    // ---- a reader by itself

    private NaiveCodec.Verdict readByItself(FrameScript script, SlotPool pool, FrameLedger ledger) {
        FrameReader reader = new FrameReader(pool, NUMBER, ledger);
        try {
            ByteBuffer source = ByteBuffer.wrap(script.stream);
            while (source.hasRemaining()) {
                int piece = Math.min(script.nextPiece(source.position()), source.remaining());
                happen(script, pool, ledger);
                ByteBuffer target = askFor(script, reader);
                if (target != null && script.happens(Event.USED)) {
                    int count = Math.min(piece, target.remaining());
                    check(count > 0, "a target without room");
                    target.put(script.stream, source.position(), count);
                    source.position(source.position() + count);
                    reader.readDirectly(count);
                } else if (!readPiece(reader, source, piece, ledger)) {
                    return ledger.checkVerdict(reader.refusal());
                }
                ledger.checkPlace(reader, source.position());
            }
            return ledger.checkVerdict(Status.SUCCESS);
        } finally {
            reader.close();
        }
    }

    /// Asks for the slot's own buffer; it need not be used then.
    private static @Nullable ByteBuffer askFor(FrameScript script, FrameReader reader) {
        if (script.happens(Event.DIRECT)) {
            return reader.directTarget();
        }
        return script.happens(Event.OWN) ? reader.ownTarget() : null;
    }

    /// Reads a piece, as often as memory is missing.
    ///
    /// @return false if a header was refused
    private boolean readPiece(
            FrameReader reader, ByteBuffer source, int piece, FrameLedger ledger) {
        int limit = source.limit();
        source.limit(source.position() + piece);
        Progress progress = reader.read(source);
        while (progress == Progress.STARVED) {
            makeRoom(ledger);
            progress = reader.read(source);
        }
        check(progress == Progress.REFUSED || !source.hasRemaining(), "bytes are left");
        source.limit(limit);
        return progress == Progress.DRAINED;
    }

    // ---- a stream

    private NaiveCodec.Verdict readByStream(FrameScript script, SlotPool pool, FrameLedger ledger) {
        Stream stream = begin(script.side, pool, ledger);
        byte[] bytes = script.stream;
        int at = 0;
        while (at < bytes.length && stream.state() != State.CLOSED) {
            int piece = Math.min(script.nextPiece(at), bytes.length - at);
            happen(script, pool, ledger);
            ByteBuffer target = target(script, stream, ledger);
            int count = Math.min(piece, target.remaining());
            check(count > 0, "a target without room");
            target.put(bytes, at, count);
            at += count;
            boolean enough = stream.onRead(target, shared, count, 0);
            while (!enough) {
                makeRoom(ledger);
                enough = stream.onRefilled(shared, 0);
            }
        }
        boolean byItself = stream.state() == State.CLOSED;
        stream.onPeerClosed();
        check(stream.state() == State.CLOSED, "not closed");
        check(!stream.isAbrupt(), "a reset that nobody asked for");
        return ledger.checkEnd(byItself);
    }

    /// Makes a stream that is connected, and a client's that has sent its hello.
    private Stream begin(NaiveCodec.Side side, SlotPool pool, FrameLedger ledger) {
        if (side == NaiveCodec.Side.SERVER) {
            return Stream.accepted(
                    NUMBER, LIMITS, new EngineMemory(pool, LOGS), ledger, ledger::endTaken, 0);
        }
        Stream stream =
                Stream.connecting(
                        NUMBER, LIMITS, new EngineMemory(pool, LOGS), ledger, ledger::endTaken);
        Slot slot = takeAlways(pool, HELLO.length);
        check(slot != null, "no memory for a hello");
        Memory.fill(slot, HELLO);
        SendQueue.Outcome outcome = stream.sendQueue().offer(slot, true, false);
        check(outcome == SendQueue.Outcome.ACCEPTED, "a hello that is refused");
        stream.onPost(0);
        stream.onConnected(0);
        ByteBuffer[] sources = new ByteBuffer[1];
        check(stream.writeSources(sources) == 1, "a hello that is not sent");
        check(sources[0].remaining() == HELLO.length, "a hello of another length");
        stream.onSent(HELLO.length, 0);
        return stream;
    }

    /// Where to read to; the application takes what it has if the window is full.
    private ByteBuffer target(FrameScript script, Stream stream, FrameLedger ledger) {
        ByteBuffer own = script.happens(Event.OWN) ? stream.ownTarget() : null;
        if (own != null && script.happens(Event.USED)) {
            return own;
        }
        ByteBuffer target = stream.readTarget(shared);
        if (target == null) {
            check(!stream.wantsRead(), "wants to read, but has nowhere to read to");
            ledger.isScheduled();
            check(ledger.takeAll(), "held back with an empty inbox");
            check(ledger.isScheduled(), "held back for ever");
            stream.onPost(0);
            target = stream.readTarget(shared);
            check(target != null, "still held back with an empty inbox");
        }
        return target;
    }

    // ---- memory

    private void happen(FrameScript script, SlotPool pool, FrameLedger ledger) {
        if (script.happens(Event.TAKE_ALL)) {
            ledger.takeAll();
        } else if (script.happens(Event.TAKE_ONE)) {
            ledger.take();
        }
        if (script.happens(Event.HOG)) {
            hog(pool);
        }
    }

    private void hog(SlotPool pool) {
        Slot slot = takeIfThere(pool);
        while (slot != null) {
            hogged.add(slot);
            slot = takeIfThere(pool);
        }
    }

    private static @Nullable Slot takeIfThere(SlotPool pool) {
        return pool.take(16, AllocationStrategy.POOL_ONLY, Slot.Owner.LEASE);
    }

    /// All memory comes back, of which there must have been some.
    private void makeRoom(FrameLedger ledger) {
        starvations++;
        boolean any = !hogged.isEmpty();
        giveBackHogged();
        check(ledger.takeAll() || any, "starved although all memory is free");
    }

    private void giveBackHogged() {
        hogged.forEach(slot -> slot.release(Slot.Owner.LEASE));
        hogged.clear();
    }
}
