package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MailChainTest {
    private final SlotPool pool = Pools.ample();
    private final MailChain chain = new MailChain();

    @AfterEach
    void everythingComesHome() {
        chain.discardAll();
        assertThat(pool.messagesOut()).isZero();
        pool.close();
    }

    @Test
    void anEmptyChainHasNothing() {
        assertThat(chain.isEmpty()).isTrue();
        assertThat(chain.first()).isNull();
        assertThat(chain.pollFirst()).isNull();
        chain.discardAll();
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
    void aChainIsAddedBehindWhatIsThere() {
        Slot two = slot(2);
        Slot three = slot(3);
        two.next = three;
        Slot four = slot(4);

        chain.addChain(two, three);
        chain.addChain(four, four);
        addLast(5);

        assertThat(Pools.drained(chain)).containsExactly(2L, 3L, 4L, 5L);
    }

    @Test
    void aSlotThatWasTakenLinksToNothing() {
        addLast(1, 2);

        Mail taken = Objects.requireNonNull(chain.pollFirst());

        assertThat(taken.next()).isNull();
        taken.discard();
        assertThat(walked()).containsExactly(2L);
    }

    @Test
    void aChainThatWasEmptiedCanBeFilledAgain() {
        addLast(1);
        assertThat(Pools.drained(chain)).containsExactly(1L);
        addLast(2, 3);
        assertThat(Pools.drained(chain)).containsExactly(2L, 3L);
        addLast(4, 5);
        assertThat(Pools.drained(chain)).containsExactly(4L, 5L);
    }

    @Test
    void whatIsInTheMiddleOrLastCanBeRemoved() {
        addLast(1, 2, 3, 4);
        Mail first = Objects.requireNonNull(chain.first());
        Mail second = Objects.requireNonNull(first.next());
        chain.removeBehind(first);
        assertThat(second.next()).isNull();
        second.discard();
        Mail third = Objects.requireNonNull(first.next());
        Mail fourth = Objects.requireNonNull(third.next());
        chain.removeBehind(third);
        fourth.discard();
        addLast(5);
        assertThatThrownBy(() -> chain.removeBehind(Objects.requireNonNull(third.next())))
                .isInstanceOf(IllegalStateException.class);

        assertThat(Pools.drained(chain)).containsExactly(1L, 3L, 5L);
    }

    @Test
    void discardingGivesAllSlotsBack() {
        addLast(1, 2, 3);

        chain.discardAll();

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
        for (Mail mail = chain.first(); mail != null; mail = mail.next()) {
            ids.add(Pools.id(mail));
        }
        return ids;
    }
}
