package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.api.AmpeException;
import tofu.api.Status;

/// One message in the hands of two threads, a mistake of the application, costs nobody else
/// anything. Where one thread says what both do, it does what the slower one had begun.
class SlabMessageTwoThreadsTest {
    private final SlotPool pool = Pools.ample();
    private final SlabMessage message = Pools.lease(pool);

    @AfterEach
    void everythingComesHome() {
        message.close();
        assertThat(pool.messagesOut()).isZero();
        assertThat(pool.census()).containsOnlyKeys(Slot.Owner.FREE);
        pool.close();
        assertThat(pool.bytesAllocated()).isZero();
    }

    @Test
    void whoeverClosesSecondIsToldAndTakesNothingFromTheNextOwner() {
        Slot seen = message.slot();
        message.close();
        try (SlabMessage next = Pools.lease(pool)) {
            assertThat(next.slot()).isSameAs(seen);
            next.body().append("mine");

            assertThatExceptionOfType(AmpeException.class)
                    .isThrownBy(() -> pool.close(message, seen))
                    .returns(Status.NULL_MESSAGE, AmpeException::status);

            assertThat(next.slot().owner()).isEqualTo(Slot.Owner.LEASE);
            assertThat(next.body().text()).isEqualTo("mine");
        }
    }

    @Test
    void whoeverClaimsSecondIsTold() {
        Slot slot = message.slot();
        message.claim(slot);

        assertThatExceptionOfType(AmpeException.class)
                .isThrownBy(() -> message.claim(slot))
                .returns(Status.NULL_MESSAGE, AmpeException::status);

        assertThat(message.isEmptied()).isTrue();
        message.restore(slot);
        assertThat(message.slot()).isSameAs(slot);
    }

    @Test
    void aMessageThatWasMovedMeanwhileDoesNotGrow() {
        Slot slot = message.slot();
        message.claim(slot);
        slot.handOver(Slot.Owner.LEASE, Slot.Owner.QUEUE);
        message.moved();

        assertThatIllegalStateException().isThrownBy(() -> pool.grow(message, slot, 16, 300));

        assertThat(slot.owner()).isEqualTo(Slot.Owner.QUEUE);
        assertThat(pool.messagesOut()).isOne();
        slot.release(Slot.Owner.QUEUE);
    }

    @Test
    void whatIsSentKeepsItsLength() {
        message.body().append("four");
        Slot slot = message.slot();
        slot.handOver(Slot.Owner.LEASE, Slot.Owner.QUEUE).seal(slot.second());

        message.body().append(" and more");

        assertThat(slot.frameLength()).isEqualTo(16 + 4);
        assertThat(slot.buffer().getShort(14))
                .as("length of the body in the header")
                .isEqualTo((short) 4);
        message.moved();
        slot.release(Slot.Owner.QUEUE);
    }

    @Test
    void aFrameThatIsLongerThanItsMemoryIsRefused() {
        message.slot().bodyLength(60_000);

        assertThatIllegalStateException()
                .isThrownBy(() -> message.slot().checkSendable(message.slot().frameLength()));

        message.slot().clear();
    }

    @Test
    void twoThreadsThatCloseOneMessageDisturbNobody() throws Exception {
        int rounds = 20_000;
        AtomicReference<@Nullable SlabMessage> shared = new AtomicReference<>();
        CyclicBarrier start = new CyclicBarrier(2, () -> shared.set(Pools.lease(pool)));
        AtomicBoolean done = new AtomicBoolean();
        Crew crew = new Crew();
        for (int i = 0; i < 2; i++) {
            crew.add(
                    () -> {
                        try {
                            for (int round = 0; round < rounds; round++) {
                                start.await();
                                closeShared(shared.get());
                            }
                        } finally {
                            done.set(true);
                        }
                    });
        }
        crew.add(
                () -> {
                    for (long i = 0; !done.get(); i++) {
                        try (SlabMessage own = Pools.lease(pool)) {
                            own.id(i).body().append("innocent");
                            assertThat(own.id()).isEqualTo(i);
                            assertThat(own.body().text()).isEqualTo("innocent");
                        }
                    }
                });

        crew.work();
    }

    private static void closeShared(@Nullable SlabMessage shared) {
        assertThat(shared).isNotNull();
        try {
            shared.close();
        } catch (AmpeException faster) {
            assertThat(faster.status()).isEqualTo(Status.NULL_MESSAGE);
        }
    }
}
