package tofu.engine.channel;

import static tofu.engine.fuzz.FuzzCheck.check;
import static tofu.engine.fuzz.FuzzCheck.present;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import tofu.api.AllocationStrategy;
import tofu.api.LeakDetection;
import tofu.api.Options;
import tofu.api.Status;
import tofu.engine.channel.FrameScript.Event;
import tofu.pool.LogChunk;
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
    private static final Limits LIMITS = new Limits(8, 100_000, 8, 200_000, 1, 1, 1, 1, 1, 0, 0);

    /// So many chunks of the scarce memory somebody else has.
    private static final int OCCUPIED = 5;

    private static final SlotPool LOGS = SlotPool.ofLogs(1 << 20);

    /// Where a hello gets its slot.
    private static final SlotPool MESSAGES =
            new SlotPool(Options.builder().leakDetection(LeakDetection.OFF).build());

    /// Memory to read into: ample, read much or little of at once, and scarce.
    private final SlotPool[] pools = {
        SlotPool.ofLogs(64 << 20), SlotPool.ofLogs(64 << 20), SlotPool.ofLogs(64 << 20), scarce()
    };

    private static final int[] READ_BYTES = {64 << 10, 64, 1_000, 5_000};

    private final ByteBuffer scratch = ByteBuffer.allocate(64 << 10);

    /// Memory that somebody else has for a while.
    private final List<LogChunk> hogged = new ArrayList<>();

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

    /// Room for one long frame, not for many.
    private static SlotPool scarce() {
        SlotPool pool = SlotPool.ofLogs(1 << 20);
        for (int i = 0; i < OCCUPIED; i++) {
            check(LogChunk.take(pool, LONGEST) != null, "no memory to begin with");
        }
        return pool;
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
        ReadMemory memory = new ReadMemory(pool, READ_BYTES[script.pool]);
        long channelId = script.side == NaiveCodec.Side.CLIENT ? HELLO_ID : 0;
        FrameLedger ledger = new FrameLedger(script.stream, script.side, NUMBER, channelId);
        NaiveCodec.Verdict verdict;
        try {
            verdict =
                    script.side == NaiveCodec.Side.ANY
                            ? readByItself(script, memory, pool, ledger)
                            : readByStream(script, memory, pool, ledger);
        } finally {
            ledger.takeAll();
            giveBackHogged();
            memory.close();
        }
        check(
                pool.messagesOut() == outBefore,
                () -> pool.messagesOut() + " chunks are out, not " + outBefore);
        connections++;
        frames += ledger.frames();
        refusals += verdict == NaiveCodec.Verdict.REFUSED ? 1 : 0;
        return verdict;
    }

    // ---- a reader by itself

    private NaiveCodec.Verdict readByItself(
            FrameScript script, ReadMemory memory, SlotPool pool, FrameLedger ledger) {
        FrameReader reader = new FrameReader(memory, NUMBER, new Backlog(), ledger);
        byte[] bytes = script.stream;
        int at = 0;
        try {
            while (at < bytes.length) {
                int piece = Math.min(script.nextPiece(at), bytes.length - at);
                happen(script, memory, pool, ledger);
                int most = Math.max(most(script, reader), reader.missing());
                ByteBuffer target = reader.target(most);
                while (target == null) {
                    makeRoom(ledger);
                    target = reader.target(most);
                }
                int count = fill(target, bytes, at, Math.min(piece, most));
                at += count;
                if (!reader.read(count)) {
                    return ledger.checkVerdict(reader.refusal());
                }
                ledger.checkPlace(reader, at);
            }
            return ledger.checkVerdict(Status.SUCCESS);
        } finally {
            reader.close();
        }
    }

    /// How much is to be read at most; asks in vain before, if the script says so.
    private static int most(FrameScript script, FrameReader reader) {
        if (script.happens(Event.VAIN)) {
            reader.target(Math.max(LONGEST, reader.missing()));
        }
        if (script.happens(Event.LITTLE)) {
            return 7;
        }
        return script.happens(Event.MISSING) ? Math.max(reader.missing(), 1) : LONGEST;
    }

    private static int fill(ByteBuffer target, byte[] bytes, int at, int most) {
        int count = Math.min(most, target.remaining());
        check(count > 0, "a target without room");
        target.put(bytes, at, count);
        return count;
    }

    // ---- a stream

    private NaiveCodec.Verdict readByStream(
            FrameScript script, ReadMemory memory, SlotPool pool, FrameLedger ledger) {
        Stream stream = begin(script.side, new LoopMemory(LOGS, memory), ledger);
        byte[] bytes = script.stream;
        int at = 0;
        while (at < bytes.length && stream.state() != State.CLOSED) {
            int piece = Math.min(script.nextPiece(at), bytes.length - at);
            happen(script, memory, pool, ledger);
            int most = script.happens(Event.LITTLE) ? 7 : LONGEST;
            int count = fill(target(stream, most, ledger), bytes, at, piece);
            at += count;
            stream.onRead(count, 0);
        }
        boolean byItself = stream.state() == State.CLOSED;
        stream.onPeerClosed();
        check(stream.state() == State.CLOSED, "not closed");
        check(!stream.isAbrupt(), "a reset that nobody asked for");
        return ledger.checkEnd(byItself);
    }

    /// Makes a stream that is connected, and a client's that has sent its hello.
    private Stream begin(NaiveCodec.Side side, LoopMemory memory, FrameLedger ledger) {
        if (side == NaiveCodec.Side.SERVER) {
            return Stream.accepted(NUMBER, LIMITS, memory, ledger, ledger::endTaken, 0);
        }
        Stream stream = Stream.connecting(NUMBER, LIMITS, memory, ledger, ledger::endTaken);
        Slot slot =
                present(
                        MESSAGES.take(HELLO.length, AllocationStrategy.ALWAYS, Slot.Owner.LEASE),
                        "no memory for a hello");
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

    /// Where to read to; the application takes what it has if the window is full, and others give
    /// back what they have if there is no memory.
    private ByteBuffer target(Stream stream, int most, FrameLedger ledger) {
        ByteBuffer target = stream.inflow().target(scratch, most);
        for (int i = 0; target == null; i++) {
            check(i < 3, "held back although the inbox is empty and all memory is free");
            if (stream.inflow().lacksMemory()) {
                makeRoom(ledger);
            } else {
                ledger.isScheduled();
                check(ledger.takeAll(), "held back with an empty inbox");
                check(ledger.isScheduled(), "held back for ever");
                stream.onPost(0);
            }
            target = stream.inflow().target(scratch, most);
        }
        return target;
    }

    // ---- memory

    private void happen(FrameScript script, ReadMemory memory, SlotPool pool, FrameLedger ledger) {
        if (script.happens(Event.TAKE_ALL)) {
            ledger.takeAll();
        } else if (script.happens(Event.TAKE_ONE)) {
            ledger.take();
        }
        if (script.happens(Event.HOG) && pool == pools[pools.length - 1]) {
            memory.close();
            hog(pool);
        }
    }

    /// Takes all memory, the long pieces first.
    private void hog(SlotPool pool) {
        for (int length = LONGEST; length >= 64; length /= 2) {
            LogChunk chunk = LogChunk.take(pool, length);
            while (chunk != null) {
                hogged.add(chunk);
                chunk = LogChunk.take(pool, length);
            }
        }
    }

    /// All memory comes back, of which there must have been some.
    private void makeRoom(FrameLedger ledger) {
        starvations++;
        boolean any = !hogged.isEmpty();
        giveBackHogged();
        check(ledger.takeAll() || any, "starved although all memory is free");
    }

    private void giveBackHogged() {
        hogged.forEach(LogChunk::release);
        hogged.clear();
    }
}
