package tofu.engine.channel;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import tofu.api.OpCode;
import tofu.pool.HeaderLayout;
import tofu.pool.LooseSlots;
import tofu.pool.Slot;
import tofu.pool.MailChain;

/// [SendQueue] between those who post: the bound holds, what is accepted comes out once, and what
/// is refused stays the caller's. What concerns waiting for room is in [SendRoomStress].
public final class SendQueueStress {
    private static final int MANY = 1_000;

    private SendQueueStress() {}

    static Slot slot(OpCode opCode, long id) {
        Slot slot = LooseSlots.make(id, Slot.Owner.LEASE);
        slot.opCode(opCode);
        return slot;
    }

    static SendQueue queue(int maxMessages, int maxBytes, StressOutlet outlet) {
        return new SendQueue(maxMessages, maxBytes, outlet, true);
    }

    private static String drain(SendQueue queue) {
        MailChain chain = new MailChain();
        queue.drainInOrder(chain);
        return LooseSlots.ids(chain);
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
            r.r3 = drain(queue) + " " + queue.messages();
        }
    }

    /// The same by bytes; a bye is never refused.
    @JCStressTest
    @Outcome(id = "ACCEPTED, ACCEPTED, 12 2", expect = ACCEPTABLE)
    @Outcome(id = "ACCEPTED, ACCEPTED, 21 2", expect = ACCEPTABLE, desc = "comes back later")
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
            r.r3 = drain(queue) + " " + queue.messages();
        }
    }

    /// Two posts against a drain: all come out in order, and the loop is asked for whenever it
    /// would not look by itself.
    @JCStressTest
    @Outcome(id = "12, -, 1", expect = ACCEPTABLE)
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
    @Outcome(id = "ACCEPTED, QUEUE, 1 1", expect = ACCEPTABLE)
    @Outcome(id = "CLOSED, LEASE, - 0", expect = ACCEPTABLE)
    @State
    public static class PostAgainstClose {
        private final SendQueue queue = queue(MANY, MANY, new StressOutlet());
        private final Slot slot = slot(OpCode.SIGNAL, 1);
        private final MailChain left = new MailChain();

        @Actor
        public void poster(LLL_Result r) {
            r.r1 = queue.offer(slot, false, false);
        }

        @Actor
        public void loop() {
            queue.close(left);
        }

        @Arbiter
        public void rest(LLL_Result r) {
            r.r2 = slot.owner();
            r.r3 = LooseSlots.ids(left) + " " + queue.messages();
        }
    }

    /// The same with a ByeSignal, which is out of band.
    @JCStressTest
    @Outcome(id = "ACCEPTED, QUEUE, 1 1", expect = ACCEPTABLE)
    @Outcome(id = "CLOSED, LEASE, - 0", expect = ACCEPTABLE)
    @State
    public static class UrgentAgainstClose {
        private final SendQueue queue = queue(MANY, MANY, new StressOutlet());
        private final Slot slot = slot(OpCode.BYE_SIGNAL, 1);
        private final MailChain left = new MailChain();

        public UrgentAgainstClose() {
            slot.outOfBand(true);
        }

        @Actor
        public void poster(LLL_Result r) {
            r.r1 = queue.offer(slot, true, false);
        }

        @Actor
        public void loop() {
            queue.close(left);
        }

        @Arbiter
        public void rest(LLL_Result r) {
            r.r2 = slot.owner();
            r.r3 = LooseSlots.ids(left) + " " + queue.messages();
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
            MailChain chain = new MailChain();
            queue.drainInOrder(chain);
            queue.drainOutOfBand(chain);
            r.r2 = outlet.scheduled() == 0 ? "loop not called" : LooseSlots.ids(chain);
        }
    }
}
