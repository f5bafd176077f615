package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.api.AllocationStrategy;
import tofu.pool.Slot.Owner;

/// No id is given out twice, wherever it comes from.
class MessageIdsTest {
    private static final int MANY = 10_000;

    private final SlotPool pool = Pools.pool(1_024, 64 * Pools.MEBIBYTE);

    @AfterEach
    void close() {
        assertThat(pool.messagesOut()).isZero();
        pool.close();
    }

    @Test
    void messagesThatUseTheSameMemoryHaveDifferentIds() {
        Set<Long> ids = new HashSet<>();
        for (int i = 0; i < MANY; i++) {
            try (SlabMessage message = Pools.lease(pool)) {
                ids.add(message.slot().takeId());
            }
        }
        assertThat(ids).hasSize(MANY).doesNotContain(0L);
    }

    @Test
    void anIdThatNobodyUsedIsGivenOutOnce() {
        Pools.leases(pool, 100).forEach(SlabMessage::close);
        List<Slot> received = new ArrayList<>();
        Set<Long> ids = new HashSet<>();
        for (int i = 0; i < 500; i++) {
            Slot slot =
                    Objects.requireNonNull(pool.take(80, AllocationStrategy.ALWAYS, Owner.CHANNEL));
            received.add(slot);
            ids.add(slot.takeId());
            ids.add(slot.takeId());
            ids.add(MessageIds.next());
        }
        assertThat(ids).hasSize(1_500).doesNotContain(0L);
        received.forEach(slot -> slot.release(Owner.CHANNEL));
    }

    @Test
    void aMessageThatMovesToALargerSlotHasOneToo() {
        Set<Long> ids = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            try (SlabMessage message = Pools.lease(pool)) {
                message.makeRoom(1_000 + i);
                ids.add(message.slot().takeId());
            }
        }
        assertThat(ids).hasSize(200).doesNotContain(0L);
    }

    @Test
    void threadsNeverShareOne() throws Exception {
        Set<Long> ids = ConcurrentHashMap.newKeySet();
        Crew crew = new Crew();
        for (int thread = 0; thread < 8; thread++) {
            crew.add(
                    () -> {
                        for (int i = 0; i < MANY; i++) {
                            SlabMessage message = pool.get(AllocationStrategy.ALWAYS);
                            assertThat(ids.add(Objects.requireNonNull(message).slot().takeId()))
                                    .isTrue();
                            message.close();
                        }
                    });
        }
        crew.work();
        assertThat(ids).hasSize(8 * MANY).doesNotContain(0L);
    }
}
