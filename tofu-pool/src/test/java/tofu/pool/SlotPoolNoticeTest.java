package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tofu.api.AllocationStrategy;
import tofu.api.AmpeException;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.pool.Slot.Owner;

/// An empty pool: the reserve for notices, and how those who wait hear that it is empty no more.
class SlotPoolNoticeTest {
    private SlotPool pool = Pools.pool(2, Pools.MEBIBYTE);
    private final List<SlabMessage> held = new ArrayList<>();
    private final List<Slot> notices = new ArrayList<>();
    private final AtomicInteger refills = new AtomicInteger();

    @BeforeEach
    void listen() {
        pool.onRefill(refills::incrementAndGet);
    }

    @AfterEach
    void everythingComesHome() {
        notices.forEach(slot -> slot.release(Owner.QUEUE));
        held.forEach(SlabMessage::close);
        assertThat(pool.messagesOut()).isZero();
        assertThat(pool.census()).containsOnlyKeys(Owner.FREE);
        pool.close();
        assertThat(pool.bytesAllocated()).isZero();
    }

    @Test
    void anEmptyPoolStillHasNotices() {
        held.addAll(Pools.leases(pool, 2));
        assertThat(pool.get(AllocationStrategy.POOL_ONLY)).isNull();

        takeNotices(Pools.RESERVE);

        assertThat(pool.takeForNotice()).as("the reserve is empty too").isNull();
        assertThat(pool.messagesOut()).as("the reserve does not count").isEqualTo(2);
        assertThat(pool.census()).containsEntry(Owner.QUEUE, Pools.RESERVE);
    }

    @Test
    void aPoolWithoutMemoryStillHasNotices() {
        pool = Pools.pool(1_000_000, 64 << 10);
        fill();

        takeNotices(Pools.RESERVE);

        assertThat(pool.takeForNotice()).isNull();
    }

    @Test
    void aNoticeIsAnEmptyMessageInAQueue() {
        for (int i = 0; i < 2; i++) {
            Slot notice = Objects.requireNonNull(pool.takeForNotice());

            assertThat(notice.owner()).isEqualTo(Owner.QUEUE);
            assertThat(notice.frameLength()).isEqualTo(HeaderLayout.LENGTH);
            assertThat(notice.knownOpCode()).isEqualTo(OpCode.REQUEST);
            assertThat(notice.id()).isZero();
            notice.id(-1);
            notice.markEngine(Status.POOL_EMPTY);
            notice.release(Owner.QUEUE);
        }
    }

    @Test
    void whenTheReserveIsEmptyNoticesComeFromThePool() {
        takeNotices(Pools.RESERVE);
        assertThat(pool.messagesOut()).isZero();

        takeNotices(2);

        assertThat(pool.messagesOut()).isEqualTo(2);
        assertThat(pool.takeForNotice()).isNull();
    }

    @Test
    void aNoticeThatComesBackIsInTheReserveAgain() {
        takeNotices(Pools.RESERVE);
        Slot last = notices.removeLast();
        last.release(Owner.QUEUE);

        assertThat(pool.messagesOut()).isZero();
        takeNotices(1);
        assertThat(notices.getLast()).isSameAs(last);
    }

    @Test
    void aNoticeThatAnApplicationFillsCountsAsAMessage() {
        Slot notice = Objects.requireNonNull(pool.takeForNotice());
        SlabMessage lease = pool.lease(notice.handOver(Owner.QUEUE, Owner.LEASE));
        assertThat(pool.messagesOut()).isZero();

        lease.body().append(new byte[1_000]);

        assertThat(pool.messagesOut()).isOne();
        lease.close();
        assertThat(pool.messagesOut()).isZero();
        takeNotices(Pools.RESERVE);
        assertThat(pool.messagesOut()).as("the reserve is whole").isZero();
    }

    @Test
    void nobodyIsToldOfARefillWhoDidNotAsk() {
        held.addAll(Pools.leases(pool, 2));
        assertThat(pool.get(AllocationStrategy.POOL_ONLY)).isNull();

        held.removeLast().close();

        assertThat(refills).hasValue(0);
    }

    @Test
    void aRefillIsToldOnceForEachTimeItWasAskedFor() {
        held.addAll(Pools.leases(pool, 2));
        pool.awaitRefill();
        pool.awaitRefill();
        assertThat(refills).hasValue(0);

        held.removeLast().close();
        assertThat(refills).hasValue(1);
        held.removeLast().close();
        assertThat(refills).as("not asked again").hasValue(1);

        held.add(Pools.lease(pool));
        pool.awaitRefill();
        held.removeLast().close();
        assertThat(refills).hasValue(2);
    }

    @Test
    void whoWaitsForFewerMessagesIsToldWhenThereAreFewer() {
        pool = Pools.pool(4, Pools.MEBIBYTE);
        pool.onRefill(refills::incrementAndGet);
        held.addAll(Pools.leases(pool, 4));
        assertThat(pool.isBelowOrAwait(3)).isFalse();

        held.removeLast().close();
        assertThat(refills).hasValue(0);
        held.removeLast().close();
        assertThat(refills).as("2 are out").hasValue(1);
        held.removeLast().close();
        assertThat(refills).as("not asked again").hasValue(1);
        assertThat(pool.isBelowOrAwait(3)).isTrue();
    }

    @Test
    void whoWaitsForASlotIsToldAlthoughAnotherWaitsForMore() {
        pool = Pools.pool(4, Pools.MEBIBYTE);
        pool.onRefill(refills::incrementAndGet);
        held.addAll(Pools.leases(pool, 4));
        pool.awaitRefill();
        assertThat(pool.isBelowOrAwait(1)).isFalse();
        held.removeLast().close();
        assertThat(refills).hasValue(1);

        assertThat(pool.isBelowOrAwait(1)).isFalse();
        pool.awaitRefill();
        held.removeLast().close();
        assertThat(refills).hasValue(2);
    }

    @Test
    void whoIsToldOfARefillFindsASlot() {
        List<Slot> found = new ArrayList<>();
        pool.onRefill(
                () ->
                        found.add(
                                Objects.requireNonNull(
                                        pool.take(16, AllocationStrategy.POOL_ONLY, Owner.QUEUE))));
        held.addAll(Pools.leases(pool, 2));
        pool.awaitRefill();

        held.removeLast().close();

        assertThat(found).hasSize(1);
        notices.addAll(found);
    }

    @Test
    void everyListenerIsToldOfARefill() {
        pool.onRefill(refills::incrementAndGet);
        held.addAll(Pools.leases(pool, 2));
        pool.awaitRefill();

        held.removeLast().close();

        assertThat(refills).hasValue(2);
    }

    @Test
    void aSlotThatAMessageOutgrewIsARefillToo() {
        pool = Pools.pool(1_000_000, 64 << 10);
        pool.onRefill(refills::incrementAndGet);
        SlabMessage larger = Pools.lease(pool);
        larger.body().append(new byte[200]);
        fill();
        Slot room = held.getLast().slot();
        assertThat(room.capacity()).as("the last ones are larger than need be").isEqualTo(320);
        held.removeLast().close();
        pool.awaitRefill();
        assertThat(refills).hasValue(0);

        held.getFirst().body().append(new byte[200]);

        assertThat(refills).as("a small slot came back").hasValue(1);
        notices.add(Pools.slot(pool, 1));
        larger.close();
    }

    private void takeNotices(int count) {
        for (int i = 0; i < count; i++) {
            notices.add(Objects.requireNonNull(pool.takeForNotice()));
        }
    }

    private void fill() {
        try {
            while (held.size() < 100_000) {
                held.add(Pools.lease(pool));
            }
        } catch (AmpeException full) {
            assertThat(full.status()).isEqualTo(Status.ALLOCATION_FAILED);
        }
    }
}
