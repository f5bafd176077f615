package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SlotChainTest {
    private final SlotPool pool = Pools.ample();
    private final SlotChain chain = new SlotChain();

    @AfterEach
    void everythingComesHome() {
        chain.releaseAll(Slot.Owner.QUEUE);
        assertThat(pool.messagesOut()).isZero();
        pool.close();
    }

    @Test
    void anEmptyChainHasNothing() {
        assertThat(chain.isEmpty()).isTrue();
        assertThat(chain.first()).isNull();
        assertThat(chain.pollFirst()).isNull();
        chain.releaseAll(Slot.Owner.QUEUE);
        assertThat(chain.isEmpty()).isTrue();
    }

    @Test
    void slotsComeOutInTheOrderTheyWentIn() {
        addLast(1, 2, 3);

        assertThat(chain.isEmpty()).isFalse();
        assertThat(walked()).containsExactly(1L, 2L, 3L);
        assertThat(Pools.drained(chain)).containsExactly(1L, 2L, 3L);
        assertThat(chain.isEmpty()).isTrue();
    }

    @Test
    void aSlotInFrontComesOutFirst() {
        chain.addFirst(slot(2));
        chain.addFirst(slot(1));
        addLast(3);

        assertThat(Pools.drained(chain)).containsExactly(1L, 2L, 3L);
    }

    @Test
    void anotherChainIsAddedWholeAndIsEmptyThen() {
        SlotChain other = new SlotChain();
        chain.addAll(other);
        other.addLast(slot(1));
        other.addLast(slot(2));

        chain.addAll(other);
        assertThat(other.isEmpty()).isTrue();
        other.addLast(slot(3));
        chain.addAll(other);
        addLast(4);

        assertThat(other.pollFirst()).isNull();
        assertThat(Pools.drained(chain)).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void aSlotIsAddedBehindAnyOther() {
        addLast(1, 3);
        Slot first = Objects.requireNonNull(chain.first());
        chain.addAfter(first, slot(2));
        Slot last = Objects.requireNonNull(Objects.requireNonNull(first.next()).next());
        chain.addAfter(last, slot(4));
        addLast(5);

        assertThat(Pools.drained(chain)).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void aChainIsAddedBehindWhatIsThere() {
        Slot two = slot(2);
        Slot three = slot(3);
        two.next = three;
        Slot four = slot(4);

        chain.addChain(two, three);
        chain.addFirst(slot(1));
        chain.addChain(four, four);
        addLast(5);

        assertThat(Pools.drained(chain)).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void aSlotThatWasTakenLinksToNothing() {
        addLast(1, 2);

        Slot taken = Objects.requireNonNull(chain.pollFirst());

        assertThat(taken.next()).isNull();
        taken.release(Slot.Owner.QUEUE);
        assertThat(walked()).containsExactly(2L);
    }

    @Test
    void aChainThatWasEmptiedCanBeFilledAgain() {
        addLast(1);
        assertThat(Pools.drained(chain)).containsExactly(1L);
        addLast(2, 3);
        assertThat(Pools.drained(chain)).containsExactly(2L, 3L);
        chain.addFirst(slot(4));
        addLast(5);
        assertThat(Pools.drained(chain)).containsExactly(4L, 5L);
    }

    @Test
    void releasingGivesAllSlotsBack() {
        addLast(1, 2, 3);

        chain.releaseAll(Slot.Owner.QUEUE);

        assertThat(chain.isEmpty()).isTrue();
        assertThat(pool.messagesOut()).isZero();
        assertThat(pool.census()).containsOnlyKeys(Slot.Owner.FREE);
    }

    private void addLast(long... ids) {
        for (long id : ids) {
            chain.addLast(slot(id));
        }
    }

    private Slot slot(long id) {
        return Pools.slot(pool, id);
    }

    private List<Long> walked() {
        List<Long> ids = new ArrayList<>();
        for (Slot slot = chain.first(); slot != null; slot = slot.next()) {
            ids.add(Pools.id(slot));
        }
        return ids;
    }
}
