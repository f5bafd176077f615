package tofu.engine.channel;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import tofu.api.AllocationStrategy;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.pool.FrameRange;
import tofu.pool.Slot;
import tofu.pool.SlotPool;
import tofu.pool.StressPools;

/// [SendQueue] between those who post: the bound holds, what is accepted comes out once, and what
/// is refused stays the caller's. What concerns waiting for room is in [SendRoomStress].
public final class SendQueueStress {
    private static final int MANY = 1_000;
    private static final int LENGTH = 16;

    /// Where a frame's id begins.
    private static final int ID_AT = 4;

    private static final SlotPool MESSAGES = StressPools.large();
    private static final SlotPool LOGS = StressPools.logs();

    private SendQueueStress() {}

    /// A slot that a poster has.
    static Slot slot(OpCode opCode, long id) {
        Slot slot =
                Objects.requireNonNull(
                        MESSAGES.take(LENGTH, AllocationStrategy.ALWAYS, Slot.Owner.LEASE));
        slot.clear();
        slot.opCode(opCode);
        slot.id(id);
        return slot;
    }

    static SendQueue queue(int maxMessages, int maxBytes, StressOutlet outlet) {
        return new SendQueue(maxMessages, maxBytes, LOGS, outlet, true);
    }

    /// Sends all that there is, as the loop does.
    ///
    /// @return the ids in the order in which they were sent, "-" if there was none
    static String drain(SendQueue queue) {
        StringBuilder ids = new StringBuilder();
        ByteBuffer[] sources = new ByteBuffer[1];
        while (queue.sources(sources) > 0) {
            ByteBuffer source = sources[0];
            for (int at = source.position(); at < source.limit(); at += LENGTH) {
                ids.append(source.getLong(at + ID_AT));
            }
            queue.sent(source.remaining());
        }
        return ids.isEmpty() ? "-" : ids.toString();
    }

    /// Sends one message, as the loop does.
    static void sendOne(SendQueue queue) {
        if (queue.sources(new ByteBuffer[1]) > 0) {
            queue.sent(LENGTH);
        }
    }

    /// Takes what is left of a closed queue.
    ///
    /// @return the ids in their order, "-" if there is none
    private static String left(SendQueue queue) {
        StringBuilder ids = new StringBuilder();
        for (Slot slot = queue.takeUnread(); slot != null; slot = queue.takeUnread()) {
            ids.append(slot.id());
            slot.release(Slot.Owner.QUEUE);
        }
        FrameRange range = queue.takeRest(Status.CHANNEL_CLOSED);
        while (range != null) {
            while (!range.isEmpty()) {
                Slot slot = Objects.requireNonNull(range.first(MESSAGES));
                range.removeFirst();
                ids.append(slot.id());
                slot.release(Slot.Owner.LEASE);
            }
            range.release();
            range = queue.takeRest(Status.CHANNEL_CLOSED);
        }
        return ids.isEmpty() ? "-" : ids.toString();
    }

    /// Gives back what the poster still has.
    static void release(Slot slot, Object outcome) {
        if (outcome != SendQueue.Outcome.ACCEPTED) {
            slot.release(Slot.Owner.LEASE);
        }
    }

    /// The last place, by messages, is asked for twice at the same time.
    @JCStressTest
    @Outcome(id = "ACCEPTED, FULL, 1 1", expect = ACCEPTABLE)
    @Outcome(id = "FULL, ACCEPTED, 2 1", expect = ACCEPTABLE)
    @State
    public static class PostAgainstPostAtTheBound {
        private final SendQueue queue = queue(1, MANY, new StressOutlet());
        private final Slot one = slot(OpCode.SIGNAL, 1);
        private final Slot two = slot(OpCode.SIGNAL, 2);

        @Actor
        public void poster(LLL_Result r) {
            r.r1 = queue.offer(one, false, false);
        }

        @Actor
        public void other(LLL_Result r) {
            r.r2 = queue.offer(two, false, false);
        }

        @Arbiter
        public void rest(LLL_Result r) {
            int messages = queue.messages();
            r.r3 = drain(queue) + " " + messages;
            release(one, r.r1);
            release(two, r.r2);
        }
    }

    /// The same by bytes; a bye is never refused.
    @JCStressTest
    @Outcome(id = "ACCEPTED, ACCEPTED, 12 2", expect = ACCEPTABLE)
    @Outcome(id = "FULL, ACCEPTED, 2 1", expect = ACCEPTABLE)
    @Outcome(id = "CLOSED, ACCEPTED, 2 1", expect = ACCEPTABLE)
    @State
    public static class PostAgainstByeAtTheBound {
        private final SendQueue queue = queue(MANY, 16, new StressOutlet());
        private final Slot one = slot(OpCode.SIGNAL, 1);
        private final Slot two = slot(OpCode.BYE_REQUEST, 2);

        @Actor
        public void poster(LLL_Result r) {
            r.r1 = queue.offer(one, false, false);
        }

        @Actor
        public void leaver(LLL_Result r) {
            r.r2 = queue.offer(two, true, false);
        }

        @Arbiter
        public void rest(LLL_Result r) {
            int messages = queue.messages();
            r.r3 = drain(queue) + " " + messages;
            release(one, r.r1);
            release(two, r.r2);
        }
    }

    /// Two posts against a drain: all come out in order, and the loop is asked for whenever it
    /// would not look by itself.
    @JCStressTest
    @Outcome(id = "12, -, 1", expect = ACCEPTABLE)
    @Outcome(id = "12, -, 2", expect = ACCEPTABLE, desc = "asked for between look and drain")
    @Outcome(id = "1, 2, 1", expect = ACCEPTABLE, desc = "asked for behind the look")
    @Outcome(id = "1, 2, 2", expect = ACCEPTABLE)
    @Outcome(id = "-, 12, 1", expect = ACCEPTABLE)
    @State
    public static class PostAgainstDrain {
        private final StressOutlet outlet = new StressOutlet();
        private final SendQueue queue = queue(MANY, MANY, outlet);
        private final Slot one = slot(OpCode.SIGNAL, 1);
        private final Slot two = slot(OpCode.SIGNAL, 2);

        @Actor
        public void poster() {
            queue.offer(one, false, false);
            queue.offer(two, false, false);
        }

        @Actor
        public void loop(LLL_Result r) {
            queue.look();
            r.r1 = drain(queue);
        }

        @Arbiter
        public void rest(LLL_Result r) {
            r.r2 = drain(queue);
            r.r3 = outlet.scheduled();
        }
    }

    /// A post against the end of the channel: accepted and comes out, or refused and the caller's.
    @JCStressTest
    @Outcome(id = "ACCEPTED, taken, 1 1", expect = ACCEPTABLE)
    @Outcome(id = "CLOSED, LEASE, - 0", expect = ACCEPTABLE)
    @State
    public static class PostAgainstClose {
        private final SendQueue queue = queue(MANY, MANY, new StressOutlet());
        private final Slot slot = slot(OpCode.SIGNAL, 1);

        @Actor
        public void poster(LLL_Result r) {
            r.r1 = queue.offer(slot, false, false);
        }

        @Actor
        public void loop() {
            queue.close();
        }

        @Arbiter
        public void rest(LLL_Result r) {
            boolean accepted = r.r1 == SendQueue.Outcome.ACCEPTED;
            int messages = queue.messages();
            r.r2 = accepted ? "taken" : slot.owner();
            r.r3 = left(queue) + " " + messages;
            release(slot, r.r1);
        }
    }

    /// The same with a ByeSignal, which is out of band.
    @JCStressTest
    @Outcome(id = "ACCEPTED, taken, 1 1", expect = ACCEPTABLE)
    @Outcome(id = "CLOSED, LEASE, - 0", expect = ACCEPTABLE)
    @State
    public static class UrgentAgainstClose {
        private final SendQueue queue = queue(MANY, MANY, new StressOutlet());
        private final Slot slot = slot(OpCode.BYE_SIGNAL, 1);

        public UrgentAgainstClose() {
            slot.outOfBand(true);
        }

        @Actor
        public void poster(LLL_Result r) {
            r.r1 = queue.offer(slot, true, false);
        }

        @Actor
        public void loop() {
            queue.close();
        }

        @Arbiter
        public void rest(LLL_Result r) {
            boolean accepted = r.r1 == SendQueue.Outcome.ACCEPTED;
            int messages = queue.messages();
            r.r2 = accepted ? "taken" : slot.owner();
            r.r3 = left(queue) + " " + messages;
            release(slot, r.r1);
        }
    }

    /// A ByeSignal against messages in order: the loop, once called, finds whatever was accepted.
    @JCStressTest
    @Outcome(id = "ACCEPTED ACCEPTED, 12", expect = ACCEPTABLE)
    @Outcome(id = "CLOSED ACCEPTED, 2", expect = ACCEPTABLE)
    @State
    public static class PostAgainstByeSignal {
        private final StressOutlet outlet = new StressOutlet();
        private final SendQueue queue = queue(MANY, MANY, outlet);
        private final Slot one = slot(OpCode.SIGNAL, 1);
        private final Slot two = slot(OpCode.BYE_SIGNAL, 2);
        private SendQueue.Outcome posted = SendQueue.Outcome.FULL;
        private SendQueue.Outcome left = SendQueue.Outcome.FULL;

        public PostAgainstByeSignal() {
            two.outOfBand(true);
        }

        @Actor
        public void poster() {
            posted = queue.offer(one, false, false);
        }

        @Actor
        public void leaver() {
            left = queue.offer(two, true, false);
        }

        @Arbiter
        public void rest(LL_Result r) {
            r.r1 = posted + " " + left;
            String sent = drain(queue);
            queue.close();
            String ids = ("-".equals(sent) ? "" : sent) + left(queue);
            r.r2 = outlet.scheduled() == 0 ? "loop not called" : ids;
            release(one, posted);
            release(two, left);
        }
    }
}
