package tofu.pool;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;

/// [FreeList]: whatever is popped, pushed and taken as a whole at once, each slot has one place.
public final class FreeListStress {
    private FreeListStress() {}

    /// A list of the slots 1 to 3, 1 on top.
    private static FreeList three() {
        FreeList list = new FreeList(3);
        Slot[] slots = new Slot[3];
        for (int i = 0; i < 3; i++) {
            slots[i] = LooseSlots.make(i, i + 1, Slot.Owner.FREE);
            slots[i].nextFree = i < 2 ? i + 2 : 0;
        }
        list.add(0, slots);
        list.pushChain(slots[0], slots[2]);
        return list;
    }

    private static String id(@Nullable Slot slot) {
        return slot == null ? "-" : Integer.toString(slot.index + 1);
    }

    private static void push(FreeList list, @Nullable Slot slot) {
        if (slot != null) {
            list.pushChain(slot, slot);
        }
    }

    /// The slots from one on, as they are linked.
    private static String chain(FreeList list, @Nullable Slot first) {
        StringBuilder ids = new StringBuilder();
        Slot slot = first;
        while (slot != null && ids.length() < 9) {
            ids.append(id(slot));
            slot = list.linked(slot.nextFree);
        }
        return ids.isEmpty() ? "-" : ids.toString();
    }

    /// Two poppers get two slots.
    @JCStressTest
    @Outcome(id = "1, 2, 3", expect = ACCEPTABLE)
    @Outcome(id = "2, 1, 3", expect = ACCEPTABLE)
    @State
    public static class PopAgainstPop {
        private final FreeList list = three();

        @Actor
        public void one(LLL_Result r) {
            r.r1 = id(list.pop());
        }

        @Actor
        public void other(LLL_Result r) {
            r.r2 = id(list.pop());
        }

        @Arbiter
        public void rest(LLL_Result r) {
            r.r3 = chain(list, list.popAll());
        }
    }

    /// The top is taken, the next one too, and the top put back: a popper who has read the top and
    /// its old link must notice (ABA).
    @JCStressTest
    @Outcome(id = "1, 3, 2", expect = ACCEPTABLE, desc = "first; the other then took 2 and 3")
    @Outcome(id = "2, 3, 1", expect = ACCEPTABLE, desc = "between the other's two")
    @Outcome(id = "3, 2, 1", expect = ACCEPTABLE, desc = "after the other's two")
    @Outcome(id = "1, 2, 3", expect = ACCEPTABLE, desc = "after the other had put 1 back")
    @State
    public static class PopAgainstPopPopPush {
        private final FreeList list = three();

        @Actor
        public void one(LLL_Result r) {
            r.r1 = id(list.pop());
        }

        @Actor
        public void other(LLL_Result r) {
            Slot top = list.pop();
            Slot next = list.pop();
            push(list, top);
            r.r2 = id(next);
        }

        @Arbiter
        public void rest(LLL_Result r) {
            r.r3 = chain(list, list.popAll());
        }
    }

    /// A popper, and one who takes all.
    @JCStressTest
    @Outcome(id = "1, 23, -", expect = ACCEPTABLE)
    @Outcome(id = "-, 123, -", expect = ACCEPTABLE)
    @State
    public static class PopAgainstPopAll {
        private final FreeList list = three();

        @Actor
        public void popper(LLL_Result r) {
            r.r1 = id(list.pop());
        }

        @Actor
        public void trimmer(LLL_Result r) {
            r.r2 = chain(list, list.popAll());
        }

        @Arbiter
        public void rest(LLL_Result r) {
            r.r3 = chain(list, list.popAll());
        }
    }

    /// One who puts a slot back, and one who takes all.
    @JCStressTest
    @Outcome(id = "123, -", expect = ACCEPTABLE)
    @Outcome(id = "23, 1", expect = ACCEPTABLE)
    @State
    public static class PushAgainstPopAll {
        private final FreeList list = three();
        private final @Nullable Slot top = list.pop();

        @Actor
        public void pusher() {
            push(list, top);
        }

        @Actor
        public void trimmer(LL_Result r) {
            r.r1 = chain(list, list.popAll());
        }

        @Arbiter
        public void rest(LL_Result r) {
            r.r2 = chain(list, list.popAll());
        }
    }

    /// A trim that has freed slot 1's memory and puts the others back: a popper gets what is in the
    /// list, and never slot 1 after it was freed.
    @JCStressTest
    @Outcome(id = "1, 23 left", expect = ACCEPTABLE, desc = "before the trim, which keeps it then")
    @Outcome(id = "-, 23 left", expect = ACCEPTABLE, desc = "while the trim had all in hand")
    @Outcome(id = "2, 3 left", expect = ACCEPTABLE, desc = "after the trim")
    @State
    public static class PopAgainstTrim {
        private final FreeList list = three();

        @Actor
        public void popper(LL_Result r) {
            r.r1 = id(list.pop());
        }

        @Actor
        public void trimmer() {
            Slot first = list.popAll();
            if (first != null && first.index == 0) {
                first = list.linked(first.nextFree);
            }
            Slot last = list.linked(3);
            if (first != null && last != null) {
                list.pushChain(first, last);
            }
        }

        @Arbiter
        public void rest(LL_Result r) {
            r.r2 = chain(list, list.popAll()) + " left";
        }
    }
}
