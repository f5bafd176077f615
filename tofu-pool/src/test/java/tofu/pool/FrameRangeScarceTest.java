package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// What is left of a large chunk while memory for a smaller one is short.
class FrameRangeScarceTest {
    /// With several chunks of 64 KiB in each slab: so one that is free stays.
    private static final long BYTES = 16 * Pools.MEBIBYTE;

    private final SlotPool pool = Pools.ample();
    private final SlotPool logs = SlotPool.ofLogs(BYTES);
    private final List<LogChunk> others = new ArrayList<>();

    private LogChunk chunk(int bytes) {
        return Pools.chunk(logs, bytes);
    }

    /// Frames of some 2 KB each, in a chunk of 64 KiB.
    private FrameRange arrived(int frames) {
        LogChunk chunk = chunk(60_000);
        for (int id = 1; id <= frames; id++) {
            Pools.add(pool, chunk, id, 2_000);
        }
        return chunk.arrived(frameLength -> {});
    }

    private void takeAll() {
        for (int bytes : Pools.CAPACITIES.reversed()) {
            LogChunk c = LogChunk.take(logs, Math.min(bytes, 131_086));
            while (c != null) {
                others.add(c);
                c = LogChunk.take(logs, Math.min(bytes, 131_086));
            }
        }
    }

    private void take(FrameRange range, int id) {
        Slot slot = Objects.requireNonNull(range.first(pool));
        assertThat(slot.id()).isEqualTo(id);
        range.removeFirst();
        slot.release(Slot.Owner.LEASE);
    }

    @Test
    void itDoesNotMoveToAndFroBetweenChunksOfItsSize() {
        FrameRange range = arrived(20);
        LogChunk another = chunk(60_000);
        takeAll();
        another.release();
        long free = logs.bytesFree();
        AtomicInteger told = new AtomicInteger();
        logs.onRefill(
                () -> {
                    told.getAndIncrement();
                    logs.awaitRefill();
                });
        logs.awaitRefill();
        for (int id = 1; id <= 20; id++) {
            take(range, id);
            assertThat(logs.bytesFree()).isEqualTo(free);
        }

        assertThat(told).as("of the one that was no smaller").hasValue(1);

        range.release();
        others.forEach(LogChunk::release);
        assertThat(logs.bytesFree()).isEqualTo(BYTES);
        pool.close();
        logs.close();
    }

    @Test
    void theNextFramesInTheSameChunkMoveIfTheyCan() {
        FrameRange range = arrived(20);
        LogChunk another = chunk(60_000);
        takeAll();
        another.release();
        for (int id = 1; id <= 20; id++) {
            take(range, id);
        }
        others.forEach(LogChunk::release);
        range.release(); // last, so that the next one has it

        FrameRange next = arrived(20);
        assertThat(next).as("in the same chunk").isSameAs(range);
        for (int id = 1; id <= 18; id++) {
            take(next, id);
        }

        assertThat(logs.bytesFree()).isEqualTo(BYTES - 16_448);
        next.discard();
        assertThat(logs.bytesFree()).isEqualTo(BYTES);
        pool.close();
        logs.close();
    }
}
