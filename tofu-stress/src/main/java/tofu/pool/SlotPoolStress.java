package tofu.pool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import tofu.api.AllocationStrategy;
import tofu.api.AmpeException;

/// [SlotPool]: never more messages out than the limit, whoever was refused is told, and no memory
/// is left after the end.
public final class SlotPoolStress {
    private static final Shelf<PoolRig> OF_ONE = new Shelf<>(() -> new PoolRig(1));

    private SlotPoolStress() {}

    private static String outcome(@Nullable Slot slot) {
        return slot == null ? "refused" : "got";
    }

    /// The last message is asked for twice at the same time.
    @JCStressTest
    @Outcome(id = "got, refused, whole", expect = ACCEPTABLE)
    @Outcome(id = "refused, got, whole", expect = ACCEPTABLE)
    @State
    public static class TakeAgainstTake {
        private final PoolRig rig = OF_ONE.take();
        private @Nullable Slot first;
        private @Nullable Slot second;

        @Actor
        public void one(LLL_Result r) {
            first = rig.take();
            r.r1 = outcome(first);
        }

        @Actor
        public void other(LLL_Result r) {
            second = rig.take();
            r.r2 = outcome(second);
        }

        @Arbiter
        public void rest(LLL_Result r) {
            PoolRig.release(first);
            PoolRig.release(second);
            r.r3 = rig.books(1);
            OF_ONE.putBack(rig);
        }
    }

    /// The only message comes back while somebody finds the pool empty: he gets it, or is told.
    @JCStressTest
    @Outcome(id = "got, not told, whole", expect = ACCEPTABLE)
    @Outcome(id = "got, told, whole", expect = ACCEPTABLE, desc = "got it after he had asked")
    @Outcome(id = "refused, told, whole", expect = ACCEPTABLE)
    @State
    public static class AskAgainstRelease {
        private final PoolRig rig = OF_ONE.take();
        private final Slot out = rig.taken();
        private @Nullable Slot taken;

        @Actor
        public void loop() {
            taken = rig.takeOrAsk();
        }

        @Actor
        public void application() {
            out.release(Slot.Owner.QUEUE);
        }

        @Arbiter
        public void rest(LLL_Result r) {
            r.r1 = outcome(taken);
            r.r2 = rig.told() > 0 ? "told" : "not told";
            PoolRig.release(taken);
            r.r3 = rig.books(1);
            OF_ONE.putBack(rig);
        }
    }

    /// Two loops ask for the only message while it comes back. Who did not get it is told, now or
    /// when the other gives it back.
    @JCStressTest
    @Outcome(id = "got, refused, told", expect = ACCEPTABLE)
    @Outcome(id = "refused, got, told", expect = ACCEPTABLE)
    @State
    public static class AskAgainstReleaseAndAsk {
        private final PoolRig rig = OF_ONE.take();
        private final Slot out = rig.taken();
        private @Nullable Slot first;
        private @Nullable Slot second;

        @Actor
        public void loop() {
            first = rig.takeOrAsk();
        }

        @Actor
        public void otherLoop() {
            out.release(Slot.Owner.QUEUE);
            second = rig.takeOrAsk();
        }

        @Arbiter
        public void rest(LLL_Result r) {
            r.r1 = outcome(first);
            r.r2 = outcome(second);
            PoolRig.release(first);
            PoolRig.release(second);
            r.r3 = rig.told() > 0 ? "told" : "not told";
            if (rig.books(1).equals("whole")) {
                OF_ONE.putBack(rig);
            }
        }
    }

    /// A large message is counted, then refused for want of memory; a small one that was refused
    /// because of that is told.
    @JCStressTest
    @Outcome(id = "refused, got, whole", expect = ACCEPTABLE)
    @Outcome(id = "refused, told, whole", expect = ACCEPTABLE)
    @State
    public static class AskAgainstWantOfMemory {
        private static final int LARGE = 60_000;

        private final PoolRig rig = OF_ONE.take();
        private @Nullable Slot large;
        private @Nullable Slot small;

        @Actor
        public void greedy() {
            large = rig.pool.take(LARGE, AllocationStrategy.POOL_ONLY, Slot.Owner.QUEUE);
        }

        @Actor
        public void modest() {
            small = rig.takeOrAsk();
        }

        @Arbiter
        public void rest(LLL_Result r) {
            r.r1 = outcome(large);
            r.r2 = small != null ? "got" : rig.told() > 0 ? "told" : "not told";
            PoolRig.release(large);
            PoolRig.release(small);
            r.r3 = rig.books(1);
            OF_ONE.putBack(rig);
        }
    }

    /// A load beyond the limit ends, so that slabs are freed, while slots are taken: what was taken
    /// has memory, and the books are right.
    @JCStressTest
    @Outcome(id = "written, 0 out, books right", expect = ACCEPTABLE)
    @State
    public static class TakeAgainstTrim {
        private static final int MAX_MESSAGES = 2;

        /// Slabs of two small slots.
        private static final long SMALL_CAP = 16 << 10;

        private final SlotPool pool = StressPools.small(MAX_MESSAGES, SMALL_CAP);
        private final @Nullable Slot[] out = new Slot[6];

        public TakeAgainstTrim() {
            for (int i = 0; i < out.length; i++) {
                out[i] = pool.take(16, AllocationStrategy.ALWAYS, Slot.Owner.QUEUE);
            }
        }

        @Actor
        public void ending() {
            for (Slot slot : out) {
                PoolRig.release(slot);
            }
        }

        @Actor
        public void taker(LLL_Result r) {
            for (int i = 1; i <= 3; i++) {
                Slot slot = pool.take(16, AllocationStrategy.ALWAYS, Slot.Owner.QUEUE);
                if (slot == null) {
                    r.r1 = "nothing";
                    return;
                }
                slot.id(i);
                r.r1 = slot.id() == i ? "written" : "torn";
                slot.release(Slot.Owner.QUEUE);
            }
        }

        @Arbiter
        public void rest(LLL_Result r) {
            r.r2 = pool.messagesOut() + " out";
            Map<Slot.Owner, Integer> census = pool.census();
            long slots = census.getOrDefault(Slot.Owner.FREE, 0);
            boolean right = census.size() == 1 && pool.bytesAllocated() == slots * 128;
            r.r3 = right ? "books right" : census + " in " + pool.bytesAllocated();
            pool.close();
        }
    }

    /// A magazine is filled from the free list, while a load beyond the limit ends, so that slabs
    /// are freed, and somebody who found the pool empty calls all slots out of the magazines.
    @JCStressTest
    @Outcome(id = "0 out, books right", expect = ACCEPTABLE)
    @State
    public static class FillAgainstTrimAndRecall {
        /// Magazines have two slots, slabs eight.
        private static final int MAX_MESSAGES = 128;

        private final SlotPool pool = StressPools.small(MAX_MESSAGES, PoolRig.CAP);
        private final @Nullable Slot[] out = new Slot[160];

        public FillAgainstTrimAndRecall() {
            for (int i = 0; i < out.length; i++) {
                out[i] = pool.take(16, AllocationStrategy.ALWAYS, Slot.Owner.QUEUE);
            }
            for (int i = 0; i < 70; i++) {
                PoolRig.release(out[i]);
            }
        }

        @Actor
        public void filler() {
            for (int i = 0; i < 4; i++) {
                PoolRig.release(pool.take(16, AllocationStrategy.POOL_ONLY, Slot.Owner.QUEUE));
            }
        }

        @Actor
        public void trimmer() {
            for (int i = 70; i < out.length; i++) {
                PoolRig.release(out[i]);
            }
        }

        @Actor
        public void recaller() {
            pool.awaitRefill();
            PoolRig.release(pool.take(16, AllocationStrategy.POOL_ONLY, Slot.Owner.QUEUE));
        }

        @Arbiter
        public void rest(LL_Result r) {
            r.r1 = pool.messagesOut() + " out";
            Map<Slot.Owner, Integer> census = pool.census();
            long slots = census.getOrDefault(Slot.Owner.FREE, 0);
            boolean right = census.size() == 1 && pool.bytesAllocated() == slots * 128;
            pool.close();
            right &= pool.bytesAllocated() == 0;
            r.r2 = right ? "books right" : census + " in " + pool.bytesAllocated();
        }
    }

    /// The last message comes back while the pool closes: its memory is freed.
    @JCStressTest
    @Outcome(id = "0 bytes, 0 out", expect = ACCEPTABLE)
    @State
    public static class ReleaseAgainstClose {
        private final SlotPool pool = StressPools.small(1, PoolRig.CAP);
        private final SlabMessage message = StressPools.get(pool);

        @Actor
        public void application() {
            message.close();
        }

        @Actor
        public void closer() {
            pool.close();
        }

        @Arbiter
        public void rest(LL_Result r) {
            r.r1 = pool.bytesAllocated() + " bytes";
            r.r2 = pool.messagesOut() + " out";
        }
    }

    /// Two messages come back while the pool closes: whoever frees the memory, all of it is freed.
    @JCStressTest
    @Outcome(id = "0 bytes, 0 out", expect = ACCEPTABLE)
    @State
    public static class ReleaseAgainstReleaseAndClose {
        private final SlotPool pool = StressPools.small(2, PoolRig.CAP);
        private final SlabMessage one = StressPools.get(pool);
        private final SlabMessage two = StressPools.get(pool);

        @Actor
        public void application() {
            one.close();
        }

        @Actor
        public void closer() {
            pool.close();
            two.close();
        }

        @Arbiter
        public void rest(LL_Result r) {
            r.r1 = pool.bytesAllocated() + " bytes";
            r.r2 = pool.messagesOut() + " out";
        }
    }

    /// A message is asked for while the pool closes: refused, or given and freed when it is closed.
    @JCStressTest
    @Outcome(id = "got, 0 bytes, 0 out", expect = ACCEPTABLE)
    @Outcome(id = "SHUTDOWN_STARTED, 0 bytes, 0 out", expect = ACCEPTABLE)
    @State
    public static class GetAgainstClose {
        private final SlotPool pool = StressPools.small(1, PoolRig.CAP);

        @Actor
        public void application(LLL_Result r) {
            try (SlabMessage message = StressPools.get(pool)) {
                r.r1 = message.isEmptied() ? "empty" : "got";
            } catch (AmpeException e) {
                r.r1 = e.status();
            }
        }

        @Actor
        public void closer() {
            pool.close();
        }

        @Arbiter
        public void rest(LLL_Result r) {
            r.r2 = pool.bytesAllocated() + " bytes";
            r.r3 = pool.messagesOut() + " out";
        }
    }
}
