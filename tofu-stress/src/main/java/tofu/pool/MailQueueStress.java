package tofu.pool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;

/// [MailQueue]: every slot comes out once and in order, `FIRST` is told once per emptying, and a
/// closed queue keeps nothing.
public final class MailQueueStress {
    private MailQueueStress() {}

    private static Slot slot(long id) {
        return LooseSlots.make(id, Slot.Owner.QUEUE);
    }

    private static String drain(MailQueue queue) {
        MailChain chain = new MailChain();
        queue.drainTo(chain);
        return LooseSlots.ids(chain);
    }

    private static String close(MailQueue queue) {
        MailChain chain = new MailChain();
        queue.closeTo(chain);
        return LooseSlots.ids(chain);
    }

    /// Two producers: one of them is first, and its slot comes out first.
    @JCStressTest
    @Outcome(id = "FIRST, BEHIND, 12", expect = ACCEPTABLE)
    @Outcome(id = "BEHIND, FIRST, 21", expect = ACCEPTABLE)
    @State
    public static class TwoProducers {
        private final MailQueue queue = new MailQueue();
        private final Slot one = slot(1);
        private final Slot two = slot(2);

        @Actor
        public void producer(LLL_Result r) {
            r.r1 = queue.offer(one);
        }

        @Actor
        public void other(LLL_Result r) {
            r.r2 = queue.offer(two);
        }

        @Arbiter
        public void rest(LLL_Result r) {
            r.r3 = drain(queue);
        }
    }

    /// A producer of two slots and a consumer: no slot is lost, doubled or overtaken, and whoever
    /// comes after an emptying is first again.
    @JCStressTest
    @Outcome(id = "FIRST BEHIND, -, 12", expect = ACCEPTABLE)
    @Outcome(id = "FIRST BEHIND, 12, -", expect = ACCEPTABLE)
    @Outcome(id = "FIRST FIRST, 1, 2", expect = ACCEPTABLE)
    @State
    public static class OfferAgainstDrain {
        private final MailQueue queue = new MailQueue();
        private final Slot one = slot(1);
        private final Slot two = slot(2);

        @Actor
        public void producer(LLL_Result r) {
            MailQueue.Offer first = queue.offer(one);
            MailQueue.Offer second = queue.offer(two);
            r.r1 = first + " " + second;
        }

        @Actor
        public void consumer(LLL_Result r) {
            r.r2 = drain(queue);
        }

        @Arbiter
        public void rest(LLL_Result r) {
            r.r3 = drain(queue);
        }
    }

    /// A slot lies there already: who is told `BEHIND` is taken together with it.
    @JCStressTest
    @Outcome(id = "BEHIND, 12, -", expect = ACCEPTABLE)
    @Outcome(id = "FIRST, 1, 2", expect = ACCEPTABLE)
    @State
    public static class OfferBehindAgainstDrain {
        private final MailQueue queue = new MailQueue();
        private final Slot two = slot(2);

        public OfferBehindAgainstDrain() {
            queue.offer(slot(1));
        }

        @Actor
        public void producer(LLL_Result r) {
            r.r1 = queue.offer(two);
        }

        @Actor
        public void consumer(LLL_Result r) {
            r.r2 = drain(queue);
        }

        @Arbiter
        public void rest(LLL_Result r) {
            r.r3 = drain(queue);
        }
    }

    /// Offers against a close: what is accepted comes out, what is refused does not.
    @JCStressTest
    @Outcome(id = "FIRST BEHIND, 12, CLOSED", expect = ACCEPTABLE)
    @Outcome(id = "FIRST CLOSED, 1, CLOSED", expect = ACCEPTABLE)
    @Outcome(id = "CLOSED CLOSED, -, CLOSED", expect = ACCEPTABLE)
    @State
    public static class OfferAgainstClose {
        private final MailQueue queue = new MailQueue();
        private final Slot one = slot(1);
        private final Slot two = slot(2);

        @Actor
        public void producer(LLL_Result r) {
            MailQueue.Offer first = queue.offer(one);
            MailQueue.Offer second = queue.offer(two);
            r.r1 = first + " " + second;
        }

        @Actor
        public void closer(LLL_Result r) {
            r.r2 = close(queue);
        }

        @Arbiter
        public void rest(LLL_Result r) {
            r.r3 = queue.offer(slot(3));
        }
    }

    /// A drain against a close: one of them gets the slot, and the queue stays closed.
    @JCStressTest
    @Outcome(id = "1, -, CLOSED", expect = ACCEPTABLE)
    @Outcome(id = "-, 1, CLOSED", expect = ACCEPTABLE)
    @State
    public static class DrainAgainstClose {
        private final MailQueue queue = new MailQueue();

        public DrainAgainstClose() {
            queue.offer(slot(1));
        }

        @Actor
        public void consumer(LLL_Result r) {
            r.r1 = drain(queue);
        }

        @Actor
        public void closer(LLL_Result r) {
            r.r2 = close(queue);
        }

        @Arbiter
        public void rest(LLL_Result r) {
            r.r3 = queue.offer(slot(3));
        }
    }

    /// A batch and a single slot: the batch stays together.
    @JCStressTest
    @Outcome(id = "FIRST BEHIND, 123", expect = ACCEPTABLE)
    @Outcome(id = "BEHIND FIRST, 312", expect = ACCEPTABLE)
    @State
    public static class BatchAgainstOffer {
        private final MailQueue queue = new MailQueue();
        private final MailBatch batch = new MailBatch();
        private final Slot three = slot(3);
        private MailQueue.Offer batched = MailQueue.Offer.CLOSED;
        private MailQueue.Offer single = MailQueue.Offer.CLOSED;

        public BatchAgainstOffer() {
            batch.add(slot(1));
            batch.add(slot(2));
        }

        @Actor
        public void loop() {
            batched = batch.moveTo(queue);
        }

        @Actor
        public void application() {
            single = queue.offer(three);
        }

        @Arbiter
        public void rest(LL_Result r) {
            r.r1 = batched + " " + single;
            r.r2 = drain(queue);
        }
    }
}
