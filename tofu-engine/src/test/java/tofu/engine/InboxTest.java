package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import tofu.api.AllocationStrategy;
import tofu.api.LeakDetection;
import tofu.api.Options;
import tofu.engine.channel.Crew;
import tofu.engine.loop.Clock;
import tofu.pool.HeaderLayout;
import tofu.pool.MailBatch;
import tofu.pool.Slot;
import tofu.pool.SlotPool;

@Timeout(value = 90, threadMode = ThreadMode.SEPARATE_THREAD)
class InboxTest {
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
    void slotsComeOutInOrderSinglyAndInBatches() {
        MailBatch batch = new MailBatch();
        batch.add(slot(2));
        batch.add(slot(3));

        assertThat(inbox.offer(slot(1))).isTrue();
        inbox.offer(batch);
        assertThat(batch.isEmpty()).isTrue();
        inbox.offer(batch);
        assertThat(pollId()).isEqualTo(1);
        assertThat(inbox.offer(slot(4))).isTrue();

        assertThat(List.of(pollId(), pollId(), pollId(), pollId()))
                .containsExactly(2L, 3L, 4L, -1L);
    }

    @Test
    void aSourceIsToldWhenItsSlotIsTaken() {
        List<Integer> told = new ArrayList<>();
        Slot slot = slot(1);
        slot.source(told::add);
        inbox.offer(slot);
        assertThat(told).isEmpty();

        pollId();

        assertThat(told).containsExactly(16);
    }

    @Test
    void aSlotWhoseSourceCannotBeToldStaysUntilItIsTold() {
        Slot slot = slot(1);
        AtomicInteger told = new AtomicInteger();
        slot.source(
                frameLength -> {
                    if (told.incrementAndGet() == 1) {
                        throw new StackOverflowError();
                    }
                });
        inbox.offer(slot);
        inbox.offer(slot(2));

        assertThatThrownBy(() -> inbox.first(ENVIRONMENT)).isInstanceOf(StackOverflowError.class);

        assertThat(List.of(pollId(), pollId(), pollId())).containsExactly(1L, 2L, -1L);
        assertThat(told).hasValue(2);
    }

    @Test
    void aSlotStaysTheNextOneUntilItIsRemoved() {
        inbox.offer(slot(1));
        inbox.offer(slot(2));
        assertThat(inbox.first(ENVIRONMENT)).isNotNull().isEqualTo(inbox.first(ENVIRONMENT));

        assertThat(List.of(pollId(), pollId(), pollId())).containsExactly(1L, 2L, -1L);
    }

    @Test
    void thereIsOneConsumerAtATime() throws Exception {
        assertThat(inbox.enter()).isTrue();
        new Crew().add(() -> assertThat(inbox.enter()).isFalse()).work();
        inbox.leave();
        new Crew()
                .add(
                        () -> {
                            assertThat(inbox.enter()).isTrue();
                            inbox.leave();
                        })
                .work();
    }

    @Test
    void closingWaitsForTheConsumerToLeave() throws Exception {
        AtomicBoolean left = new AtomicBoolean();
        CountDownLatch inside = new CountDownLatch(1);
        new Crew()
                .add(
                        () -> {
                            assertThat(inbox.enter()).isTrue();
                            inside.countDown();
                            assertThat(inbox.offer(slot(1))).isTrue();
                            assertThat(inbox.offer(slot(2))).isTrue();
                            assertThat(pollId()).isEqualTo(1);
                            left.set(true);
                            inbox.leave();
                        })
                .add(
                        () -> {
                            inside.await();
                            inbox.close(System::nanoTime);
                            assertThat(left).isTrue();
                        })
                .work();
        assertThat(pool.messagesOut()).isZero();
    }

    /// What waits for the consumer, but not as a system does: by the tenth wait he has left.
    private final class Leaving implements Clock {
        private int waits;
        private int interruptedWaits;

        @Override
        public long nanoTime() {
            return 0;
        }

        @Override
        public void park(Object blocker, long nanos) {
            interruptedWaits += Thread.currentThread().isInterrupted() ? 1 : 0;
            if (++waits == 10) {
                inbox.leave();
            }
        }
    }

    /// A virtual thread that does not park keeps its carrier, which the consumer may need.
    @Test
    void whoClosesWaitsThoughAnInterruptIsLeftStanding() {
        assertThat(inbox.enter()).isTrue();
        Leaving leaving = new Leaving();
        Thread.currentThread().interrupt();

        inbox.close(leaving);

        assertThat(Thread.interrupted()).as("it is kept").isTrue();
        assertThat(leaving.interruptedWaits).isOne();
    }

    @Test
    void whereThereIsSomethingNobodyWaits() {
        inbox.offer(slot(1));

        inbox.await(ENVIRONMENT, LONG);

        assertThat(pollId()).isEqualTo(1);
    }

    @Test
    void waitingEndsAfterItsTime() {
        inbox.await(ENVIRONMENT, 1);

        assertThat(pollId()).isEqualTo(-1);
    }

    @Test
    void anInterruptEndsWaitingAndIsKept() {
        Thread.currentThread().interrupt();

        inbox.await(ENVIRONMENT, LONG);

        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void onceWaitingIsStoppedNobodyWaitsAndWhatIsThereCanBeTaken() {
        inbox.stopWaiting();
        inbox.await(ENVIRONMENT, LONG);
        assertThat(inbox.offer(slot(1))).isTrue();
        inbox.await(ENVIRONMENT, LONG);

        assertThat(pollId()).isEqualTo(1);
    }

    @Test
    void whoWaitsIsWokenWhenWaitingIsStopped() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        new Crew()
                .add(
                        () -> {
                            while (!over.get()) {
                                inbox.await(ENVIRONMENT, LONG);
                            }
                        })
                .add(
                        () -> {
                            over.set(true);
                            inbox.stopWaiting();
                        })
                .work();
    }

    @Test
    void whoWaitsIsWokenByAnInterrupt() throws Exception {
        Thread tester = Thread.currentThread();
        Thread interrupter = Thread.ofPlatform().start(tester::interrupt);
        boolean interrupted = false;
        while (!interrupted) {
            inbox.await(ENVIRONMENT, LONG);
            interrupted = Thread.interrupted();
        }
        interrupter.join();
    }

    @Test
    void aClosedInboxFreesWhatIsThereAndTellsItsSources() {
        List<Integer> told = new ArrayList<>();
        for (int id = 1; id <= 4; id++) {
            Slot slot = slot(id);
            slot.source(told::add);
            inbox.offer(slot);
        }
        assertThat(pollId()).isEqualTo(1);

        inbox.close(System::nanoTime);

        assertThat(told).hasSize(4);
        assertThat(pollId()).isEqualTo(-1);
        assertThat(pool.messagesOut()).isZero();
    }

    @Test
    void aClosedInboxLeavesASlotToItsProducerAndFreesABatch() {
        inbox.close(System::nanoTime);
        List<Integer> told = new ArrayList<>();
        Slot single = slot(1);
        MailBatch batch = new MailBatch();
        Slot inBatch = slot(2);
        inBatch.source(told::add);
        batch.add(inBatch);

        assertThat(inbox.offer(single)).isFalse();
        inbox.offer(batch);

        assertThat(single.owner()).isEqualTo(Slot.Owner.QUEUE);
        single.release(Slot.Owner.QUEUE);
        assertThat(told).containsExactly(16);
        assertThat(batch.isEmpty()).isTrue();
    }
}
