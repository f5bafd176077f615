package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.pool.MailQueue.Offer;

class MailBatchTest {
    private final SlotPool pool = Pools.ample();
    private final MailQueue queue = new MailQueue();
    private final MailChain chain = new MailChain();
    private final MailBatch batch = new MailBatch();

    @AfterEach
    void everythingComesHome() {
        assertThat(batch.isEmpty()).isTrue();
        queue.closeTo(chain);
        chain.discardAll();
        assertThat(pool.messagesOut()).isZero();
        pool.close();
    }

    @Test
    void anEmptyBatchWakesNobody() {
        assertThat(batch.isEmpty()).isTrue();
        assertThat(batch.moveTo(queue)).isEqualTo(Offer.BEHIND);
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void slotsComeOutInTheOrderTheyWentIn() {
        add(1, 2, 3);
        assertThat(batch.isEmpty()).isFalse();

        assertThat(batch.moveTo(queue)).isEqualTo(Offer.FIRST);

        assertThat(batch.isEmpty()).isTrue();
        assertThat(drained()).containsExactly(1L, 2L, 3L);
    }

    @Test
    void aBatchComesOutBehindWhatWasThereAndBeforeWhatFollows() {
        assertThat(queue.offer(Pools.slot(pool, 1))).isEqualTo(Offer.FIRST);
        add(2, 3);
        assertThat(batch.moveTo(queue)).isEqualTo(Offer.BEHIND);
        assertThat(queue.offer(Pools.slot(pool, 4))).isEqualTo(Offer.BEHIND);
        add(5);
        assertThat(batch.moveTo(queue)).isEqualTo(Offer.BEHIND);

        assertThat(drained()).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void aClosedQueuesShareGoesBackToThePoolAndItsSourcesAreTold() {
        List<Integer> told = new ArrayList<>();
        queue.closeTo(chain);
        for (int i = 0; i < 3; i++) {
            Slot slot = Pools.slot(pool, i);
            slot.source(told::add);
            batch.add(slot);
        }

        assertThat(batch.moveTo(queue)).isEqualTo(Offer.CLOSED);

        assertThat(told).as("the length of each frame").containsExactly(16, 16, 16);
        assertThat(batch.isEmpty()).isTrue();
        assertThat(pool.messagesOut()).isZero();
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void aBatchCanBeUsedAgain() {
        add(1, 2);
        batch.moveTo(queue);
        assertThat(drained()).containsExactly(1L, 2L);
        add(3);
        assertThat(batch.moveTo(queue)).isEqualTo(Offer.FIRST);
        assertThat(drained()).containsExactly(3L);
    }

    private void add(long... ids) {
        for (long id : ids) {
            batch.add(Pools.slot(pool, id));
        }
    }

    private List<Long> drained() {
        queue.drainTo(chain);
        return Pools.drained(chain);
    }
}
