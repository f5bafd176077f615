package tofu.pool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/// [SlotReturns]: slots that come back together are there together, and whoever waits is told.
public final class SlotReturnsStress {
    private static final Shelf<PoolRig> OF_TWO = new Shelf<>(() -> new PoolRig(2));

    private SlotReturnsStress() {}

    /// Both messages come back while both are asked for.
    @JCStressTest
    @Outcome(id = "0, whole", expect = ACCEPTABLE)
    @Outcome(id = "1, whole", expect = ACCEPTABLE)
    @Outcome(id = "2, whole", expect = ACCEPTABLE)
    @State
    public static class FlushAgainstTake {
        private final PoolRig rig = OF_TWO.take();
        private final SlotReturns returns = new SlotReturns();
        private final Slot one = rig.taken();
        private final Slot two = rig.taken();
        private @Nullable Slot first;
        private @Nullable Slot second;

        @Actor
        public void loop() {
            returns.add(one, Slot.Owner.QUEUE);
            returns.add(two, Slot.Owner.QUEUE);
            returns.flush();
        }

        @Actor
        public void application() {
            first = rig.take();
            second = rig.take();
        }

        @Arbiter
        public void rest(LL_Result r) {
            int taken = (first == null ? 0 : 1) + (second == null ? 0 : 1);
            r.r1 = first != null && first == second ? "the same twice" : taken;
            PoolRig.release(first);
            PoolRig.release(second);
            r.r2 = rig.books(2);
            OF_TWO.putBack(rig);
        }
    }

    /// Both messages come back while somebody finds the pool empty: he gets one, or is told.
    @JCStressTest
    @Outcome(id = "got, whole", expect = ACCEPTABLE)
    @Outcome(id = "told, whole", expect = ACCEPTABLE)
    @State
    public static class FlushAgainstAsk {
        private final PoolRig rig = OF_TWO.take();
        private final SlotReturns returns = new SlotReturns();
        private final Slot one = rig.taken();
        private final Slot two = rig.taken();
        private @Nullable Slot taken;

        @Actor
        public void loop() {
            returns.add(one, Slot.Owner.QUEUE);
            returns.add(two, Slot.Owner.QUEUE);
            returns.flush();
        }

        @Actor
        public void otherLoop() {
            taken = rig.takeOrAsk();
        }

        @Arbiter
        public void rest(LL_Result r) {
            r.r1 = taken != null ? "got" : rig.told() > 0 ? "told" : "not told";
            PoolRig.release(taken);
            r.r2 = rig.books(2);
            OF_TWO.putBack(rig);
        }
    }
}
