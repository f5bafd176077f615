package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.api.AllocationStrategy;
import tofu.api.Status;

/// Somewhat long, as a range is cut from what came and from what comes back, with memory and
/// without.
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
        return Pools.frame(pool, id, body);
    }

    private void add(LogChunk chunk, long id, int body) {
        Pools.add(pool, chunk, id, body);
    }

    private LogChunk chunk(int bytes) {
        return Pools.chunk(logs, bytes);
    }

    /// Two frames in a chunk, one in its own slot, one more.
    private FrameRange four() {
        LogChunk first = chunk(300);
        add(first, 1, 10);
        add(first, 2, 20);
        Slot own = frame(3, 40_000);
        LogChunk second = LogChunk.holding(own, own.second(), logs);
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
            assertThat(range.channel()).isEqualTo(77);
            assertThat(next(range)).isEqualTo(id);
        }
        assertThat(range.isEmpty()).isTrue();
        assertThat(range.channel()).as("of no message").isZero();
        assertThat(range.first(pool)).isNull();
        assertThatThrownBy(range::removeFirst).isInstanceOf(IllegalStateException.class);
        range.release();
    }

    @Test
    void aRangeMayBeginBehindWhatWasSent() {
        LogChunk chunk = chunk(300);
        add(chunk, 1, 10);
        add(chunk, 2, 20);
        FrameRange range = new FrameRange(chunk, 26, Status.CONNECT_FAILED);
        assertThat(next(range)).isEqualTo(2);
        range.release();
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
        List<LogChunk> others = new ArrayList<>();
        for (LogChunk c = rest(); c != null; c = rest()) {
            others.add(c);
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
        others.forEach(LogChunk::release);
    }

    @Test
    void beyondAllMemoryThereIsSomeAsLongAsApplicationsHaveLessThanHalfOfIt() {
        List<LogChunk> others = new ArrayList<>();
        LogChunk chunk = chunk(131_000);
        for (int id = 1; id <= 12; id++) {
            add(chunk, id, 10_000);
        }
        for (LogChunk c = rest(); c != null; c = rest()) {
            others.add(c);
        }
        long before = logs.bytesAllocated();
        FrameRange range = new FrameRange(chunk, 0, Status.CONNECT_FAILED);
        try (SlotPool full = Pools.pool(1 << 20, Pools.MEBIBYTE)) {
            List<Slot> waiting = takeAll(full);
            List<Slot> held = new ArrayList<>();
            for (int i = 0; i < 3; i++) { // with four, half a mebibyte would be leased
                held.add(Objects.requireNonNull(range.first(full)));
                range.removeFirst();
            }
            assertThat(range.first(full)).as("the application has its half").isNull();

            held.removeLast().release(Slot.Owner.LEASE);
            held.add(Objects.requireNonNull(range.first(full)));
            range.removeFirst();
            held.forEach(slot -> slot.release(Slot.Owner.LEASE));
            assertThat(logs.bytesAllocated()).as("one is kept").isEqualTo(before + 131_136);
            for (int id = 5; id <= 12; id++) {
                Slot next = Objects.requireNonNull(range.first(full));
                assertThat(next.id()).isEqualTo(id);
                range.removeFirst();
                next.release(Slot.Owner.LEASE);
            }
            range.release();
            waiting.forEach(slot -> slot.release(Slot.Owner.QUEUE));
        }
        others.forEach(LogChunk::release);
    }

    @Test
    void spareSlotsCountWhoeverHasThem() {
        List<LogChunk> others = new ArrayList<>();
        LogChunk chunk = chunk(300);
        for (int id = 1; id <= 5; id++) {
            add(chunk, id, 0);
        }
        for (LogChunk c = rest(); c != null; c = rest()) {
            others.add(c);
        }
        takeSmall(others);
        FrameRange range = chunk.arrived(frameLength -> {});
        try (SlotPool full = Pools.pool(1 << 20, Pools.MEBIBYTE)) {
            List<Slot> waiting = takeAll(full);
            List<Slot> updates = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Slot slot = Objects.requireNonNull(range.first(full));
                assertThat(slot.isOfReserve()).isTrue();
                range.removeFirst();
                updates.add(slot.handOver(Slot.Owner.LEASE, Slot.Owner.QUEUE));
            }
            assertThat(range.first(full)).as("they wait in an inbox, say").isNull();

            updates.removeLast().release(Slot.Owner.QUEUE);
            assertThat(Objects.requireNonNull(range.first(full)).id()).isEqualTo(4);
            range.discard();
            updates.forEach(slot -> slot.release(Slot.Owner.QUEUE));
            waiting.forEach(slot -> slot.release(Slot.Owner.QUEUE));
        }
        others.forEach(LogChunk::release);
    }

    private void takeSmall(List<LogChunk> others) {
        for (int bytes : Pools.CAPACITIES.reversed()) {
            for (LogChunk c = LogChunk.take(logs, bytes);
                    c != null;
                    c = LogChunk.take(logs, bytes)) {
                others.add(c);
            }
        }
    }

    /// Takes all memory of a pool, as send queues and inboxes may.
    private static List<Slot> takeAll(SlotPool pool) {
        List<Slot> slots = new ArrayList<>();
        for (int bytes : Pools.CAPACITIES.reversed()) {
            Slot slot = pool.take(bytes, AllocationStrategy.ALWAYS, Slot.Owner.QUEUE);
            while (slot != null) {
                slots.add(slot);
                slot = pool.take(bytes, AllocationStrategy.ALWAYS, Slot.Owner.QUEUE);
            }
        }
        return slots;
    }

    @Test
    void whoWaitsForMemoryIsToldOfThatOfLogsToo() {
        LogChunk other = chunk(100);
        Slot message = frame(1, 10);
        AtomicInteger told = new AtomicInteger();
        AtomicInteger toldOfMessages = new AtomicInteger();
        logs.onRefill(told::incrementAndGet);
        pool.onRefill(toldOfMessages::incrementAndGet);
        FrameRange range = arrived(300, 1, 10).arrived(frameLength -> {});
        range.awaitMemory(pool);
        other.release();
        assertThat(told).hasValue(1);
        message.release(Slot.Owner.LEASE);
        assertThat(toldOfMessages).hasValue(1);
        range.discard();
    }

    private @Nullable LogChunk rest() {
        return LogChunk.take(logs, 10_016);
    }

    @Test
    void memoryThatIsLeftForLogsIsForMessagesThatHaveNone() {
        FrameRange range = arrived(60_000, 3, 10_000).arrived(frameLength -> {});
        try (SlotPool empty = Pools.pool(8, 1)) {
            List<Slot> held = new ArrayList<>();
            for (int id = 1; id <= 3; id++) {
                Slot slot = Objects.requireNonNull(range.first(empty));
                assertThat(slot.id()).isEqualTo(id);
                range.removeFirst();
                held.add(slot);
            }
            held.forEach(slot -> slot.release(Slot.Owner.LEASE));
            range.release();
        }
    }

    // -- what came from a peer

    /// Frames of so many bytes each, with ids from 1 on, in a chunk of some size.
    private LogChunk arrived(int bytes, int frames, int body) {
        LogChunk chunk = chunk(bytes);
        for (int id = 1; id <= frames; id++) {
            add(chunk, id, body);
        }
        return chunk;
    }

    private long take(FrameRange range) {
        Slot slot = Objects.requireNonNull(range.first(pool));
        assertThat(slot.fromEngine()).isFalse();
        range.removeFirst();
        long id = slot.id();
        slot.release(Slot.Owner.LEASE);
        return id;
    }

    @Test
    void theSourceIsToldOfEachAndThatOthersFollow() {
        List<String> told = new ArrayList<>();
        SlotSource source =
                new SlotSource() {
                    @Override
                    public void taken(int frameLength) {
                        told.add("last " + frameLength);
                    }

                    @Override
                    public void takenOfMany(int frameLength) {
                        told.add("of many " + frameLength);
                    }
                };
        FrameRange range = arrived(300, 3, 10).arrived(source);
        assertThat(told).isEmpty();
        for (int id = 1; id <= 3; id++) {
            assertThat(take(range)).isEqualTo(id);
        }
        assertThat(told).containsExactly("of many 26", "of many 26", "last 26");
        range.release();
    }

    @Test
    void whatIsDiscardedIsToldAsIfItWereTaken() {
        for (int taken = 0; taken <= 3; taken++) {
            AtomicInteger bytes = new AtomicInteger();
            FrameRange range = arrived(300, 3, 10).arrived(bytes::addAndGet);
            for (int i = 0; i < taken; i++) {
                take(range);
            }
            range.discard();
            assertThat(bytes).hasValue(3 * 26);
            bytes.set(0);
            FrameRange begun = arrived(300, 3, 10).arrived(bytes::addAndGet);
            assertThat(begun.first(pool)).isNotNull();
            begun.discard();
            assertThat(bytes).hasValue(3 * 26);
        }
    }

    @Test
    void aSourceThatCannotBeToldIsToldLaterAndTheMessageIsTheSame() {
        AtomicInteger tries = new AtomicInteger();
        FrameRange range =
                arrived(300, 1, 10)
                        .arrived(
                                frameLength -> {
                                    if (tries.getAndIncrement() == 0) {
                                        throw new StackOverflowError();
                                    }
                                });
        assertThatThrownBy(() -> range.first(pool)).isInstanceOf(StackOverflowError.class);
        assertThat(pool.messagesOut()).as("its slot is taken").isOne();

        assertThat(take(range)).isOne();

        assertThat(tries).hasValue(2);
        assertThat(pool.messagesOut()).isZero();
        range.release();
    }

    @Test
    void aMessageWhoseSlotCouldNotBeFilledIsDiscardedAsItIsInItsChunk() {
        AtomicInteger bytes = new AtomicInteger();
        FrameRange range = arrived(300, 3, 10).arrived(bytes::addAndGet);
        range.cut = frame(77, 100); // as it is where the stack has ended between two calls

        range.discard();

        assertThat(bytes).hasValue(3 * 26);
    }

    /// Finds the next message as soon as the stack is long enough for it, on the way back from its
    /// end.
    @SuppressWarnings("InfiniteRecursion") // so that the stack ends
    private @Nullable Slot firstFromTheDepth(FrameRange range) {
        Slot found;
        try {
            found = firstFromTheDepth(range);
        } catch (StackOverflowError e) {
            found = null;
        }
        if (found == null) {
            try {
                found = range.first(pool);
            } catch (StackOverflowError e) {
                // Once more, further up.
            }
        }
        return found;
    }

    @Test
    void noMemoryIsLostOnTheWayBackAtTheEndOfTheStack() {
        for (int round = 0; round < 5; round++) {
            FrameRange range = four();
            for (long id = 1; id <= 4; id++) {
                Slot slot = Objects.requireNonNull(firstFromTheDepth(range));
                assertThat(slot.id()).isEqualTo(id);
                range.removeFirst();
                slot.release(Slot.Owner.LEASE);
            }
            range.release();
        }

        logs.awaitRefill(); // so that what was on its way is found
        assertThat(logs.bytesFree()).isEqualTo(Pools.MEBIBYTE);
        assertThat(logs.census()).doesNotContainKey(Slot.Owner.LOG);
    }

    @Test
    void noneIsTakenBeyondTheMessagesOfThePool() {
        FrameRange range = arrived(300, 2, 10).arrived(frameLength -> {});
        try (SlotPool two = Pools.pool(1, Pools.MEBIBYTE)) {
            Slot first = Objects.requireNonNull(range.first(two));
            range.removeFirst();
            assertThat(range.first(two)).isNull();
            assertThat(range.first(two)).isNull();
            first.release(Slot.Owner.LEASE);

            Slot second = Objects.requireNonNull(range.first(two));
            assertThat(second.id()).isEqualTo(2);
            range.removeFirst();
            second.release(Slot.Owner.LEASE);
            range.release();
        }
    }

    @Test
    void messagesThatNoApplicationHasDoNotKeepOthersFromIt() {
        FrameRange range = arrived(300, 3, 10).arrived(frameLength -> {});
        try (SlotPool two = Pools.pool(2, Pools.MEBIBYTE)) {
            List<Slot> waiting = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                waiting.add(
                        Objects.requireNonNull(
                                two.take(16, AllocationStrategy.ALWAYS, Slot.Owner.QUEUE)));
            }
            List<Slot> held = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                held.add(Objects.requireNonNull(range.first(two)));
                range.removeFirst();
            }
            assertThat(range.first(two)).as("the application has as many as it may").isNull();
            held.getFirst().release(Slot.Owner.LEASE);

            held.set(0, Objects.requireNonNull(range.first(two)));
            range.removeFirst();
            range.release();
            held.forEach(slot -> slot.release(Slot.Owner.LEASE));
            waiting.forEach(slot -> slot.release(Slot.Owner.QUEUE));
        }
    }

    @Test
    void whatMayBeReceivedBeyondThePoolIsForgottenOnceItHasMessagesAgain() {
        FrameRange range = arrived(600, 6, 10).arrived(frameLength -> {});
        try (SlotPool four = Pools.pool(4, Pools.MEBIBYTE)) {
            List<Slot> waiting = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                waiting.add(
                        Objects.requireNonNull(
                                four.take(16, AllocationStrategy.ALWAYS, Slot.Owner.QUEUE)));
            }
            Slot beyond = Objects.requireNonNull(range.first(four));
            range.removeFirst();
            beyond.release(Slot.Owner.LEASE);
            waiting.forEach(slot -> slot.release(Slot.Owner.QUEUE));

            List<Slot> held = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                held.add(Objects.requireNonNull(range.first(four)));
                range.removeFirst();
            }
            assertThat(range.first(four)).as("the application has as many as it may").isNull();

            range.discard();
            held.forEach(slot -> slot.release(Slot.Owner.LEASE));
        }
    }

    @Test
    void whatIsLeftOfALargeChunkDoesNotKeepIt() {
        LogChunk large = arrived(60_000, 20, 2_000);
        FrameRange range = large.arrived(frameLength -> {});
        for (int id = 1; id <= 19; id++) {
            assertThat(take(range)).isEqualTo(id);
        }
        assertThat(Objects.requireNonNull(range.first(pool)).id()).isEqualTo(20);

        LogChunk again = chunk(60_000);
        assertThat(again).as("it was given back").isSameAs(large);
        assertThat(take(range)).isEqualTo(20);
        range.release();
        // What it was passed on in is still the range's own, not that of the chunk.
        add(again, 77, 0);
        FrameRange other = again.arrived(frameLength -> {});
        assertThat(other).isNotSameAs(range);
        assertThat(take(other)).isEqualTo(77);
        other.release();
    }

    @Test
    void aChunkThatIsPassedOnAgainBeginsAnew() {
        LogChunk chunk = arrived(300, 2, 10);
        FrameRange range = chunk.arrived(frameLength -> {});
        take(range);
        take(range);
        assertThat(range.isEmpty()).isTrue();
        range.release();

        LogChunk same = arrived(300, 1, 10);
        assertThat(same).isSameAs(chunk);
        FrameRange again = same.arrived(frameLength -> {});
        assertThat(again).isSameAs(range);
        assertThat(take(again)).isOne();
        again.release();
    }
}
