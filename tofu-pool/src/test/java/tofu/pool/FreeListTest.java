package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FreeListTest {
    private static final int SLOTS = 16;

    private final SlotPool pool = Pools.ample();
    private final Slab slab =
            new Slab(new SizeClass(pool, 128, SLOTS, 0, new MessageCount(SLOTS)), 0, SLOTS);
    private final FreeList list = new FreeList(SLOTS);

    @AfterEach
    void freeMemory() {
        slab.unused = SLOTS;
        assertThat(slab.freeIfUnused()).isTrue();
        pool.close();
    }

    @Test
    void anEmptyListHasNothing() {
        assertThat(list.pop()).isNull();
        assertThat(list.popAll()).isNull();
    }

    @Test
    void theSlotReturnedLastGoesOutFirst() {
        list.add(0, slab.slots);
        list.pushChain(slab.slots[3], slab.slots[3]);
        list.pushChain(slab.slots[0], slab.slots[0]);
        list.pushChain(slab.slots[15], slab.slots[15]);

        assertThat(poppedIndexes()).containsExactly(15, 0, 3);
        assertThat(list.pop()).isNull();
    }

    @Test
    void aSlabIsPushedAtOnceAndComesOutInItsOrder() {
        pushSlab();

        assertThat(poppedIndexes())
                .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    }

    @Test
    void aSlabIsPushedBeforeWhatIsThere() {
        list.add(0, slab.slots);
        list.pushChain(slab.slots[9], slab.slots[9]);
        slab.slots[4].nextFree = slab.slots[5].index + 1;
        list.pushChain(slab.slots[4], slab.slots[5]);

        assertThat(poppedIndexes()).containsExactly(4, 5, 9);
    }

    @Test
    void allSlotsAreTakenAtOnceAndStayLinked() {
        pushSlab();

        Slot first = Objects.requireNonNull(list.popAll());

        assertThat(list.pop()).isNull();
        assertThat(list.popAll()).isNull();
        assertThat(first).isSameAs(slab.slots[0]);
        list.pushChain(first, slab.slots[SLOTS - 1]);
        assertThat(poppedIndexes()).hasSize(SLOTS).doesNotHaveDuplicates();
    }

    @Test
    void aTryThatFailedLeavesNothingBehindWhatThereWas() {
        list.add(0, slab.slots);
        list.pushChain(slab.slots[7], slab.slots[7]);
        @Nullable Slot[] into = {slab.slots[1], slab.slots[2], slab.slots[3], slab.slots[4]};

        assertThat(list.pop(into, 3)).isOne();
        assertThat(into).containsExactly(slab.slots[7], null, null, slab.slots[4]);
        assertThat(list.pop(into, 3)).isZero();
        assertThat(into).startsWith(null, null, null);
    }

    @Test
    void theTableDoublesSoThatManySlabsMoveItSeldom() {
        Set<Integer> sizes = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            list.makeRoom(i);
            sizes.add(list.slabsEnd());
        }

        assertThat(sizes).hasSizeLessThan(16);
    }

    @Test
    void threadsThatTakeAndReturnNeverShareASlotAndLoseNone() throws Exception {
        pushSlab();
        AtomicIntegerArray holders = new AtomicIntegerArray(SLOTS);
        Crew crew = new Crew();
        for (int seed = 0; seed < 3; seed++) {
            Random random = new Random(seed);
            crew.add(() -> takeAndReturn(random, 100_000, holders));
        }
        crew.add(() -> takeAllAndReturn(5_000, holders));

        crew.work();

        assertThat(poppedIndexes()).hasSize(SLOTS).doesNotHaveDuplicates();
    }

    /// Holds up to four slots, and returns them in the order they were taken: so a slot is soon on
    /// top again, with another one below it.
    private void takeAndReturn(Random random, int turns, AtomicIntegerArray holders) {
        Deque<Slot> held = new ArrayDeque<>();
        for (int i = 0; i < turns; i++) {
            Slot slot = held.size() < 4 && random.nextBoolean() ? list.pop() : null;
            if (slot != null) {
                assertThat(holders.incrementAndGet(slot.index)).as("holders").isOne();
                held.add(slot);
            } else if (!held.isEmpty()) {
                giveBack(held.remove(), holders);
            }
        }
        held.forEach(slot -> giveBack(slot, holders));
    }

    private void takeAllAndReturn(int turns, AtomicIntegerArray holders) {
        for (int i = 0; i < turns; i++) {
            Slot first = list.popAll();
            Slot last = first;
            while (last != null) {
                assertThat(holders.incrementAndGet(last.index)).as("holders").isOne();
                holders.decrementAndGet(last.index);
                if (last.nextFree == 0) {
                    list.pushChain(Objects.requireNonNull(first), last);
                    break;
                }
                last = slab.slots[last.nextFree - 1];
            }
        }
    }

    private void giveBack(Slot slot, AtomicIntegerArray holders) {
        holders.decrementAndGet(slot.index);
        list.pushChain(slot, slot);
    }

    private void pushSlab() {
        list.add(0, slab.slots);
        list.pushChain(slab.slots[0], slab.slots[SLOTS - 1]);
    }

    private List<Integer> poppedIndexes() {
        List<Integer> indexes = new ArrayList<>();
        for (Slot slot = list.pop(); slot != null; slot = list.pop()) {
            indexes.add(slot.index);
        }
        return indexes;
    }
}
