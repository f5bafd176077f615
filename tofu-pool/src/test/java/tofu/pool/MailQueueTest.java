package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.pool.MailQueue.Offer;

class MailQueueTest {
    private static final int PRODUCERS = 3;

    private final SlotPool pool = Pools.ample();
    private final MailQueue queue = new MailQueue();
    private final MailChain chain = new MailChain();

    @AfterEach
    void everythingComesHome() {
        chain.discardAll();
        assertThat(pool.messagesOut()).isZero();
        assertThat(pool.census()).containsOnlyKeys(Slot.Owner.FREE);
        pool.close();
    }

    @Test
    void slotsComeOutInTheOrderTheyWentIn() {
        assertThat(offer(1)).isEqualTo(Offer.FIRST);
        assertThat(offer(2)).isEqualTo(Offer.BEHIND);
        assertThat(offer(3)).isEqualTo(Offer.BEHIND);
        assertThat(queue.isEmpty()).isFalse();

        assertThat(drained()).containsExactly(1L, 2L, 3L);

        assertThat(queue.isEmpty()).isTrue();
        assertThat(drained()).isEmpty();
    }

    @Test
    void afterADrainTheNextOfferIsFirstAgain() {
        assertThat(offer(1)).isEqualTo(Offer.FIRST);
        assertThat(drained()).containsExactly(1L);
        assertThat(offer(2)).isEqualTo(Offer.FIRST);
        assertThat(offer(3)).isEqualTo(Offer.BEHIND);
        assertThat(drained()).containsExactly(2L, 3L);
    }

    @Test
    void aDrainAddsBehindWhatTheChainHas() {
        chain.addLast(Pools.slot(pool, 1));
        offer(2);
        offer(3);
        queue.drainTo(chain);
        chain.addLast(Pools.slot(pool, 4));

        assertThat(Pools.drained(chain)).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void closingHandsOverWhatWasQueuedAndRefusesTheRest() {
        offer(1);
        offer(2);
        Slot late = Pools.slot(pool, 3);

        queue.closeTo(chain);

        assertThat(queue.isClosed()).isTrue();
        assertThat(queue.isEmpty()).isTrue();
        assertThat(queue.offer(late)).isEqualTo(Offer.CLOSED);
        assertThat(late.next()).isNull();
        assertThat(late.owner()).as("still the caller's").isEqualTo(Slot.Owner.QUEUE);
        assertThat(Pools.drained(chain)).containsExactly(1L, 2L);
        late.release(Slot.Owner.QUEUE);
    }

    @Test
    void closingTwiceHandsOverNothingMore() {
        offer(1);
        queue.closeTo(chain);
        queue.closeTo(chain);
        queue.drainTo(chain);

        assertThat(Pools.drained(chain)).containsExactly(1L);
        assertThat(queue.isClosed()).isTrue();
    }

    @Test
    void eachProducersSlotsStayInOrderAndEachDrainHasOneFirst() throws Exception {
        int each = 20_000;
        AtomicInteger firsts = new AtomicInteger();
        List<Long> received = new ArrayList<>();
        int[] drains = new int[1];
        Crew crew = new Crew();
        for (int p = 0; p < PRODUCERS; p++) {
            long producer = p;
            crew.add(() -> produce(producer, each, firsts));
        }
        crew.add(
                () -> {
                    while (received.size() < PRODUCERS * each) {
                        List<Long> some = drained();
                        drains[0] += some.isEmpty() ? 0 : 1;
                        received.addAll(some);
                    }
                });

        crew.work();

        assertThat(firsts.get()).as("one wake-up for each drain").isEqualTo(drains[0]);
        for (int p = 0; p < PRODUCERS; p++) {
            long producer = p;
            assertThat(
                            received.stream()
                                    .filter(id -> id >>> 32 == producer)
                                    .mapToLong(id -> (int) (long) id))
                    .containsExactlyElementsOf(LongStream.range(0, each).boxed().toList());
        }
    }

    @Test
    void racingWithCloseNoSlotIsLostOrDoubled() throws Exception {
        for (int round = 0; round < 200; round++) {
            race(new MailQueue(), round);
        }
    }

    /// Producers, a consumer and two closers at once: each slot ends with exactly one of them.
    private void race(MailQueue raced, int round) throws Exception {
        int each = 50;
        Queue<Long> ended = new ConcurrentLinkedQueue<>();
        Crew crew = new Crew();
        for (int p = 0; p < PRODUCERS; p++) {
            long producer = p;
            crew.add(
                    () -> {
                        for (int i = 0; i < each; i++) {
                            Slot slot = Pools.slot(pool, producer << 32 | i);
                            if (raced.offer(slot) == Offer.CLOSED) {
                                ended.add(Pools.id(slot));
                                slot.release(Slot.Owner.QUEUE);
                            }
                        }
                    });
        }
        crew.add(
                () -> {
                    MailChain own = new MailChain();
                    while (!raced.isClosed()) {
                        raced.drainTo(own);
                        ended.addAll(Pools.drained(own));
                    }
                });
        for (int closer = 0; closer < 2; closer++) {
            crew.add(
                    () -> {
                        MailChain own = new MailChain();
                        for (int i = 0; i < round * 20; i++) {
                            Thread.onSpinWait();
                        }
                        raced.closeTo(own);
                        ended.addAll(Pools.drained(own));
                    });
        }

        crew.work();

        assertThat(ended).as("round %d", round).hasSize(PRODUCERS * each).doesNotHaveDuplicates();
        assertThat(pool.messagesOut()).isZero();
        assertThat(raced.isClosed()).isTrue();
    }

    /// Offers single slots and batches in turn.
    private void produce(long producer, int count, AtomicInteger firsts) {
        MailBatch batch = new MailBatch();
        for (int i = 0; i < count; i++) {
            Slot slot = Pools.slot(pool, producer << 32 | i);
            Offer offer;
            if (i % 10 < 5) {
                offer = queue.offer(slot);
            } else {
                batch.add(slot);
                offer = i % 10 == 9 || i == count - 1 ? batch.moveTo(queue) : Offer.BEHIND;
            }
            if (offer == Offer.FIRST) {
                firsts.incrementAndGet();
            }
        }
    }

    private Offer offer(long id) {
        return queue.offer(Pools.slot(pool, id));
    }

    private List<Long> drained() {
        queue.drainTo(chain);
        return Pools.drained(chain);
    }
}
