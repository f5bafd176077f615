package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.AllocationStrategy;
import tofu.api.AmpeException;
import tofu.api.LeakDetection;
import tofu.api.Message;
import tofu.api.Options;
import tofu.api.Status;
import tofu.pool.Slot.Owner;

/// Taking, releasing and the limits.
class SlotPoolTest {
    private static final int MAX = 5;

    private SlotPool pool = Pools.pool(MAX, Pools.MEBIBYTE);
    private final List<SlabMessage> held = new ArrayList<>();

    @AfterEach
    void everythingComesHome() {
        held.forEach(SlabMessage::close);
        assertThat(pool.messagesOut()).isZero();
        assertThat(pool.census()).containsOnlyKeys(Owner.FREE);
        pool.close();
        assertThat(pool.bytesAllocated()).isZero();
    }

    @Test
    void thePoolIsEmptyWhenMaxPoolMessagesAreOut() {
        for (int i = 0; i < MAX; i++) {
            held.add(Objects.requireNonNull(pool.get(AllocationStrategy.POOL_ONLY)));
        }

        assertThat(pool.get(AllocationStrategy.POOL_ONLY)).isNull();
        assertThat(pool.take(16, AllocationStrategy.POOL_ONLY, Owner.CHANNEL)).isNull();
        assertThat(pool.messagesOut()).isEqualTo(MAX);

        held.removeLast().close();

        held.add(Objects.requireNonNull(pool.get(AllocationStrategy.POOL_ONLY)));
        assertThat(pool.get(AllocationStrategy.POOL_ONLY)).isNull();
    }

    @Test
    void whatFollowsTheHeaderBeginsWithACacheLine() {
        for (int length : Pools.CAPACITIES) {
            List<Slot> slots = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                slots.add(
                        Objects.requireNonNull(
                                pool.take(length, AllocationStrategy.ALWAYS, Owner.QUEUE)));
            }
            for (Slot slot : slots) {
                long address = slot.segment().address() + HeaderLayout.LENGTH;
                assertThat(address % 64).as("of " + length + " bytes").isZero();
                slot.release(Owner.QUEUE);
            }
        }
    }

    @Test
    void slotsOfTheEngineCountAsMessagesThatAreOut() {
        List<Slot> slots = new ArrayList<>();
        for (int i = 0; i < MAX; i++) {
            slots.add(Pools.slot(pool, i));
        }

        assertThat(pool.get(AllocationStrategy.POOL_ONLY)).isNull();
        assertThat(pool.census()).containsEntry(Owner.QUEUE, MAX);

        slots.forEach(slot -> slot.release(Owner.QUEUE));
    }

    @Test
    void alwaysGoesBeyondMaxPoolMessages() {
        held.addAll(Pools.leases(pool, 10 * MAX));

        assertThat(pool.messagesOut()).isEqualTo(10 * MAX);
        assertThat(pool.census()).containsEntry(Owner.LEASE, 10 * MAX);
        assertThat(pool.get(AllocationStrategy.POOL_ONLY)).isNull();
    }

    @Test
    void maxPoolBytesIsNeverExceeded() {
        long maxBytes = 64 << 10;
        pool = Pools.pool(MAX, maxBytes);

        AmpeException refused = fill();

        assertThat(refused.status()).isEqualTo(Status.ALLOCATION_FAILED);
        assertThat(refused).hasMessageContainingAll("128", "maxPoolBytes is 65536");
        assertThat(held).hasSize((int) ((maxBytes - Pools.RESERVE_BYTES) / 128));
        assertThat(pool.messagesOut()).isEqualTo(held.size());
        assertThat(pool.bytesAllocated()).isEqualTo(maxBytes);
        assertThat(pool.take(16, AllocationStrategy.ALWAYS, Owner.CHANNEL)).isNull();

        held.removeLast().close();
        held.add(Pools.lease(pool));
    }

    @Test
    void theFirstMessagesAreThereFromTheStart() {
        pool = new SlotPool(100, 1_000, Pools.MEBIBYTE, LeakDetection.OFF);
        long atStart = pool.bytesAllocated();
        assertThat(atStart).isGreaterThanOrEqualTo(100 * 128 + Pools.RESERVE_BYTES);

        held.addAll(Pools.leases(pool, 100));

        assertThat(pool.bytesAllocated()).isEqualTo(atStart);
    }

    /// As many as options may ask for, for several sizes of slabs.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8, 16, 40})
    void thePoolHoldsTheMostFirstMessagesThatOptionsAllow(int mebibytes) {
        long maxBytes = mebibytes * Pools.MEBIBYTE;
        int most = (int) (maxBytes / 64 * 63 / 128);
        pool =
                new SlotPool(
                        Options.builder()
                                .initialPoolMessages(most)
                                .maxPoolMessages(most)
                                .maxPoolBytes(maxBytes)
                                .build());
        long atStart = pool.bytesAllocated();

        held.addAll(Pools.leases(pool, most));

        assertThat(pool.bytesAllocated()).isEqualTo(atStart);
    }

    @Test
    void firstMessagesThatDoNotFitAreNotMade() {
        pool =
                assertTimeoutPreemptively(
                        Duration.ofSeconds(20),
                        () -> new SlotPool(65_536, 65_536, Pools.MEBIBYTE, LeakDetection.OFF));
        long atStart = pool.bytesAllocated();

        assertThat(atStart).isBetween(Pools.MEBIBYTE / 2, Pools.MEBIBYTE);
        Message first = pool.get(AllocationStrategy.ALWAYS);
        assertThat(first).isNotNull();
        first.close();
        assertThat(pool.bytesAllocated()).isEqualTo(atStart);
    }

    @Test
    void thePoolFollowsTheOptions() {
        pool =
                new SlotPool(
                        Options.builder()
                                .initialPoolMessages(0)
                                .maxPoolMessages(2)
                                .maxPoolBytes(Pools.MEBIBYTE)
                                .build());
        assertThat(pool.bytesAllocated()).isEqualTo(Pools.RESERVE_BYTES);

        held.addAll(Pools.leases(pool, 2));

        assertThat(pool.get(AllocationStrategy.POOL_ONLY)).isNull();
        fill();
        assertThat(pool.bytesAllocated()).isLessThanOrEqualTo(Pools.MEBIBYTE);
    }

    @ParameterizedTest
    @CsvSource({
        "16, 128",
        "128, 128",
        "129, 320",
        "320, 320",
        "321, 1088",
        "1088, 1088",
        "1089, 4160",
        "4160, 4160",
        "4161, 16448",
        "16448, 16448",
        "16449, 65600",
        "65600, 65600",
        "65601, 131136",
        "131086, 131136",
    })
    void aSlotIsTheSmallestThatHoldsTheFrame(int frameLength, int capacity) {
        Slot slot =
                Objects.requireNonNull(
                        pool.take(frameLength, AllocationStrategy.POOL_ONLY, Owner.CHANNEL));

        assertThat(slot.capacity()).isEqualTo(capacity);
        assertThat(slot.segment().byteSize()).isEqualTo(capacity);
        assertThat(slot.buffer().capacity()).isEqualTo(capacity);
        assertThat(slot.owner()).isEqualTo(Owner.CHANNEL);
        assertThat(slot.source()).isNull();
        slot.release(Owner.CHANNEL);
    }

    @Test
    void noSlotHoldsMoreThanTheLongestFrameAndAskingForOneTakesNothing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pool.take(131_137, AllocationStrategy.ALWAYS, Owner.CHANNEL))
                .withMessageContaining("131137");

        assertThat(pool.messagesOut()).isZero();
    }

    @Test
    void aSlotsBufferIsItsSegment() {
        Slot slot = Pools.slot(pool, 1);

        slot.segment().set(ValueLayout.JAVA_BYTE, 100, (byte) 42);

        assertThat(slot.buffer().get(100)).isEqualTo((byte) 42);
        slot.release(Owner.QUEUE);
    }

    @Test
    void aSlotReturnedLastGoesOutFirst() {
        Slot slot = Pools.slot(pool, 1);
        slot.source(length -> {});
        slot.release(Owner.QUEUE);

        Slot again = Pools.slot(pool, 2);

        assertThat(again).isSameAs(slot);
        assertThat(again.source()).as("forgotten").isNull();
        again.release(Owner.QUEUE);
    }

    @Test
    void releasingTwiceIsNoticedAndChangesNothing() {
        Slot slot = Pools.slot(pool, 1);
        slot.release(Owner.QUEUE);

        assertThatIllegalStateException()
                .isThrownBy(() -> slot.release(Owner.QUEUE))
                .withMessageContainingAll("FREE", "QUEUE");

        assertThat(pool.messagesOut()).isZero();
        held.addAll(Pools.leases(pool, 2));
        assertThat(held.get(0).slot()).isNotSameAs(held.get(1).slot());
    }

    @Test
    void releasingWhatIsSomebodyElsesIsNoticedAndChangesNothing() {
        SlabMessage lease = Pools.lease(pool);
        held.add(lease);
        lease.body().append("mine");

        assertThatIllegalStateException().isThrownBy(() -> lease.slot().release(Owner.QUEUE));
        assertThatIllegalStateException()
                .isThrownBy(() -> lease.slot().handOver(Owner.QUEUE, Owner.CHANNEL));

        assertThat(lease.slot().owner()).isEqualTo(Owner.LEASE);
        assertThat(lease.body().text()).isEqualTo("mine");
        assertThat(pool.messagesOut()).isOne();
    }

    @Test
    void aReleasedSlotIsPoisonedWhenAssertionsAreOn() {
        assumeTrue(SlotPool.class.desiredAssertionStatus(), "needs assertions");
        pool = Pools.ample(); // so that no slab is freed meanwhile
        SlabMessage lease = Pools.lease(pool);
        Slot small = lease.slot();
        lease.body().append("secret");
        MemorySegment borrowed = lease.body().segment();
        lease.body().append(new byte[1_000]);
        assertPoisoned(borrowed);
        assertPoisoned(small.segment());

        Slot large = lease.slot();
        lease.close();

        assertPoisoned(large.segment());
    }

    private static void assertPoisoned(MemorySegment segment) {
        assertThat(segment.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0xA5);
    }

    /// Takes messages until the pool refuses, and checks the cap at each step.
    private AmpeException fill() {
        while (true) {
            try {
                held.add(Pools.lease(pool));
            } catch (AmpeException refused) {
                return refused;
            }
            assertThat(held).hasSizeLessThan(100_000);
        }
    }
}
