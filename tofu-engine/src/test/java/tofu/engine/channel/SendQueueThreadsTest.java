package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static tofu.engine.channel.SendQueue.Outcome.ACCEPTED;
import static tofu.engine.channel.SendQueue.Outcome.CLOSED;
import static tofu.engine.channel.SendQueue.Outcome.FULL;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.pool.Slot;
import tofu.pool.SlotChain;

/// The send queue between several threads: nothing is lost, and nobody waits in vain.
@Timeout(value = 90, threadMode = ThreadMode.SEPARATE_THREAD)
class SendQueueThreadsTest {
    private final Memory memory = new Memory(100_000);
    private final FakeOutlet outlet = new FakeOutlet();

    @AfterEach
    void everySlotIsHome() {
        memory.close();
    }

    @Test
    void closingAmongOffersLosesNothing() throws Exception {
        int threads = 3;
        int perThread = 200;
        for (int round = 0; round < 100; round++) {
            SendQueue queue = new SendQueue(1 << 20, 1 << 30, outlet, true);
            AtomicInteger accepted = new AtomicInteger();
            AtomicInteger started = new AtomicInteger();
            Crew crew = new Crew();
            for (int thread = 0; thread < threads; thread++) {
                long ids = thread * 1_000L;
                crew.add(() -> offerMany(queue, ids, perThread, accepted, started));
            }
            SlotChain chain = new SlotChain();
            int when = round * 6;
            crew.add(
                    () -> {
                        while (started.get() < when) {
                            Thread.onSpinWait();
                        }
                        queue.drainInOrder(chain);
                        queue.close(chain);
                    });
            crew.work();

            assertThat(checkOrderAndRelease(chain)).isEqualTo(accepted.get());
            assertThat(queue.messages()).isEqualTo(accepted.get());
            memory.checkWhole();
        }
    }

    private void offerMany(
            SendQueue queue, long ids, int count, AtomicInteger accepted, AtomicInteger started) {
        boolean closed = false;
        for (int i = 0; i < count; i++) {
            Slot slot = memory.slot(Frame.request(ids + i), Slot.Owner.LEASE);
            started.incrementAndGet();
            SendQueue.Outcome outcome = queue.offer(slot, false, false);
            if (outcome == ACCEPTED) {
                assertThat(closed).as("accepted after it was closed").isFalse();
                accepted.incrementAndGet();
            } else {
                assertThat(outcome).isEqualTo(CLOSED);
                closed = true;
                slot.release(Slot.Owner.LEASE);
            }
        }
    }

    /// Checks that each thread's messages are in order, without a gap.
    private static int checkOrderAndRelease(SlotChain chain) {
        long[] next = new long[8];
        int count = 0;
        for (Slot slot = chain.pollFirst(); slot != null; slot = chain.pollFirst()) {
            long id = Frame.of(slot).id();
            int thread = (int) (id / 1_000);
            assertThat(id % 1_000).isEqualTo(next[thread]++);
            slot.release(Slot.Owner.QUEUE);
            count++;
        }
        return count;
    }

    @Test
    void whoWaitsIsWokenByRoom() throws Exception {
        SendQueue queue = new SendQueue(1, 1_000, outlet, true);
        Slot first = memory.slot(Frame.request(1), Slot.Owner.LEASE);
        assertThat(queue.offer(first, false, false)).isEqualTo(ACCEPTED);
        CountDownLatch refused = new CountDownLatch(1);
        Crew crew = new Crew().add(() -> assertThat(insist(queue, 2, refused)).isEqualTo(ACCEPTED));
        crew.add(
                () -> {
                    refused.await();
                    queue.ended(1, 16);
                    assertThat(queue.roomMade()).as("who waits is woken, not told").isFalse();
                });
        crew.work();
        assertThat(closeAndCount(queue)).isEqualTo(2);
    }

    @Test
    void whoWaitsIsWokenByTheEnd() throws Exception {
        SendQueue queue = new SendQueue(1, 1_000, outlet, true);
        Slot first = memory.slot(Frame.request(1), Slot.Owner.LEASE);
        assertThat(queue.offer(first, false, false)).isEqualTo(ACCEPTED);
        CountDownLatch refused = new CountDownLatch(2);
        Crew crew = new Crew();
        crew.add(() -> assertThat(insist(queue, 2, refused)).isEqualTo(CLOSED));
        crew.add(() -> assertThat(insist(queue, 3, refused)).isEqualTo(CLOSED));
        crew.add(
                () -> {
                    refused.await();
                    assertThat(closeAndCount(queue)).isEqualTo(1);
                });
        crew.work();
    }

    /// Offers until there is room, as a blocking sender does.
    private SendQueue.Outcome insist(SendQueue queue, long id, CountDownLatch refused) {
        Slot slot = memory.slot(Frame.request(id), Slot.Owner.LEASE);
        queue.startWaiting();
        try {
            SendQueue.Outcome outcome = queue.offer(slot, false, true);
            while (outcome == FULL) {
                refused.countDown();
                LockSupport.park(queue);
                outcome = queue.offer(slot, false, true);
            }
            if (outcome == CLOSED) {
                slot.release(Slot.Owner.LEASE);
            }
            return outcome;
        } finally {
            queue.stopWaiting();
        }
    }

    private static int closeAndCount(SendQueue queue) {
        SlotChain chain = new SlotChain();
        queue.close(chain);
        int count = 0;
        for (Slot slot = chain.pollFirst(); slot != null; slot = chain.pollFirst()) {
            slot.release(Slot.Owner.QUEUE);
            count++;
        }
        return count;
    }

    @Test
    void aRefusalIsNotForgottenBecauseSomebodyElseWaits() throws Exception {
        SendQueue queue = new SendQueue(1, 1_000, outlet, true);
        Slot queued = memory.slot(Frame.request(1), Slot.Owner.LEASE);
        Slot waiter = memory.slot(Frame.request(2), Slot.Owner.LEASE);
        Slot other = memory.slot(Frame.request(3), Slot.Owner.LEASE);
        assertThat(queue.offer(queued, false, false)).isEqualTo(ACCEPTED);

        Crew.race(
                20_000,
                () -> {
                    queue.ended(1, 16);
                    assertThat(queue.roomMade()).as("the one who does not wait is told").isTrue();
                    queue.ended(-1, -16);
                },
                round -> {
                    for (int i = 0; i < 20; i++) {
                        assertThat(queue.offer(waiter, false, true)).isEqualTo(FULL);
                    }
                },
                round -> assertThat(queue.offer(other, false, false)).isEqualTo(FULL));

        waiter.release(Slot.Owner.LEASE);
        other.release(Slot.Owner.LEASE);
        closeAndCount(queue);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoIsRefusedIsToldOrFindsAMessageThatWillEnd(boolean somebodyWaits) throws Exception {
        SendQueue queue = new SendQueue(1, 1_000, outlet, true);
        if (somebodyWaits) {
            queue.startWaiting();
        }
        Slot[] slots = new Slot[3];
        for (int id = 0; id < 3; id++) {
            slots[id] = memory.slot(Frame.request(id), Slot.Owner.LEASE);
        }
        AtomicBoolean refused = new AtomicBoolean();
        AtomicBoolean told = new AtomicBoolean();
        queue.offer(slots[2], false, false);

        Crew.race(
                20_000,
                () -> {
                    if (queue.messages() > 0) {
                        queue.ended(1, 16);
                        told.compareAndSet(false, queue.roomMade());
                    }
                    assertThat(refused.get() && !told.get()).as("refused, never told").isFalse();
                    takeBack(queue);
                    refused.set(false);
                    told.set(false);
                    assertThat(queue.offer(slots[2], false, false)).isEqualTo(ACCEPTED);
                },
                round -> offerOnce(queue, slots[0], refused),
                round -> offerOnce(queue, slots[1], refused),
                round -> {
                    queue.ended(1, 16);
                    if (queue.roomMade()) {
                        told.set(true);
                    }
                });

        closeAndCount(queue);
        slots[0].release(Slot.Owner.LEASE);
        slots[1].release(Slot.Owner.LEASE);
    }

    private static void offerOnce(SendQueue queue, Slot slot, AtomicBoolean refused) {
        if (queue.offer(slot, false, false) == FULL) {
            refused.set(true);
        }
    }

    private static void takeBack(SendQueue queue) {
        SlotChain chain = new SlotChain();
        queue.drainInOrder(chain);
        for (Slot slot = chain.pollFirst(); slot != null; slot = chain.pollFirst()) {
            slot.handOver(Slot.Owner.QUEUE, Slot.Owner.LEASE);
        }
    }
}
