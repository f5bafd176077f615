package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MagazineTest {
    private static final int SLOTS = 8;
    private static final int CAPACITY = 6;

    private final SlotPool pool = Pools.ample();
    private final MessageCount count = new MessageCount(1_000);
    private final Slab slab = new Slab(new SizeClass(pool, 128, SLOTS, 0, count), 0, SLOTS);
    private final FreeList free = new FreeList(SLOTS);
    private final Magazine magazine = new Magazine(CAPACITY, free, count);

    @AfterEach
    void freeMemory() {
        slab.unused = SLOTS;
        assertThat(slab.freeIfUnused()).isTrue();
        pool.close();
    }

    private void pushSlab() {
        free.add(0, slab.slots);
        free.pushChain(slab.slots[0], slab.slots[SLOTS - 1]);
    }

    /// As the pool does, which has counted them before.
    private void fill(int most) {
        assertThat(count.addAtEase(most)).isTrue();
        magazine.fill(most);
    }

    private List<Integer> popAll() {
        List<Integer> indexes = new ArrayList<>();
        for (Slot slot = magazine.pop(); slot != null; slot = magazine.pop()) {
            indexes.add(slot.index);
        }
        return indexes;
    }

    @Test
    void whoeverFindsAnotherOneInItDoesNotEnter() {
        assertThat(magazine.enter()).isTrue();
        assertThat(magazine.enter()).isFalse();

        magazine.leave();

        assertThat(magazine.enter()).isTrue();
    }

    @Test
    void whatItIsFilledWithCountsAsOutAndNoMore() {
        pushSlab();
        fill(5);
        assertThat(magazine.count()).isEqualTo(5);
        assertThat(count.out()).isEqualTo(5);
        assertThat(popAll()).containsExactly(0, 1, 2, 3, 4);

        fill(5); // there are only three

        assertThat(magazine.count()).isEqualTo(3);
        assertThat(count.out()).isEqualTo(5 + 3);
    }

    @Test
    void whatIsPoppedHasAnIdOfItsOwn() {
        pushSlab();
        fill(4);

        Slot first = Objects.requireNonNull(magazine.pop());
        Slot second = Objects.requireNonNull(magazine.pop());

        assertThat(first.spareId).isNotZero();
        assertThat(second.spareId).isNotZero().isNotEqualTo(first.spareId);
        assertThat(magazine.count()).isEqualTo(2);
    }

    @Test
    void spillingAnEmptyOneDoesNothing() {
        magazine.spill(CAPACITY);

        assertThat(free.pop()).isNull();
        assertThat(count.out()).isEqualTo(0);
    }

    @Test
    void theSlotsReturnedFirstAreSpilledAndCountAsOutNoMore() {
        pushSlab();
        Slot all = free.popAll();
        assertThat(all).isNotNull();
        assertThat(count.addAtEase(CAPACITY)).isTrue();
        for (int i = 0; i < CAPACITY; i++) {
            magazine.push(slab.slots[i]);
        }
        assertThat(magazine.isFull()).isTrue();

        magazine.spill(4);

        assertThat(count.out()).isEqualTo(2);
        assertThat(magazine.counted()).isEqualTo(2);
        assertThat(popAll()).containsExactly(5, 4);
        assertThat(free.pop()).isSameAs(slab.slots[3]);
        assertThat(free.pop()).isSameAs(slab.slots[2]);
        assertThat(free.pop()).isSameAs(slab.slots[1]);
        assertThat(free.pop()).isSameAs(slab.slots[0]);
        assertThat(free.pop()).isNull();
    }
}
