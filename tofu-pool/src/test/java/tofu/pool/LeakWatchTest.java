package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.AllocationStrategy;
import tofu.api.LeakDetection;

/// Leaks are reported on the thread that gets a later message, so each test sees its own only.
class LeakWatchTest {
    private static final int SAMPLE = 1_024;
    private static final int MOST_COLLECTIONS = 100;

    private final LeakLog log = LeakLog.capture();

    @AfterEach
    void stopCapturing() {
        log.close();
    }

    @Test
    void aDroppedLeaseIsReportedOnceWithTheStackThatGotIt() {
        SlotPool pool = pool(LeakDetection.PARANOID);
        dropOne(pool);

        collectUntil(() -> reported(pool) > 0);

        assertThat(log.entries())
                .singleElement()
                .satisfies(
                        entry -> {
                            assertThat(entry.level()).isEqualTo("WARNING");
                            assertThat(entry.message()).contains("LEAK");
                            assertThat(entry.thrown()).isNotNull();
                            assertThat(methods(entry)).contains("dropOne");
                        });
        collectOnce();
        assertThat(reported(pool)).as("once").isOne();
    }

    @Test
    void everyDroppedLeaseIsReported() {
        SlotPool pool = pool(LeakDetection.PARANOID);
        for (int i = 0; i < 10; i++) {
            dropOne(pool);
        }

        collectUntil(() -> reportedInAll(pool) >= 10);

        assertThat(reportedInAll(pool)).isEqualTo(10);
        assertThat(pool.messagesOut()).as("a leak stays out").isEqualTo(10);
    }

    @Test
    void aStackThatLosesManyMessagesIsFewLinesWithTheirNumber() {
        SlotPool pool = pool(LeakDetection.PARANOID);
        for (int i = 0; i < 3_000; i++) {
            dropOne(pool);
        }

        collectUntil(() -> reportedInAll(pool) >= 3_000);

        assertThat(leaks()).isEqualTo(3_000);
        assertThat(lines().count()).as("lines").isLessThan(40);
    }

    @Test
    void anEmptyPoolSaysWhereItsMessagesAreAndWhichWereLost() {
        SlotPool pool = pool(LeakDetection.PARANOID);
        dropOne(pool);
        List<SlabMessage> held = Pools.leases(pool, 2);
        List<Slot> slots = List.of(Pools.slot(pool, 1), Pools.slot(pool, 2), Pools.slot(pool, 3));
        slots.getLast().source(length -> {});
        Slot welcome = slots.getFirst().handOver(Slot.Owner.QUEUE, Slot.Owner.CHANNEL);

        collectUntil(() -> reportedInAll(pool) > 0);

        assertThat(log.entries())
                .extracting(LeakLog.Entry::message)
                .contains(
                        "the pool is empty: of maxPoolMessages 100000 the application holds 3,"
                                + " to be sent are 1, in inboxes 1, of listeners 1");
        held.forEach(SlabMessage::close);
        welcome.handOver(Slot.Owner.CHANNEL, Slot.Owner.QUEUE);
        slots.forEach(slot -> slot.release(Slot.Owner.QUEUE));
    }

    @Test
    void closingThePoolReportsALeaseThatWasDropped() {
        SlotPool pool = pool(LeakDetection.PARANOID);
        dropOne(pool);
        collectOnce();

        collectUntil(
                () -> {
                    pool.close();
                    return leaks() > 0;
                });

        assertThat(leaks()).isOne();
    }

    @ParameterizedTest
    @EnumSource
    void aClosedLeaseIsNeverReported(LeakDetection level) {
        SlotPool pool = pool(level);
        for (int i = 0; i < 2 * SAMPLE; i++) {
            Pools.lease(pool).close();
        }
        SlabMessage moved = Pools.lease(pool);
        Slot slot = moved.slot().handOver(Slot.Owner.LEASE, Slot.Owner.QUEUE);
        moved.moved();

        collectOnce();

        assertThat(reported(pool)).isZero();
        slot.release(Slot.Owner.QUEUE);
    }

    @Test
    void aLeaseInUseIsNotReported() {
        SlotPool pool = pool(LeakDetection.PARANOID);
        List<SlabMessage> held = Pools.leases(pool, 10);
        held.getFirst().body().append(new byte[1_000]);

        collectOnce();

        assertThat(reported(pool)).isZero();
        held.forEach(SlabMessage::close);
    }

    @Test
    void aViewOfASlotIsNotWatched() {
        SlotPool pool = pool(LeakDetection.PARANOID);
        Slot slot = Pools.slot(pool, 1);
        assertThat(SlabMessage.view(slot).id()).isOne();

        collectOnce();

        assertThat(reported(pool)).isZero();
        slot.release(Slot.Owner.QUEUE);
    }

    @Test
    void samplingWatchesOneLeaseInAThousand() {
        LeakWatch watch = new LeakWatch(LeakDetection.SAMPLED);

        long watched = IntStream.range(0, 10 * SAMPLE).filter(i -> watch.watch() != null).count();

        assertThat(watched).isEqualTo(10);
    }

    @Test
    void samplingReportsOneDroppedLeaseInAThousand() {
        SlotPool pool = pool(LeakDetection.SAMPLED);
        for (int i = 0; i < 3 * SAMPLE; i++) {
            dropOne(pool);
        }

        collectUntil(
                () -> {
                    reportBySampling(pool);
                    return reportedInAll(pool) >= 3;
                });

        assertThat(leaks()).isEqualTo(3);
        assertThat(log.entries())
                .filteredOn(entry -> entry.message().contains("LEAK"))
                .allSatisfy(entry -> assertThat(methods(entry)).contains("dropOne"));
    }

    @Test
    void offWatchesNothing() {
        LeakWatch watch = new LeakWatch(LeakDetection.OFF);

        assertThat(IntStream.range(0, SAMPLE).filter(i -> watch.watch() != null).count()).isZero();
        assertThat(new LeakWatch(LeakDetection.PARANOID).watch()).isNotNull();
    }

    private static SlotPool pool(LeakDetection level) {
        return new SlotPool(0, 100_000, 16 * Pools.MEBIBYTE, level);
    }

    /// Gets a lease, and forgets it: its own method, so that no frame of the test holds it.
    private static void dropOne(SlotPool pool) {
        SlabMessage lease = pool.get(AllocationStrategy.ALWAYS);
        assertThat(lease).isNotNull();
    }

    /// The leaks reported so far; getting a message is what reports them.
    private long reported(SlotPool pool) {
        Pools.lease(pool).close();
        return leaks();
    }

    /// Only a lease that is watched looks for leaks.
    private static void reportBySampling(SlotPool pool) {
        for (int i = 0; i < SAMPLE; i++) {
            Pools.lease(pool).close();
        }
    }

    /// The same, with those that wait to be reported together.
    private long reportedInAll(SlotPool pool) {
        pool.reportWhereAll();
        return leaks();
    }

    /// How many messages the lines so far speak of.
    private long leaks() {
        return lines().mapToLong(LeakWatchTest::messages).sum();
    }

    private Stream<String> lines() {
        return log.entries().stream()
                .map(LeakLog.Entry::message)
                .filter(message -> message.contains("LEAK"));
    }

    private static long messages(String line) {
        String count = line.replaceAll("LEAK: (a|\\d+) message.*", "$1");
        return count.equals("a") ? 1 : Long.parseLong(count);
    }

    private static List<String> methods(LeakLog.Entry entry) {
        Throwable got = entry.thrown();
        return got == null
                ? List.of()
                : Arrays.stream(got.getStackTrace()).map(StackTraceElement::getMethodName).toList();
    }

    private static void collectUntil(BooleanSupplier condition) {
        for (int i = 0; i < MOST_COLLECTIONS; i++) {
            if (condition.getAsBoolean()) {
                return;
            }
            collectOnce();
        }
        fail("not seen after " + MOST_COLLECTIONS + " collections");
    }

    /// Returns when a collection has found an object that became unreachable just before.
    private static void collectOnce() {
        ReferenceQueue<Object> unreachable = new ReferenceQueue<>();
        List<PhantomReference<Object>> canary = new ArrayList<>();
        canary.add(new PhantomReference<>(new Object(), unreachable));
        try {
            for (int i = 0; i < MOST_COLLECTIONS; i++) {
                System.gc();
                if (unreachable.remove(100) == canary.getFirst()) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        fail("no collection");
    }
}
