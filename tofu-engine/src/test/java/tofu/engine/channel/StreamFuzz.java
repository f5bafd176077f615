package tofu.engine.channel;

import static tofu.engine.fuzz.FuzzCheck.check;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import tofu.api.LeakDetection;
import tofu.api.Options;
import tofu.engine.fuzz.FuzzInput;
import tofu.pool.LogChunk;
import tofu.pool.SlotPool;

/// A whole [Stream] under a script of all that can happen to it: posts, bytes of a peer, room to
/// write, an empty pool, time, failures, closes. Each step is what the loop would do, after each
/// [StreamModel] knows what must hold, and in the end everything must have ended, once.
///
/// The first byte of an input says whose stream it is; then each step is one byte and its values.
///
/// Thread: one at a time, but for [#fuzzerTestOneInput(byte[])].
public final class StreamFuzz {
    /// What happens next. How often a constant stands in [#STEPS] is how likely it is.
    enum Step {
        POST,
        POST_BYE,
        PEER_TALKS,
        PEER_SAYS,
        PEER_BABBLES,
        READ,
        READ_LITTLE,
        WRITE,
        TURN,
        TAKE,
        CONNECT,
        HOG,
        REFILL,
        PASS,
        PEER_CLOSES,
        READING_FAILS,
        WRITING_FAILS,
        GROUP_CLOSES,
        EVICT
    }

    private static final Step[] STEPS = {
        Step.POST,
        Step.POST,
        Step.POST,
        Step.POST,
        Step.POST_BYE,
        Step.PEER_TALKS,
        Step.PEER_TALKS,
        Step.PEER_TALKS,
        Step.PEER_SAYS,
        Step.PEER_BABBLES,
        Step.READ,
        Step.READ,
        Step.READ,
        Step.READ,
        Step.READ_LITTLE,
        Step.WRITE,
        Step.WRITE,
        Step.WRITE,
        Step.TURN,
        Step.TURN,
        Step.TURN,
        Step.TAKE,
        Step.TAKE,
        Step.CONNECT,
        Step.HOG,
        Step.REFILL,
        Step.PASS,
        Step.PEER_CLOSES,
        Step.READING_FAILS,
        Step.WRITING_FAILS,
        Step.GROUP_CLOSES,
        Step.EVICT
    };

    /// Beyond these the pool is empty.
    static final int MAX_MESSAGES = 24;

    private static final int MAX_STEPS = 4_000;
    private static final StreamFuzz SHARED = new StreamFuzz();

    // What a StreamRun uses, one after the other.
    final SlotPool pool =
            new SlotPool(
                    Options.builder()
                            .initialPoolMessages(0)
                            .maxPoolMessages(MAX_MESSAGES)
                            .leakDetection(LeakDetection.OFF)
                            .build());
    final ByteBuffer scratch = ByteBuffer.allocate(64 << 10);
    final SlotPool logs = SlotPool.ofLogs(64 << 20);

    final SlotPool incoming = SlotPool.ofLogs(1 << 20);
    final ReadMemory reading = new ReadMemory(incoming, 10_000);

    /// Memory to read into that somebody else has for a while.
    final List<LogChunk> hogged = new ArrayList<>();

    /// Lets a fuzzer try an input.
    public static void fuzzerTestOneInput(byte[] data) {
        synchronized (SHARED) {
            SHARED.run(data);
        }
    }

    /// Tries an input.
    ///
    /// @throws AssertionError if something does not hold
    void run(byte[] data) {
        FuzzInput input = new FuzzInput(data);
        StreamRun run = new StreamRun(this, (input.octet() & 1) == 0);
        try {
            for (int i = 0; i < MAX_STEPS && !input.isEmpty(); i++) {
                run.step(STEPS[input.below(STEPS.length)], input);
                run.checkAll();
            }
            run.goOnToTheEnd();
        } finally {
            giveBack(Integer.MAX_VALUE);
            reading.close();
        }
        check(pool.messagesOut() == 0, () -> pool.messagesOut() + " slots are not home");
        check(incoming.messagesOut() == 0, () -> incoming.messagesOut() + " chunks of what came");
        check(logs.messagesOut() == 0, () -> logs.messagesOut() + " chunks are not home");
    }

    /// Takes the memory to read into, but for some chunks.
    void hog(int left) {
        reading.close();
        for (int bytes = 131_086; bytes >= 64; bytes /= 2) {
            LogChunk chunk = LogChunk.take(incoming, bytes);
            while (chunk != null) {
                hogged.add(chunk);
                chunk = LogChunk.take(incoming, bytes);
            }
        }
        giveBack(left);
    }

    /// Gives some of the hogged chunks back.
    void giveBack(int count) {
        for (int i = 0; i < count && !hogged.isEmpty(); i++) {
            hogged.removeLast().release();
        }
    }
}
