package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static tofu.engine.channel.SendQueue.Outcome.ACCEPTED;
import static tofu.engine.channel.SendQueue.Outcome.CLOSED;
import static tofu.engine.channel.SendQueue.Outcome.FULL;

import java.nio.ByteBuffer;
import java.util.List;
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
import tofu.api.Status;
import tofu.engine.channel.Tally.Figure;
import tofu.pool.FrameRange;
import tofu.pool.Slot;

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
            SendQueue queue = new SendQueue(1 << 20, 1 << 30, memory.logs, outlet, true);
            AtomicInteger accepted = new AtomicInteger();
            AtomicInteger started = new AtomicInteger();
            Crew crew = new Crew();
            for (int thread = 0; thread < threads; thread++) {
                long ids = thread * 1_000L;
                crew.add(() -> offerMany(queue, ids, perThread, accepted, started));
            }
            int when = round * 6;
            crew.add(
                    () -> {
                        while (started.get() < when) {
                            Thread.onSpinWait();
                        }
                        queue.look();
                        queue.close();
                    });
            crew.work();

            assertThat(queue.messages()).isEqualTo(accepted.get());
            assertThat(checkOrderAndRelease(queue)).isEqualTo(accepted.get());
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
    private static int checkOrderAndRelease(SendQueue queue) {
        FrameRange rest = queue.takeRest(Status.CHANNEL_CLOSED);
        if (rest == null) {
            return 0;
        }
        long[] next = new long[8];
        List<Slot> left = Memory.cut(rest);
        for (Slot slot : left) {
            long id = Frame.of(slot).id();
            int thread = (int) (id / 1_000);
            assertThat(id % 1_000).isEqualTo(next[thread]++);
            slot.release(Slot.Owner.LEASE);
        }
        return left.size();
    }

    /// Sends so many messages of 16 bytes.
    private static void end(SendQueue queue, int messages) {
        for (int i = 0; i < messages; i++) {
            assertThat(queue.sources(new ByteBuffer[1])).isOne();
            queue.sent(16);
        }
    }

    @Test
    void whoWaitsIsWokenByRoom() throws Exception {
        SendQueue queue = new SendQueue(1, 1_000, memory.logs, outlet, true);
        Slot first = memory.slot(Frame.request(1), Slot.Owner.LEASE);
        assertThat(queue.offer(first, false, false)).isEqualTo(ACCEPTED);
        CountDownLatch refused = new CountDownLatch(1);
        Crew crew = new Crew().add(() -> assertThat(insist(queue, 2, refused)).isEqualTo(ACCEPTED));
        crew.add(
                () -> {
                    refused.await();
                    end(queue, 1);
                    assertThat(queue.roomMade()).as("who waits is woken, not told").isFalse();
                });
        crew.work();
        assertThat(closeAndCount(queue)).isEqualTo(1);
    }

    @Test
    void whoWaitsIsWokenByTheEnd() throws Exception {
        SendQueue queue = new SendQueue(1, 1_000, memory.logs, outlet, true);
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
        queue.close();
        FrameRange rest = queue.takeRest(Status.CHANNEL_CLOSED);
        List<Slot> left = rest == null ? List.of() : Memory.cut(rest);
        left.forEach(slot -> slot.release(Slot.Owner.LEASE));
        return left.size();
    }

    @Test
    void aRefusalIsNotForgottenBecauseSomebodyElseWaits() throws Exception {
        SendQueue queue = new SendQueue(1, 1_000, memory.logs, outlet, true);
        assertThat(offer(queue, false)).isEqualTo(ACCEPTED);

        Crew.race(
                20_000,
                () -> {
                    end(queue, 1);
                    assertThat(queue.roomMade()).as("the one who does not wait is told").isTrue();
                    assertThat(offer(queue, false)).isEqualTo(ACCEPTED);
                },
                round -> {
                    for (int i = 0; i < 20; i++) {
                        assertThat(offer(queue, true)).isEqualTo(FULL);
                    }
                },
                round -> assertThat(offer(queue, false)).isEqualTo(FULL));

        closeAndCount(queue);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoIsRefusedIsToldOrFindsAMessageThatWillEnd(boolean somebodyWaits) throws Exception {
        SendQueue queue = new SendQueue(1, 1_000, memory.logs, outlet, true);
        if (somebodyWaits) {
            queue.startWaiting();
        }
        AtomicBoolean refused = new AtomicBoolean();
        AtomicBoolean told = new AtomicBoolean();
        offer(queue, false);

        Crew.race(
                20_000,
                () -> {
                    if (queue.messages() > 0) {
                        end(queue, 1);
                        told.compareAndSet(false, queue.roomMade());
                    }
                    assertThat(refused.get() && !told.get()).as("refused, never told").isFalse();
                    refused.set(false);
                    told.set(false);
                    assertThat(offer(queue, false)).isEqualTo(ACCEPTED);
                },
                round -> offerOnce(queue, refused),
                round -> offerOnce(queue, refused),
                round -> {
                    end(queue, 1);
                    if (queue.roomMade()) {
                        told.set(true);
                    }
                });

        closeAndCount(queue);
    }

    @Test
    void whoCountsSeesNoMoreThanFitsNorMoreSentThanEnqueued() throws Exception {
        SendQueue queue = new SendQueue(1, 1_000, memory.logs, outlet, true);
        AtomicBoolean done = new AtomicBoolean();
        Crew crew = new Crew();
        crew.add(
                () -> {
                    try {
                        for (int i = 0; i < 100_000; i++) {
                            assertThat(offer(queue, false)).isEqualTo(ACCEPTED);
                            end(queue, 1);
                        }
                    } finally {
                        done.set(true);
                    }
                });
        crew.add(
                () -> {
                    while (!done.get()) {
                        Tally seen = new Tally();
                        queue.addTo(seen, 0);
                        assertThat(seen.get(Figure.QUEUED_MESSAGES)).isBetween(0L, 1L);
                        assertThat(seen.get(Figure.QUEUED_BYTES)).isBetween(0L, 16L);
                        assertThat(seen.get(Figure.MOST_QUEUED_MESSAGES)).isBetween(0L, 1L);
                        assertThat(seen.get(Figure.MOST_QUEUED_BYTES)).isBetween(0L, 16L);
                        assertThat(seen.get(Figure.SENT_MESSAGES))
                                .isLessThanOrEqualTo(seen.get(Figure.ENQUEUED_MESSAGES));
                    }
                });
        crew.work();
        closeAndCount(queue);
    }

    private SendQueue.Outcome offer(SendQueue queue, boolean waiting) {
        Slot slot = memory.slot(Frame.request(1), Slot.Owner.LEASE);
        SendQueue.Outcome outcome = queue.offer(slot, false, waiting);
        if (outcome != ACCEPTED) {
            slot.release(Slot.Owner.LEASE);
        }
        return outcome;
    }

    private void offerOnce(SendQueue queue, AtomicBoolean refused) {
        if (offer(queue, false) == FULL) {
            refused.set(true);
        }
    }
}
