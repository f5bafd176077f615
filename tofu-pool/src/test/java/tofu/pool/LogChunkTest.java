package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What a piece of a log has, and how much more fits in.
class LogChunkTest {
    private final SlotPool pool = Pools.ample();
    private final SlotPool logs = SlotPool.ofLogs(Pools.MEBIBYTE);

    @AfterEach
    void everythingComesHome() {
        assertThat(pool.census().keySet()).isSubsetOf(Slot.Owner.FREE);
        assertThat(logs.census().keySet()).isSubsetOf(Slot.Owner.FREE);
        assertThat(logs.bytesFree()).isEqualTo(Pools.MEBIBYTE);
        pool.close();
        logs.close();
    }

    private LogChunk chunk(int bytes) {
        return Pools.chunk(logs, bytes);
    }

    private Slot frame(long id, int body) {
        return Pools.frame(pool, id, body);
    }

    private void add(LogChunk chunk, long id, int body) {
        Pools.add(pool, chunk, id, body);
    }

    @Test
    void hasRoomForAsMuchAsIsNotFilled() {
        LogChunk chunk = chunk(300);
        assertThat(chunk.hasRoomFor(320)).isTrue();
        assertThat(chunk.hasRoomFor(321)).isFalse();

        add(chunk, 1, 84);
        add(chunk, 2, 34);

        assertThat(chunk.frames()).isEqualTo(2);
        assertThat(chunk.filled()).isEqualTo(150);
        assertThat(chunk.hasRoomFor(170)).isTrue();
        assertThat(chunk.hasRoomFor(171)).isFalse();
        chunk.release();
        assertThat(chunk(300)).as("the same one").isSameAs(chunk);
        assertThat(chunk.frames()).isZero();
        assertThat(chunk.filled()).isZero();
        chunk.release();
    }

    @Test
    void theFirstWordOfAFrameCanBeChanged() {
        LogChunk chunk = chunk(300);
        add(chunk, 1, 84);
        add(chunk, 2, 34);
        long first = chunk.first(100);
        assertThat(first).isNotZero();

        chunk.first(100, first ^ 0xFF);

        assertThat(chunk.first(100)).isEqualTo(first ^ 0xFF);
        assertThat(chunk.first(0)).as("of the other").isNotEqualTo(first ^ 0xFF);
        assertThat(chunk.frameLength(100)).isEqualTo(50);
        chunk.release();
    }

    @Test
    void oneThatIsAsLargeAsItMayBeIsTaken() {
        LogChunk chunk = LogChunk.take(logs, 200, 320);
        assertThat(chunk).isNotNull();
        chunk.release();

        assertThat(LogChunk.take(logs, 200, 319)).isNull();
    }

    @Test
    void aMessageThatTakesItsSlotAlongHasAllOfItsBuffer() {
        Slot own = frame(3, 40_000);
        LogChunk chunk = LogChunk.holding(own, own.second(), logs);
        assertThat(chunk.frames()).isOne();
        assertThat(chunk.hasRoomFor(16)).as("for no other").isFalse();
        ByteBuffer written = chunk.bytes(100, 2_000);
        assertThat(written.remaining()).isEqualTo(1_900);

        Slot taken = Objects.requireNonNull(chunk.slotFor(0, pool, true));

        assertThat(taken).isSameAs(own);
        assertThat(taken.bytes().position()).isZero();
        assertThat(taken.bytes().limit()).isEqualTo(taken.bytes().capacity());
        taken.release(Slot.Owner.LEASE);
    }
}
