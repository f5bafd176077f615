package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.api.AllocationStrategy;
import tofu.api.AmpeException;
import tofu.api.Status;
import tofu.pool.Slot.Owner;

/// Memory that goes back to the system while the pool is in use. With a mebibyte a slab has 16 KiB.
class SlotPoolTrimTest {
    private static final long SLAB_BYTES = 16 << 10;

    private SlotPool pool = Pools.pool(100, Pools.MEBIBYTE);
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
    void whatWasAllocatedBeyondMaxPoolMessagesIsGivenBack() {
        held.addAll(Pools.leases(pool, 2_000));
        assertThat(pool.bytesAllocated()).isGreaterThan(2_000 * 128);

        closeAll();

        assertThat(pool.bytesAllocated())
                .as("what 100 messages need, and a slab for the rest")
                .isLessThanOrEqualTo(Pools.RESERVE_BYTES + 2 * SLAB_BYTES);
    }

    @Test
    void largeSlabsAreGivenBackFirst() {
        held.addAll(Pools.leases(pool, 200));
        held.subList(100, 110).forEach(lease -> lease.body().append(new byte[10_000]));
        long large = 10 * 16_448;
        assertThat(pool.bytesAllocated()).isGreaterThan(large);

        closeAll();

        assertThat(pool.bytesAllocated())
                .isLessThanOrEqualTo(Pools.RESERVE_BYTES + 2 * SLAB_BYTES + 2 * 16_448);
    }

    @Test
    void whatIsWithinMaxPoolMessagesIsKept() {
        pool = Pools.pool(1_000, Pools.MEBIBYTE);
        held.addAll(Pools.leases(pool, 500));
        long before = pool.bytesAllocated();

        closeAll();

        assertThat(pool.bytesAllocated()).isEqualTo(before);
    }

    @Test
    void aMessageThatIsOutKeepsItsSlabAndItsContent() {
        held.addAll(Pools.leases(pool, 2_000));
        for (int i = 0; i < held.size(); i++) {
            held.get(i).id(i).body().append("number " + i);
        }
        List<SlabMessage> kept = List.of(held.get(0), held.get(777), held.get(1_999));
        held.removeAll(kept);

        closeAll();

        assertThat(pool.bytesAllocated()).isLessThanOrEqualTo(Pools.RESERVE_BYTES + 4 * SLAB_BYTES);
        assertThat(kept).extracting(SlabMessage::id).containsExactly(0L, 777L, 1_999L);
        assertThat(kept)
                .extracting(lease -> lease.body().text())
                .containsExactly("number 0", "number 777", "number 1999");
        held.addAll(kept);
        held.addAll(Pools.leases(pool, 2_000));
        assertThat(held).extracting(SlabMessage::slot).doesNotHaveDuplicates();
    }

    @Test
    void aLoadThatSwingsDoesNotAllocateTheSameSlabOverAndOver() {
        pool = Pools.pool(10, Pools.MEBIBYTE);
        Set<Slab> slabs = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            try (SlabMessage lease = Pools.lease(pool)) {
                lease.body().append(new byte[200]);
                slabs.add(lease.slot().slab);
            }
        }

        assertThat(slabs).as("slabs of the second size").hasSizeLessThan(10);
    }

    @Test
    void unusedSlabsOfOtherSizesAreGivenUpForTheCap() {
        pool = Pools.pool(1_000_000, Pools.MEBIBYTE);
        fill(0);
        closeAll();
        assertThat(pool.bytesAllocated())
                .as("all of it is within maxPoolMessages")
                .isGreaterThan(Pools.MEBIBYTE - SLAB_BYTES);

        int large = fill(60_000);

        assertThat(large).as("nearly the whole cap").isGreaterThan(12);
        assertThat(pool.bytesAllocated()).isLessThanOrEqualTo(Pools.MEBIBYTE);
        closeAll();
        int small = fill(0);
        assertThat(small).isGreaterThan(7_000);
    }

    @Test
    void aSlabInUseIsNotGivenUp() {
        pool = Pools.pool(1_000_000, Pools.MEBIBYTE);
        fill(0);
        List<SlabMessage> oneOfEachSlab = new ArrayList<>();
        Set<Slab> seen = new HashSet<>();
        for (SlabMessage lease : held) {
            if (seen.add(lease.slot().slab)) {
                lease.id(oneOfEachSlab.size());
                oneOfEachSlab.add(lease);
            }
        }
        held.removeAll(oneOfEachSlab);
        closeAll();
        long before = pool.bytesAllocated();

        assertThat(pool.take(60_000, AllocationStrategy.ALWAYS, Owner.CHANNEL)).isNull();

        assertThat(pool.bytesAllocated()).isEqualTo(before);
        for (int i = 0; i < oneOfEachSlab.size(); i++) {
            assertThat(oneOfEachSlab.get(i).id()).isEqualTo(i);
        }
        held.addAll(oneOfEachSlab);
    }

    @Test
    void slabsComeAndGoInAnyOrder() {
        pool = Pools.pool(100, 4 * Pools.MEBIBYTE);
        Random random = new Random(42);
        for (int round = 0; round < 20; round++) {
            held.addAll(Pools.leases(pool, random.nextInt(1_500)));
            held.forEach(lease -> lease.body().append(new byte[random.nextInt(200)]));
            assertThat(held).extracting(SlabMessage::slot).doesNotHaveDuplicates();
            Collections.shuffle(held, random);
            int left = random.nextInt(held.size() + 1);
            List<SlabMessage> closed = held.subList(left, held.size());
            closed.forEach(SlabMessage::close);
            closed.clear();
            assertThat(pool.messagesOut()).isEqualTo(left);
            assertThat(pool.bytesAllocated()).isLessThanOrEqualTo(4 * Pools.MEBIBYTE);
        }
    }

    /// Takes messages until the pool refuses, or refuses the body.
    ///
    /// @return how many messages have their body
    private int fill(int bodyLength) {
        int filled = 0;
        try {
            while (filled < 100_000) {
                SlabMessage lease = Objects.requireNonNull(pool.get(AllocationStrategy.ALWAYS));
                held.add(lease);
                lease.body().append(new byte[bodyLength]);
                filled++;
            }
        } catch (AmpeException full) {
            assertThat(full.status()).isEqualTo(Status.ALLOCATION_FAILED);
        }
        return filled;
    }

    private void closeAll() {
        held.forEach(SlabMessage::close);
        held.clear();
    }
}
