package tofu.engine;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import tofu.pool.LongSleep;
import tofu.pool.LooseSlots;
import tofu.pool.MailBatch;
import tofu.pool.PoolRig;
import tofu.pool.Shelf;
import tofu.pool.Slot;
import tofu.pool.SlotPool;
import tofu.pool.StressPools;

/// [Inbox]: whoever waits is woken, and what a closed inbox had is freed.
public final class InboxStress {
    private static final Shelf<PoolRig> POOLS = new Shelf<>(() -> new PoolRig(2));

    private static final SlotPool MESSAGES = StressPools.large();
    private static final Environment ENVIRONMENT = new SystemEnvironment();

    private InboxStress() {}

    private static Slot loose(long id) {
        return LooseSlots.make(id, Slot.Owner.QUEUE);
    }

    /// Waits as a receiver does.
    ///
    /// @return the id of what came, "-" if waiting was stopped, or "not woken"
    private static String receive(Inbox inbox, boolean untilStopped) {
        while (true) {
            Slot slot = inbox.first(ENVIRONMENT);
            if (slot != null) {
                inbox.removeFirst();
                return Long.toString(slot.id());
            }
            if (!LongSleep.isCutShort(() -> inbox.await(ENVIRONMENT, LongSleep.NANOS))) {
                return "not woken";
            }
            if (untilStopped) {
                return "-";
            }
        }
    }

    /// A message comes while its receiver begins to wait.
    @JCStressTest
    @Outcome(id = "1, true", expect = ACCEPTABLE)
    @State
    public static class OfferAgainstAwait {
        private final Inbox inbox = new Inbox(MESSAGES, 1_024, () -> {});
        private final Slot slot = loose(1);

        @Actor
        public void receiver(LL_Result r) {
            r.r1 = receive(inbox, false);
        }

        @Actor
        public void producer(LL_Result r) {
            r.r2 = inbox.offer(slot);
        }
    }

    /// Two messages come, the second behind the first or not: the receiver gets both.
    @JCStressTest
    @Outcome(id = "1 2, true", expect = ACCEPTABLE)
    @State
    public static class OffersAgainstAwaits {
        private final Inbox inbox = new Inbox(MESSAGES, 1_024, () -> {});
        private final Slot one = loose(1);
        private final Slot two = loose(2);

        @Actor
        public void receiver(LL_Result r) {
            String first = receive(inbox, false);
            r.r1 = first + " " + receive(inbox, false);
        }

        @Actor
        public void producer(LL_Result r) {
            r.r2 = inbox.offer(one) && inbox.offer(two);
        }
    }

    /// A batch of the loop comes while the receiver begins to wait.
    @JCStressTest
    @Outcome(id = "1 2, true", expect = ACCEPTABLE)
    @State
    public static class BatchAgainstAwait {
        private final Inbox inbox = new Inbox(MESSAGES, 1_024, () -> {});
        private final MailBatch batch = new MailBatch();

        public BatchAgainstAwait() {
            batch.add(loose(1));
            batch.add(loose(2));
        }

        @Actor
        public void receiver(LL_Result r) {
            String first = receive(inbox, false);
            r.r1 = first + " " + receive(inbox, false);
        }

        @Actor
        public void loop(LL_Result r) {
            inbox.offer(batch);
            r.r2 = batch.isEmpty();
        }
    }

    /// The group is refused while its receiver begins to wait.
    @JCStressTest
    @Outcome(id = "-, stopped", expect = ACCEPTABLE)
    @State
    public static class StopAgainstAwait {
        private final Inbox inbox = new Inbox(MESSAGES, 1_024, () -> {});

        @Actor
        public void receiver(LL_Result r) {
            // A wait may end for no reason; the last one may not begin after the stop.
            r.r1 = receive(inbox, true);
            r.r1 = receive(inbox, true);
        }

        @Actor
        public void closer(LL_Result r) {
            inbox.stopWaiting();
            r.r2 = "stopped";
        }
    }

    /// An update against the end of the group: accepted and freed, or refused and the caller's.
    @JCStressTest
    @Outcome(id = "true, 0 out, told 1", expect = ACCEPTABLE)
    @Outcome(id = "false, 1 out, told 0", expect = ACCEPTABLE)
    @State
    public static class OfferAgainstClose {
        private final PoolRig rig = POOLS.take();
        private final Inbox inbox = new Inbox(MESSAGES, 1_024, () -> {});
        private final Slot slot = rig.taken();
        private final AtomicInteger told = new AtomicInteger();

        public OfferAgainstClose() {
            slot.source(frameLength -> told.incrementAndGet());
        }

        @Actor
        public void producer(LLL_Result r) {
            r.r1 = inbox.offer(slot);
        }

        @Actor
        public void closer() {
            inbox.close(ENVIRONMENT);
        }

        @Arbiter
        public void rest(LLL_Result r) {
            r.r2 = rig.out() + " out";
            r.r3 = "told " + told;
            if (rig.out() > 0) {
                slot.source(null);
                slot.release(Slot.Owner.QUEUE);
            }
            POOLS.putBack(rig);
        }
    }

    /// A batch against the end of the group: freed in any case, and its sources told once.
    @JCStressTest
    @Outcome(id = "0 out, told 2", expect = ACCEPTABLE)
    @State
    public static class BatchAgainstClose {
        private final PoolRig rig = POOLS.take();
        private final Inbox inbox = new Inbox(MESSAGES, 1_024, () -> {});
        private final MailBatch batch = new MailBatch();
        private final Slot one = rig.taken();
        private final Slot two = rig.taken();
        private final AtomicInteger told = new AtomicInteger();

        public BatchAgainstClose() {
            one.source(frameLength -> told.incrementAndGet());
            two.source(frameLength -> told.incrementAndGet());
            batch.add(one);
            batch.add(two);
        }

        @Actor
        public void loop() {
            inbox.offer(batch);
        }

        @Actor
        public void closer() {
            inbox.close(ENVIRONMENT);
        }

        @Arbiter
        public void rest(LL_Result r) {
            r.r1 = rig.out() + " out";
            r.r2 = "told " + told;
            POOLS.putBack(rig);
        }
    }

    /// A receiver against the end of the group: he gets the message, or it is freed.
    @JCStressTest
    @Outcome(id = "got, told 1", expect = ACCEPTABLE)
    @Outcome(id = "freed, told 1", expect = ACCEPTABLE)
    @State
    public static class ReceiverAgainstClose {
        private final PoolRig rig = POOLS.take();
        private final Inbox inbox = new Inbox(MESSAGES, 1_024, () -> {});
        private final Slot slot = rig.taken();
        private final AtomicInteger told = new AtomicInteger();
        private @Nullable Slot got;

        public ReceiverAgainstClose() {
            slot.source(frameLength -> told.incrementAndGet());
            inbox.offer(slot);
        }

        @Actor
        public void receiver() {
            if (inbox.enter()) {
                try {
                    got = inbox.first(ENVIRONMENT);
                    if (got != null) {
                        inbox.removeFirst();
                    }
                } finally {
                    inbox.leave();
                }
            }
        }

        @Actor
        public void closer() {
            inbox.close(ENVIRONMENT);
        }

        @Arbiter
        public void rest(LL_Result r) {
            r.r1 = got != null ? "got" : rig.out() == 0 ? "freed" : "lost";
            r.r2 = "told " + told;
            if (got != null) {
                got.release(Slot.Owner.LEASE);
            }
            POOLS.putBack(rig);
        }
    }
}
