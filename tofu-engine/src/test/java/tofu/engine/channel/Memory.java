package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tofu.api.AllocationStrategy;
import tofu.api.LeakDetection;
import tofu.api.Options;
import tofu.pool.HeaderLayout;
import tofu.pool.Slot;
import tofu.pool.SlotPool;

/// A pool for one test, which counts in the end that every slot came home.
///
/// Threads: any, but [#drain(int)], [#refill(int)] and [#close()] the test's.
final class Memory implements AutoCloseable {
    final SlotPool pool;

    /// Slots that somebody else has, so that the pool is empty.
    private final List<Slot> drained = new ArrayList<>();

    Memory() {
        this(4096);
    }

    Memory(int maxMessages) {
        this(maxMessages, 64 << 20);
    }

    Memory(int maxMessages, long maxBytes) {
        pool =
                new SlotPool(
                        Options.builder()
                                .initialPoolMessages(0)
                                .maxPoolMessages(maxMessages)
                                .maxPoolBytes(maxBytes)
                                .leakDetection(LeakDetection.OFF)
                                .build());
    }

    Slot slot(Frame frame, Slot.Owner owner) {
        Slot slot = pool.take(frame.length(), AllocationStrategy.ALWAYS, owner);
        assertThat(slot).isNotNull();
        fill(slot, frame.bytes());
        return slot;
    }

    /// Makes a slot's frame of the bytes that travel.
    static void fill(Slot slot, byte[] frame) {
        ByteBuffer bytes = ByteBuffer.wrap(frame);
        int length = HeaderLayout.LENGTH;
        slot.words(bytes.getLong(0), bytes.getLong(HeaderLayout.SECOND_WORD));
        slot.put(length, bytes, length, frame.length - length);
    }

    /// Takes slots away until so many are left to take.
    void drain(int left) {
        List<Slot> spared = new ArrayList<>();
        for (Slot slot = take(); slot != null; slot = take()) {
            drained.add(slot);
        }
        while (spared.size() < left) {
            spared.add(drained.removeLast());
        }
        spared.forEach(slot -> slot.release(Slot.Owner.LEASE));
    }

    /// Takes slots of all sizes away until no memory is left for any.
    void drainBytes() {
        for (int length = 131_086; length >= 16; length /= 2) {
            Slot slot = pool.take(length, AllocationStrategy.ALWAYS, Slot.Owner.LEASE);
            while (slot != null) {
                drained.add(slot);
                slot = pool.take(length, AllocationStrategy.ALWAYS, Slot.Owner.LEASE);
            }
        }
    }

    /// Gives back some of what was taken away, the last first.
    void refill(int count) {
        for (int i = 0; i < count && !drained.isEmpty(); i++) {
            drained.removeLast().release(Slot.Owner.LEASE);
        }
    }

    private @Nullable Slot take() {
        return pool.take(16, AllocationStrategy.POOL_ONLY, Slot.Owner.LEASE);
    }

    /// Checks that a slot may change hands.
    static void checkHandedOver(Slot slot, Slot.Owner owner) {
        ByteBuffer buffer = slot.buffer();
        assertThat(slot.owner()).isEqualTo(owner);
        assertThat(buffer.position()).as("position at the hand-over").isZero();
        assertThat(buffer.limit()).as("limit at the hand-over").isEqualTo(buffer.capacity());
        assertThat(slot.next()).as("still linked at the hand-over").isNull();
    }

    void checkWhole() {
        assertThat(pool.census().keySet()).as("owners of slots").containsOnly(Slot.Owner.FREE);
        assertThat(pool.messagesOut()).isZero();
    }

    @Override
    public void close() {
        refill(Integer.MAX_VALUE);
        checkWhole();
        pool.close();
    }
}
