package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.api.AllocationStrategy;
import tofu.pool.Slot.Owner;

/// Slots taken together: as good as slots taken one by one.
class SlotSupplyTest {
    private static final int MAX_MESSAGES = 4_096;

    private final SlotPool pool = Pools.pool(MAX_MESSAGES, 64 * Pools.MEBIBYTE);
    private final SlotSupply supply = new SlotSupply(pool);
    private final List<Slot> taken = new ArrayList<>();

    @AfterEach
    void everySlotCameHome() {
        supply.flush();
        taken.forEach(slot -> slot.release(Owner.CHANNEL));
        assertThat(pool.messagesOut()).isZero();
        assertThat(pool.census().keySet()).containsOnly(Owner.FREE);
        pool.close();
    }

    private Slot take(int frameLength) {
        Slot slot = Objects.requireNonNull(supply.take(frameLength, Owner.CHANNEL));
        taken.add(slot);
        return slot;
    }

    @Test
    void eachSlotIsAnotherAndInNoChain() {
        for (int i = 0; i < 500; i++) {
            take(80);
        }

        assertThat(taken).doesNotHaveDuplicates();
        assertThat(taken).allSatisfy(slot -> assertThat(slot.next()).isNull());
        assertThat(taken).allSatisfy(slot -> assertThat(slot.owner()).isEqualTo(Owner.CHANNEL));
    }

    @Test
    void sizesMayTakeTurns() {
        for (int i = 0; i < 50; i++) {
            assertThat(take(128).capacity()).isEqualTo(128);
            assertThat(take(1_000).capacity()).isEqualTo(1_088);
            assertThat(take(131_086).capacity()).isEqualTo(131_136);
        }
    }

    @Test
    void whatIsLeftComesBack() {
        for (int i = 0; i < 100; i++) {
            take(80);
        }
        supply.flush();

        assertThat(pool.messagesOut()).isEqualTo(100);
    }

    @Test
    void allMessagesCanBeTakenAndNoneMore() {
        for (int i = 0; i < MAX_MESSAGES; i++) {
            take(80);
        }

        assertThat(supply.take(80, Owner.CHANNEL)).isNull();
        assertThat(pool.messagesOut()).isEqualTo(MAX_MESSAGES);
        taken.removeLast().release(Owner.CHANNEL);
        take(80);
    }

    @Test
    void whatIsLeftIsGivenToWhoWaitsForIt() {
        List<Integer> told = new ArrayList<>();
        pool.onRefill(() -> told.add(pool.messagesOut()));
        for (int i = 0; i < 10; i++) {
            take(80);
        }
        pool.awaitRefill();

        supply.flush();

        assertThat(told).isNotEmpty();
        assertThat(pool.messagesOut()).isEqualTo(10);
        Slot other =
                Objects.requireNonNull(pool.take(80, AllocationStrategy.POOL_ONLY, Owner.CHANNEL));
        taken.add(other);
    }
}
