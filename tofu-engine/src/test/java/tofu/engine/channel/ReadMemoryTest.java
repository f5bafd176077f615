package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.pool.LogChunk;
import tofu.pool.SlotPool;

/// What there is to read into, and who is told when there is some.
class ReadMemoryTest {
    private static final int READ_BYTES = 1_000;
    private static final long BYTES = 1 << 20;

    private final SlotPool pool = SlotPool.ofLogs(BYTES);
    private final ReadMemory memory = new ReadMemory(pool, READ_BYTES);
    private final List<LogChunk> taken = new ArrayList<>();

    /// How often somebody was told that memory came back.
    private final AtomicInteger told = new AtomicInteger();

    ReadMemoryTest() {
        pool.onRefill(told::incrementAndGet);
    }

    @AfterEach
    void everyChunkIsHome() {
        memory.close();
        taken.forEach(LogChunk::release);
        assertThat(pool.bytesFree()).isEqualTo(BYTES);
        assertThat(pool.messagesOut()).isZero();
        pool.close();
    }

    private void takeAll() {
        for (int bytes = 131_086; bytes >= 64; bytes /= 2) {
            @Nullable LogChunk chunk = LogChunk.take(pool, bytes);
            while (chunk != null) {
                taken.add(chunk);
                chunk = LogChunk.take(pool, bytes);
            }
        }
    }

    /// Takes all memory, and gives so many chunks back that can be read into.
    private void takeAllBut(int chunks) {
        List<LogChunk> left = new ArrayList<>();
        for (int i = 0; i < chunks; i++) {
            LogChunk chunk = LogChunk.take(pool, READ_BYTES);
            assertThat(chunk).isNotNull();
            left.add(chunk);
        }
        takeAll();
        left.forEach(LogChunk::release);
    }

    @Test
    void aReadNeedsTwoChunks() {
        for (int chunks = 0; chunks <= 2; chunks++) {
            takeAllBut(chunks);
            assertThat(memory.isReady()).isEqualTo(chunks == 2);
            memory.close();
            taken.forEach(LogChunk::release);
            taken.clear();
        }
    }

    @Test
    void whoIsNotReadyHasNothingToReadInto() {
        takeAll();
        assertThat(memory.isReady()).isFalse();

        assertThatThrownBy(memory::chunk).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(memory::room).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whoIsNotReadyIsToldOnceThereIsMemory() {
        takeAll();
        assertThat(memory.isReady()).isFalse();
        assertThat(told).hasValue(0);

        taken.removeLast().release();
        taken.removeLast().release();

        assertThat(told).as("asks once").hasValue(1);
    }

    @Test
    void whoIsReadyIsNotTold() {
        assertThat(memory.isReady()).isTrue();
        assertThat(memory.isReady()).isTrue();
        assertThat(pool.messagesOut()).as("the same three").isEqualTo(3);
        takeAll();
        taken.removeLast().release();

        assertThat(told).hasValue(0);
    }

    @Test
    void oneFrameMayAlwaysGrow() {
        assertThat(memory.hasReserve()).isFalse();
        assertThat(memory.isReady()).isTrue();
        assertThat(memory.hasReserve()).isTrue();
        takeAll();

        LogChunk grown = memory.takeLarger(100_000);
        assertThat(grown).isNotNull();
        assertThat(grown.capacity()).as("the longest frame fits").isGreaterThanOrEqualTo(131_086);
        assertThat(memory.takeReserve()).as("there is only one").isNull();
        assertThat(memory.isReady()).as("others read on").isTrue();
        assertThat(memory.takeLarger(2_000)).isNull();

        grown.release();
        assertThat(memory.isReady()).isTrue();
        assertThat(memory.hasReserve()).as("for the next one").isTrue();
    }

    @Test
    void framesThatHaveBegunGetWhatTheyNeedAndMoreOnlyIfThereIsPlenty() {
        memory.begun((int) (BYTES / 4));
        assertThat(memory.claim(100)).isEqualTo(400);
        assertThat(memory.isCrowded()).isFalse();
        memory.begun(1);
        assertThat(memory.claim(100)).isEqualTo(100);
        assertThat(memory.isCrowded()).isFalse();

        memory.begun((int) (BYTES * 3 / 4));
        assertThat(memory.isCrowded()).as("more than is left").isTrue();

        memory.begun(-1);
        assertThat(memory.isCrowded()).isFalse();
    }

    @Test
    void whoseFrameCannotGrowIsToldOnceThereIsMemory() {
        takeAll();
        assertThat(memory.takeLarger(500)).isNull();
        assertThat(told).hasValue(0);

        taken.removeLast().release();

        assertThat(told).hasValue(1);
    }

    @Test
    void whoseFrameGrowsIsNotTold() {
        LogChunk larger = memory.takeLarger(500);
        assertThat(larger).isNotNull();
        assertThat(larger.capacity()).isBetween(500, 2_000);
        larger.release();

        assertThat(told).hasValue(0);
    }

    @Test
    void aGroupMayLeaveAsMuchAsIsFreeForOthers() {
        long free = pool.bytesFree();
        assertThat(memory.allows(free)).isTrue();
        LogChunk other = LogChunk.take(pool, 100);
        assertThat(other).isNotNull();
        other.release();
        assertThat(told).as("nobody has asked").hasValue(0);
        other = LogChunk.take(pool, 100);
        assertThat(other).isNotNull();

        assertThat(memory.allows(pool.bytesFree())).isTrue();
        assertThat(memory.allows(pool.bytesFree() + 1)).isFalse();
        other.release();

        assertThat(told).hasValue(1);
    }

    /// Where something was read to.
    private LogChunk read() {
        assertThat(memory.isReady()).isTrue();
        assertThat(memory.room()).isBetween(READ_BYTES, memory.chunk().capacity());
        return memory.chunk();
    }

    @Test
    void framesThatFillHalfOfAReadKeepTheirChunk() {
        LogChunk chunk = read();
        LogChunk kept = memory.keep(READ_BYTES / 2);
        assertThat(kept).isSameAs(chunk);
        assertThat(kept.filled()).isEqualTo(READ_BYTES / 2);
        taken.add(kept);

        LogChunk next = read();
        assertThat(next).isNotSameAs(chunk);
        LogChunk fewer = memory.keep(READ_BYTES / 2 - 1);
        assertThat(fewer).as("fewer move").isNotSameAs(next);
        assertThat(fewer.filled()).isEqualTo(READ_BYTES / 2 - 1);
        taken.add(fewer);
        assertThat(memory.chunk()).as("and leave it").isSameAs(next);
    }

    @Test
    void fewFramesStayWhereTheyAreIfAllThatIsLeftIsLarger() {
        LogChunk another = LogChunk.take(pool, 4 * READ_BYTES);
        assertThat(another).isNotNull();
        LogChunk read = read();
        takeAll();
        another.release();

        LogChunk kept = memory.keep(10);

        assertThat(kept).isSameAs(read);
        assertThat(kept.filled()).isEqualTo(10);
        assertThat(memory.isReady()).as("the one that is left is read into").isTrue();
        assertThat(memory.chunk()).isSameAs(another);
        taken.add(kept);
    }

    @Test
    void aFrameThatHasBegunTakesTheSpareChunkIfThereIsNoOther() {
        assertThat(memory.isReady()).isTrue();
        LogChunk begun = memory.takeForBegun(100);
        assertThat(begun.capacity()).as("in proportion").isLessThan(READ_BYTES);
        assertThat(memory.isReady()).isTrue();
        int out = pool.messagesOut();
        takeAll();
        LogChunk read = memory.chunk();

        LogChunk spare = memory.takeForBegun(100);

        assertThat(spare.capacity()).isGreaterThanOrEqualTo(READ_BYTES);
        assertThat(memory.chunk()).as("this one is left").isSameAs(read).isNotSameAs(spare);
        assertThat(pool.messagesOut()).isEqualTo(out + taken.size());
        assertThat(memory.isReady()).as("the spare one is somebody's").isFalse();
        taken.add(begun);
        taken.add(spare);
    }
}
