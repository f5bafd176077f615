package tofu.engine.channel;

import static tofu.engine.fuzz.FuzzCheck.check;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import tofu.api.LeakDetection;
import tofu.api.Options;
import tofu.engine.fuzz.FuzzInput;
import tofu.pool.Slot;
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
        READ_INTO_OWN_SLOT,
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
        Step.READ_INTO_OWN_SLOT,
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
    final ByteBuffer shared = ByteBuffer.allocate(256 << 10);
    final SlotPool logs = SlotPool.ofLogs(64 << 20);

    /// Slots that somebody else has for a while.
    final List<Slot> hogged = new ArrayList<>();

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
        }
        check(pool.messagesOut() == 0, () -> pool.messagesOut() + " slots are not home");
        check(logs.messagesOut() == 0, () -> logs.messagesOut() + " chunks are not home");
    }

    /// Gives some of the hogged slots back.
    void giveBack(int count) {
        for (int i = 0; i < count && !hogged.isEmpty(); i++) {
            hogged.removeLast().release(Slot.Owner.LEASE);
        }
    }
}
