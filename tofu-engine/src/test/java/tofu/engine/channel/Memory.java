package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tofu.api.AllocationStrategy;
import tofu.api.LeakDetection;
import tofu.api.Options;
import tofu.pool.FrameRange;
import tofu.pool.HeaderLayout;
import tofu.pool.LogChunk;
import tofu.pool.Slot;
import tofu.pool.SlotPool;

/// A pool for one test, which counts in the end that every slot came home.
///
/// Threads: any, but [#drain(int)], [#refill(int)] and [#close()] the test's.
final class Memory implements AutoCloseable {
    /// Where messages that come back get their memory, so that there is some.
    private static final SlotPool FOR_CUTS =
            new SlotPool(Options.builder().leakDetection(LeakDetection.OFF).build());

    private static final int READ_BYTES = 64 << 10;
    private static final long INCOMING_BYTES = 4 << 20;

    private final long logBytes;

    final SlotPool pool;
    final SlotPool logs;
    final SlotPool incoming;
    final ReadMemory reading;

    /// Chunks that somebody else has, so that there is nothing to read into.
    private final List<LogChunk> taken = new ArrayList<>();

    /// Slots that somebody else has, so that the pool is empty.
    private final List<Slot> drained = new ArrayList<>();

    Memory() {
        this(4096);
    }

    Memory(int maxMessages) {
        this(maxMessages, 64 << 20);
    }

    Memory(int maxMessages, long maxBytes) {
        this(maxMessages, maxBytes, maxBytes);
    }

    /// A pool whose logs have little memory.
    static Memory ofScarceLogs(long logBytes) {
        return new Memory(4096, 64 << 20, logBytes);
    }

    /// Little of either kind.
    static Memory ofScarce(long maxBytes, long logBytes) {
        return new Memory(4096, maxBytes, logBytes);
    }

    private Memory(int maxMessages, long maxBytes, long logBytes) {
        this.logBytes = logBytes;
        logs = SlotPool.ofLogs(logBytes);
        incoming = SlotPool.ofLogs(INCOMING_BYTES);
        reading = new ReadMemory(incoming, READ_BYTES);
        pool =
                new SlotPool(
                        Options.builder()
                                .initialPoolMessages(0)
                                .maxPoolMessages(maxMessages)
                                .maxPoolBytes(maxBytes)
                                .leakDetection(LeakDetection.OFF)
                                .build());
    }

    /// What a channel needs.
    LoopMemory ofLoop() {
        return new LoopMemory(logs, reading);
    }

    /// Takes all memory that could be read into.
    void takeIncoming() {
        reading.close();
        takeRestOfIncoming();
    }

    /// Takes all memory that could be read into, but for what is ready to be.
    void takeRestOfIncoming() {
        taken.addAll(takeAll(incoming));
    }

    /// Takes all memory for what is to be sent.
    ///
    /// @return the caller's
    List<LogChunk> takeLogs() {
        return takeAll(logs);
    }

    private static List<LogChunk> takeAll(SlotPool chunks) {
        List<LogChunk> all = new ArrayList<>();
        for (int bytes = 131_086; bytes >= 64; bytes /= 2) {
            LogChunk chunk = LogChunk.take(chunks, bytes);
            while (chunk != null) {
                all.add(chunk);
                chunk = LogChunk.take(chunks, bytes);
            }
        }
        return all;
    }

    /// Gives back what [#takeIncoming()] took.
    void returnIncoming() {
        taken.forEach(LogChunk::release);
        taken.clear();
    }

    /// Makes messages of what comes back.
    ///
    /// @return slots of [Slot.Owner#LEASE]
    static List<Slot> cut(FrameRange range) {
        List<Slot> slots = new ArrayList<>();
        while (!range.isEmpty()) {
            slots.add(Objects.requireNonNull(range.first(FOR_CUTS)));
            range.removeFirst();
        }
        range.release();
        return slots;
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
        assertThat(logs.census().keySet()).as("owners of chunks").isSubsetOf(Slot.Owner.FREE);
        assertThat(logs.bytesFree()).as("what is left for all").isEqualTo(logBytes);
        reading.close();
        assertThat(incoming.bytesFree()).isEqualTo(INCOMING_BYTES);
        assertThat(incoming.census().keySet())
                .as("owners of what came")
                .isSubsetOf(Slot.Owner.FREE);
    }

    @Override
    public void close() {
        refill(Integer.MAX_VALUE);
        returnIncoming();
        checkWhole();
        pool.close();
        logs.close();
        incoming.close();
    }
}
