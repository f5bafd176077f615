package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.api.AllocationStrategy;
import tofu.pool.Slot.Owner;

class SlotReturnsTest {
    // Too small for magazines, so that each slot that comes back is in the free list.
    private final SlotPool pool = Pools.pool(32, 8 * Pools.MEBIBYTE);
    private final SlotReturns returns = new SlotReturns();

    @AfterEach
    void everythingComesHome() {
        returns.flush();
        assertThat(pool.messagesOut()).isZero();
        assertThat(pool.census().keySet()).isSubsetOf(Owner.FREE);
        pool.close();
        assertThat(pool.bytesAllocated()).isZero();
    }

    @Test
    void flushingNothingDoesNothing() {
        returns.flush();

        assertThat(pool.messagesOut()).isZero();
    }

    @Test
    void slotsOfOneSizeComeBackTogetherAtTheFlush() {
        List<Slot> slots = slots(16, 16, 16);
        slots.forEach(slot -> returns.add(slot, Owner.CHANNEL));
        assertThat(pool.messagesOut()).as("not yet").isEqualTo(3);

        returns.flush();

        assertThat(pool.messagesOut()).isZero();
        assertThat(slots(16, 16, 16)).as("the last comes out first").isEqualTo(slots.reversed());
        slots.forEach(slot -> slot.release(Owner.CHANNEL));
    }

    @Test
    void aSlotOfAnotherSizeFlushesThoseBefore() {
        List<Slot> slots = slots(16, 16, 1_000, 16);
        returns.add(slots.get(0), Owner.CHANNEL);
        returns.add(slots.get(1), Owner.CHANNEL);
        assertThat(pool.messagesOut()).isEqualTo(4);
        returns.add(slots.get(2), Owner.CHANNEL);
        assertThat(pool.messagesOut()).isEqualTo(2);
        returns.add(slots.get(3), Owner.CHANNEL);
        assertThat(pool.messagesOut()).isOne();

        returns.flush();

        assertThat(pool.messagesOut()).isZero();
        List<Slot> again = slots(16, 16, 16, 1_000);
        assertThat(again).containsExactlyInAnyOrderElementsOf(slots);
        again.forEach(slot -> slot.release(Owner.CHANNEL));
    }

    @Test
    void theReserveIsNoMessageHereEither() {
        Slot notice = Objects.requireNonNull(pool.takeForNotice());
        Slot message = slots(16).getFirst();
        returns.add(notice, Owner.QUEUE);
        returns.add(message, Owner.CHANNEL);

        returns.flush();

        assertThat(pool.messagesOut()).isZero();
        assertThat(pool.takeForNotice()).isSameAs(notice);
        notice.release(Owner.QUEUE);
    }

    @Test
    void aSlotThatIsAddedTwiceIsNoticedAndTheOthersStillComeBack() {
        List<Slot> slots = slots(16, 16);
        slots.forEach(slot -> returns.add(slot, Owner.CHANNEL));

        assertThatIllegalStateException()
                .isThrownBy(() -> returns.add(slots.getFirst(), Owner.CHANNEL));

        returns.flush();
        assertThat(pool.messagesOut()).isZero();
    }

    @Test
    void aRefillIsToldOnceForAFlush() {
        AtomicInteger refills = new AtomicInteger();
        pool.onRefill(refills::incrementAndGet);
        pool.awaitRefill();
        slots(16, 16, 16).forEach(slot -> returns.add(slot, Owner.CHANNEL));
        assertThat(refills).hasValue(0);

        returns.flush();

        assertThat(refills).hasValue(1);
    }

    @Test
    void slotsThatAreFlushedAfterTheCloseAreFreed() {
        slots(16, 16, 1_000).forEach(slot -> returns.add(slot, Owner.CHANNEL));
        pool.close();

        returns.flush();

        assertThat(pool.bytesAllocated()).isZero();
        assertThat(pool.census()).isEmpty();
    }

    @Test
    void itCanBeUsedAgain() {
        for (int round = 0; round < 3; round++) {
            slots(16, 200, 16, 16).forEach(slot -> returns.add(slot, Owner.CHANNEL));
            returns.flush();
            assertThat(pool.messagesOut()).isZero();
        }
    }

    private List<Slot> slots(int... frameLengths) {
        List<Slot> slots = new ArrayList<>();
        for (int length : frameLengths) {
            slots.add(
                    Objects.requireNonNull(
                            pool.take(length, AllocationStrategy.ALWAYS, Owner.CHANNEL)));
        }
        return slots;
    }
}
