package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.api.AllocationStrategy;
import tofu.api.Status;

class FrameRangeTest {
    private final SlotPool pool = Pools.ample();
    private final SlotPool logs = SlotPool.ofLogs(Pools.MEBIBYTE);

    @AfterEach
    void everythingComesHome() {
        assertThat(pool.census()).containsOnlyKeys(Slot.Owner.FREE);
        assertThat(logs.messagesOut()).as("chunks").isZero();
        assertThat(logs.census()).doesNotContainKeys(Slot.Owner.LOG, Slot.Owner.LEASE);
        pool.close();
        logs.close();
    }

    private Slot frame(long id, int body) {
        int length = HeaderLayout.LENGTH + body;
        Slot slot =
                Objects.requireNonNull(
                        pool.take(length, AllocationStrategy.ALWAYS, Slot.Owner.LEASE));
        slot.clear();
        slot.id(id);
        slot.bodyLength(body);
        return slot;
    }

    private void add(LogChunk chunk, long id, int body) {
        Slot slot = frame(id, body);
        assertThat(chunk.hasRoomFor(slot.frameLength())).isTrue();
        chunk.add(slot, slot.first(), slot.second(), slot.frameLength());
        slot.release(Slot.Owner.LEASE);
    }

    private LogChunk chunk(int bytes) {
        return Objects.requireNonNull(LogChunk.take(logs, bytes));
    }

    /// Two frames in a chunk, one in its own slot, one more.
    private FrameRange four() {
        LogChunk first = chunk(300);
        add(first, 1, 10);
        add(first, 2, 20);
        Slot own = frame(3, 40_000);
        LogChunk second = LogChunk.holding(own, own.second());
        first.next(second);
        LogChunk third = chunk(300);
        second.next(third);
        add(third, 4, 0);
        return new FrameRange(first, 0, Status.CONNECT_FAILED);
    }

    private long next(FrameRange range) {
        Slot slot = Objects.requireNonNull(range.first(pool));
        assertThat(range.first(pool)).as("until it is removed").isSameAs(slot);
        assertThat(slot.owner()).isEqualTo(Slot.Owner.LEASE);
        assertThat(slot.status()).isEqualTo(Status.CONNECT_FAILED.code());
        assertThat(slot.fromEngine()).isTrue();
        range.removeFirst();
        long id = slot.id();
        slot.release(Slot.Owner.LEASE);
        return id;
    }

    @Test
    void messagesComeOutInOrderWhereverTheyAre() {
        FrameRange range = four();
        for (long id = 1; id <= 4; id++) {
            assertThat(range.isEmpty()).isFalse();
            assertThat(next(range)).isEqualTo(id);
        }
        assertThat(range.isEmpty()).isTrue();
        assertThat(range.first(pool)).isNull();
        assertThatThrownBy(range::removeFirst).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aRangeMayBeginBehindWhatWasSent() {
        LogChunk chunk = chunk(300);
        add(chunk, 1, 10);
        add(chunk, 2, 20);
        assertThat(next(new FrameRange(chunk, 26, Status.CONNECT_FAILED))).isEqualTo(2);
    }

    @Test
    void whatNobodyTakesIsDiscardedFromAnywhere() {
        for (int taken = 0; taken <= 4; taken++) {
            FrameRange range = four();
            for (int i = 0; i < taken; i++) {
                next(range);
            }
            range.discard();
            FrameRange begun = four();
            for (int i = 0; i < taken; i++) {
                next(begun);
            }
            if (taken < 4) {
                assertThat(begun.first(pool)).isNotNull();
            }
            begun.discard();
        }
    }

    @Test
    void oneAfterTheOtherCanBeTakenThoughThePoolHasNoMemory() {
        LogChunk chunk = chunk(60_000);
        for (long id = 1; id <= 3; id++) {
            add(chunk, id, 10_000);
        }
        FrameRange range = new FrameRange(chunk, 0, Status.CONNECT_FAILED);
        try (SlotPool empty = Pools.pool(1, 1)) {
            Slot first = Objects.requireNonNull(range.first(empty));
            range.removeFirst();
            assertThat(range.first(empty)).as("the spare one is out").isNull();
            first.release(Slot.Owner.LEASE);

            @Nullable Slot second = range.first(empty);
            assertThat(second).isNotNull();
            assertThat(second.id()).isEqualTo(2);
            assertThat(second.bodyLength()).isEqualTo(10_000);
            range.removeFirst();
            second.release(Slot.Owner.LEASE);
            assertThat(range.first(empty)).isNotNull();
            range.discard();
        }
    }
}
