package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import tofu.api.AllocationStrategy;
import tofu.api.LeakDetection;
import tofu.api.Options;
import tofu.engine.channel.Crew;
import tofu.pool.HeaderLayout;
import tofu.pool.MailBatch;
import tofu.pool.Slot;
import tofu.pool.SlotPool;

@Timeout(value = 90, threadMode = ThreadMode.SEPARATE_THREAD)
class InboxThreadsTest {
    private static final long LONG = TimeUnit.MINUTES.toNanos(10);

    private final SlotPool pool =
            new SlotPool(Options.builder().leakDetection(LeakDetection.OFF).build());
    private static final Environment ENVIRONMENT = new SystemEnvironment();

    private final Inbox inbox = new Inbox(pool, 1_024, () -> {});

    @AfterEach
    void everySlotIsHome() {
        assertThat(pool.census()).containsOnlyKeys(Slot.Owner.FREE);
        pool.close();
    }

    private Slot slot(long id) {
        Slot slot = pool.take(HeaderLayout.LENGTH, AllocationStrategy.ALWAYS, Slot.Owner.QUEUE);
        assertThat(slot).isNotNull();
        slot.clear();
        slot.id(id);
        return slot;
    }

    private long pollId() {
        Slot slot = inbox.first(ENVIRONMENT);
        inbox.removeFirst();
        if (slot == null) {
            return -1;
        }
        assertThat(slot.owner()).isEqualTo(Slot.Owner.LEASE);
        long id = slot.id();
        slot.release(Slot.Owner.LEASE);
        return id;
    }

    @Test
    void noWakeUpIsLost() throws Exception {
        int rounds = 60_000;
        AtomicInteger taken = new AtomicInteger();
        new Crew()
                .add(
                        () -> {
                            for (int i = 1; i <= rounds; i++) {
                                inbox.offer(slot(i));
                                // Now and then the consumer gets the time to fall asleep.
                                while (i % 3 != 0 && taken.get() < i) {
                                    Thread.onSpinWait();
                                }
                            }
                        })
                .add(
                        () -> {
                            for (int i = 1; i <= rounds; i++) {
                                long id = pollId();
                                while (id < 0) {
                                    inbox.await(ENVIRONMENT, LONG);
                                    id = pollId();
                                }
                                assertThat(id).isEqualTo(i);
                                taken.set(i);
                            }
                        })
                .work();
    }

    @Test
    void severalProducersAreServedEachInItsOrder() throws Exception {
        int perProducer = 20_000;
        Crew crew = new Crew();
        for (int producer = 0; producer < 2; producer++) {
            long ids = producer * 1_000_000L;
            crew.add(() -> produce(ids, perProducer));
        }
        crew.add(
                () -> {
                    long[] next = new long[2];
                    for (int i = 0; i < 2 * perProducer; i++) {
                        long id = pollId();
                        while (id < 0) {
                            inbox.await(ENVIRONMENT, LONG);
                            id = pollId();
                        }
                        assertThat(id % 1_000_000).isEqualTo(next[(int) (id / 1_000_000)]++);
                    }
                });
        crew.work();
    }

    private void produce(long ids, int count) {
        MailBatch batch = new MailBatch();
        for (int i = 0; i < count; i++) {
            if (i % 5 == 0) {
                inbox.offer(batch);
                inbox.offer(slot(ids + i));
            } else {
                batch.add(slot(ids + i));
                if (i % 5 == 4) {
                    inbox.offer(batch);
                }
            }
        }
        inbox.offer(batch);
    }

    @Test
    void closingAmongOffersFreesAll() throws Exception {
        for (int round = 0; round < 200; round++) {
            Inbox own = new Inbox(pool, 1_024, () -> {});
            AtomicInteger told = new AtomicInteger();
            int offers = 100;
            Crew crew = new Crew();
            crew.add(
                    () -> {
                        for (int i = 0; i < offers; i++) {
                            Slot slot = slot(i);
                            slot.source(length -> told.incrementAndGet());
                            MailBatch batch = new MailBatch();
                            batch.add(slot);
                            own.offer(batch);
                        }
                    });
            crew.add(() -> own.close(System::nanoTime));
            crew.work();
            assertThat(told).hasValue(offers);
            assertThat(pool.messagesOut()).isZero();
        }
    }
}
