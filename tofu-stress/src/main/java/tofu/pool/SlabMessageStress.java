package tofu.pool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;
import tofu.api.AllocationStrategy;
import tofu.api.OpCode;

/// [SlabMessage]: what one thread wrote into a message is what the next owner reads, by way of a
/// queue or of the pool.
public final class SlabMessageStress {
    private static final SlotPool POOL = StressPools.large();

    private SlabMessageStress() {}

    /// A lease is filled and moved to a queue, the consumer makes a lease of it.
    @JCStressTest
    @Outcome(id = "-, moved", expect = ACCEPTABLE)
    @Outcome(id = "REQUEST 42 of 7: text, moved", expect = ACCEPTABLE)
    @State
    public static class HandOverThroughAQueue {
        private final MailQueue queue = new MailQueue();
        private final SlabMessage lease = StressPools.get(POOL);

        @Actor
        public void producer() {
            lease.opCode(OpCode.REQUEST).id(42).channel(7).body().append("text");
            queue.offer(lease.slot().handOver(Slot.Owner.LEASE, Slot.Owner.QUEUE));
            lease.moved();
        }

        @Actor
        public void consumer(LL_Result r) {
            MailChain chain = new MailChain();
            queue.drainTo(chain);
            Slot slot = (Slot) chain.pollFirst();
            if (slot == null) {
                r.r1 = "-";
                return;
            }
            slot.handOver(Slot.Owner.QUEUE, Slot.Owner.LEASE);
            try (SlabMessage message = new SlabMessage(slot, null)) {
                String header = message.opCode() + " " + message.id() + " of " + message.channel();
                r.r1 = header + ": " + message.body().text();
            }
        }

        @Arbiter
        public void rest(LL_Result r) {
            r.r2 = lease.isEmptied() ? "moved" : "kept";
            MailChain left = new MailChain();
            queue.drainTo(left);
            left.discardAll();
        }
    }

    /// A message is closed while another thread gets one: if it gets the same slot, what it writes
    /// is what it reads.
    @JCStressTest
    @Outcome(id = "5, whole", expect = ACCEPTABLE)
    @State
    public static class CloseAgainstGet {
        private final SlabMessage old = StressPools.get(POOL);

        @Actor
        public void closer() {
            old.id(4).body().append("old");
            old.close();
        }

        @Actor
        public void getter(LL_Result r) {
            try (SlabMessage fresh = StressPools.get(POOL)) {
                boolean clear = fresh.id() == 0 && fresh.body().length() == 0;
                fresh.id(5).body().append("new");
                r.r2 = clear && fresh.body().text().equals("new") ? "whole" : "torn";
                r.r1 = fresh.id();
            }
        }
    }

    /// A message that outgrows its slot, against one who takes slots of both sizes.
    @JCStressTest
    @Outcome(id = "x300 4, whole", expect = ACCEPTABLE)
    @State
    public static class GrowAgainstGet {
        private static final String LONG = "x".repeat(300);

        private final SlabMessage growing = StressPools.get(POOL);

        @Actor
        public void grower(LL_Result r) {
            growing.id(4).body().append(LONG);
            String body = growing.body().text();
            r.r1 = (body.equals(LONG) ? "x300 " : body) + growing.id();
            growing.close();
        }

        @Actor
        public void getter(LL_Result r) {
            Slot small = POOL.take(16, AllocationStrategy.ALWAYS, Slot.Owner.QUEUE);
            Slot large = POOL.take(320, AllocationStrategy.ALWAYS, Slot.Owner.QUEUE);
            r.r2 = mark(small) + mark(large) == 3 ? "whole" : "torn";
            release(small);
            release(large);
        }

        private static long mark(@Nullable Slot slot) {
            if (slot == null) {
                return 0;
            }
            long mark = slot.capacity() < 320 ? 1 : 2;
            slot.id(mark);
            Thread.onSpinWait();
            return slot.id();
        }

        private static void release(@Nullable Slot slot) {
            if (slot != null) {
                slot.release(Slot.Owner.QUEUE);
            }
        }
    }
}
