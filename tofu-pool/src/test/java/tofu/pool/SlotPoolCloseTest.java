package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.AllocationStrategy;
import tofu.api.AmpeException;
import tofu.api.Status;
import tofu.pool.Slot.Owner;

class SlotPoolCloseTest {
    private final LeakLog log = LeakLog.capture();
    private final SlotPool pool = Pools.pool(1_000, 16 * Pools.MEBIBYTE);

    @AfterEach
    void everythingIsFreed() {
        log.close();
        assertThat(pool.messagesOut()).isZero();
        assertThat(pool.bytesAllocated()).isZero();
        assertThat(pool.census()).isEmpty();
    }

    @Test
    void aPoolWhoseMessagesAllCameHomeClosesSilently() {
        Pools.leases(pool, 10).forEach(SlabMessage::close);

        pool.close();

        assertThat(log.entries()).isEmpty();
    }

    @Test
    void closingReportsWhatIsOutByItsOwner() {
        List<SlabMessage> leases = Pools.leases(pool, 3);
        Slot queued = Pools.slot(pool, 1);
        Slot channel =
                Objects.requireNonNull(
                        pool.take(1_000, AllocationStrategy.POOL_ONLY, Owner.CHANNEL));
        Slot notice = Objects.requireNonNull(pool.takeForNotice());

        pool.close();

        assertThat(log.entries())
                .singleElement()
                .satisfies(
                        entry -> {
                            assertThat(entry.level()).isEqualTo("WARNING");
                            assertThat(entry.message())
                                    .contains("LEASE=3", "QUEUE=2", "CHANNEL=1")
                                    .doesNotContain("FREE");
                        });
        leases.forEach(SlabMessage::close);
        queued.release(Owner.QUEUE);
        channel.release(Owner.CHANNEL);
        notice.release(Owner.QUEUE);
    }

    @Test
    void whatIsOutStaysValidAndIsFreedAsItComesBack() {
        List<SlabMessage> leases = Pools.leases(pool, 2);
        leases.getFirst().body().append(new byte[60_000]);
        leases.getLast().body().append("still here");

        pool.close();
        long out = pool.bytesAllocated();
        assertThat(out).isPositive();
        assertThat(leases.getLast().body().text()).isEqualTo("still here");

        leases.getFirst().close();
        assertThat(pool.bytesAllocated()).isPositive().isLessThan(out);
        leases.getLast().close();
        assertThat(pool.bytesAllocated()).isZero();
    }

    @Test
    void aMessageMayStillGrowAfterTheClose() {
        SlabMessage lease = Pools.lease(pool);
        lease.body().append("kept");
        pool.close();

        lease.body().append(new byte[10_000]);

        assertThat(lease.body().text()).startsWith("kept").hasSize(10_004);
        lease.close();
    }

    @Test
    void aNoticeThatIsOutIsFreedAsItComesBack() {
        Slot notice = Objects.requireNonNull(pool.takeForNotice());
        pool.close();
        assertThat(pool.bytesAllocated()).isEqualTo(Pools.RESERVE_BYTES);

        notice.release(Owner.QUEUE);

        assertThat(pool.bytesAllocated()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void aClosedPoolGivesNoMessage(AllocationStrategy strategy) {
        Pools.lease(pool).close();
        pool.close();

        assertThatExceptionOfType(AmpeException.class)
                .isThrownBy(() -> pool.get(strategy))
                .returns(Status.SHUTDOWN_STARTED, AmpeException::status);
    }

    @Test
    void whatTheEngineTakesFromAClosedPoolIsFreedAsItComesBack() {
        pool.close();
        Slot slot = pool.take(16, AllocationStrategy.POOL_ONLY, Owner.CHANNEL);
        Slot notice = pool.takeForNotice();

        if (slot != null) {
            slot.release(Owner.CHANNEL);
        }
        if (notice != null) {
            notice.release(Owner.QUEUE);
        }

        assertThat(pool.bytesAllocated()).isZero();
    }

    @Test
    void closingTwiceDoesNothingMore() {
        pool.close();
        pool.close();

        assertThat(log.entries()).isEmpty();
    }

    @Test
    void closingWhileOthersTakeAndReleaseFreesEverything() throws Exception {
        Crew crew = new Crew();
        for (int i = 0; i < 3; i++) {
            crew.add(
                    () -> {
                        try {
                            while (true) {
                                try (SlabMessage lease = Pools.lease(pool)) {
                                    lease.body().append(new byte[500]);
                                }
                            }
                        } catch (AmpeException closed) {
                            assertThat(closed.status()).isEqualTo(Status.SHUTDOWN_STARTED);
                        }
                    });
        }
        crew.add(
                () -> {
                    while (pool.messagesOut() == 0) {
                        Thread.onSpinWait();
                    }
                    try (LeakLog quiet = LeakLog.capture()) {
                        pool.close();
                        assertThat(quiet.entries()).hasSizeLessThan(2);
                    }
                });

        crew.work();
    }
}
