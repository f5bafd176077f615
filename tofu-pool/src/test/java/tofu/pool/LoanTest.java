package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.api.AllocationStrategy;
import tofu.api.AmpeException;
import tofu.api.Status;

/// Memory for logs that messages have while there is no other: how much of it they may have, and
/// that it counts as lent until it comes back, wherever the message goes.
class LoanTest {
    private final SlotPool logs = SlotPool.ofLogs(Pools.MEBIBYTE);
    private final SlotPool outgoing = SlotPool.ofLogs(Pools.MEBIBYTE);

    /// It has no memory.
    private final SlotPool empty = Pools.pool(1 << 20, 1);

    @AfterEach
    void everythingComesHome() {
        for (SlotPool pool : List.of(logs, outgoing)) {
            assertThat(pool.bytesFree()).isEqualTo(Pools.MEBIBYTE);
            assertThat(pool.census().keySet()).isSubsetOf(Slot.Owner.FREE);
            pool.close();
        }
        empty.close();
    }

    private @Nullable Slot tryReceive(int frameLength) {
        return empty.received().take(frameLength, logs);
    }

    private Slot receive(int frameLength) {
        Slot slot = Objects.requireNonNull(tryReceive(frameLength));
        assertThat(slot.owner()).isEqualTo(Slot.Owner.LEASE);
        assertThat(slot.slab.sizeClass.pool()).isSameAs(logs);
        slot.clear();
        return slot;
    }

    private void checkLent(long bytes) {
        assertThat(logs.bytesFree()).isEqualTo(Pools.MEBIBYTE - bytes);
        assertThat(outgoing.bytesFree()).isEqualTo(Pools.MEBIBYTE);
    }

    @Test
    void itIsLentUntilItComesBack() {
        Slot slot = receive(10_016);
        checkLent(16_448);
        slot.release(Slot.Owner.LEASE);
    }

    @Test
    void aMessageThatOutgrowsItHasALargerOne() {
        SlabMessage message = logs.lease(receive(16));
        checkLent(128);
        message.body().append(new byte[10_000]);
        checkLent(16_448);
        message.close();
        checkLent(0);
    }

    @Test
    void halfOfItIsLeftForWhatIsOnItsWay() {
        List<Slot> held = new ArrayList<>();
        for (Slot slot = tryReceive(60_016); slot != null; slot = tryReceive(60_016)) {
            held.add(slot);
        }
        assertThat(held).hasSize(1 + 8); // a spare one is the last
        assertThat(logs.bytesFree()).isGreaterThanOrEqualTo(Pools.MEBIBYTE / 2 - 65_600);
        Objects.requireNonNull(LogChunk.take(logs, 131_086)).release();
        held.forEach(slot -> slot.release(Slot.Owner.LEASE));
    }

    @Test
    void noMessageGrowsIntoTheOtherHalf() {
        List<Slot> held = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            held.add(receive(60_016));
        }
        SlabMessage message = logs.lease(receive(16));
        assertThatThrownBy(() -> message.body().append(new byte[65_000]))
                .isInstanceOfSatisfying(
                        AmpeException.class,
                        e -> assertThat(e.status()).isEqualTo(Status.ALLOCATION_FAILED))
                .hasMessageContaining("65016 bytes")
                .hasMessageContaining("maxLogBytes");
        held.removeLast().release(Slot.Owner.LEASE);
        message.body().append(new byte[65_000]);
        message.close();
        held.forEach(slot -> slot.release(Slot.Owner.LEASE));
    }

    @Test
    void itIsLentInASendQueueAndWhenItComesBackFromThere() {
        Slot slot = receive(40_016);
        slot.bodyLength(40_000);
        LogChunk sent = LogChunk.holding(slot, slot.second(), outgoing);
        checkLent(65_600);
        FrameRange range = new FrameRange(sent, 0, Status.CHANNEL_CLOSED);
        assertThat(range.first(empty)).isSameAs(slot);
        range.removeFirst();
        range.release();
        checkLent(65_600);
        slot.release(Slot.Owner.LEASE);
    }

    @Test
    void itIsLentNoMoreOnceItIsSent() {
        Slot slot = receive(40_016);
        slot.bodyLength(40_000);
        LogChunk.holding(slot, slot.second(), outgoing).release();
        checkLent(0);
    }

    @Test
    void aMessageOfThePoolIsLentWhileItIsInASendQueueOnly() {
        try (SlotPool pool = Pools.ample()) {
            Slot slot = Objects.requireNonNull(take(pool));
            LogChunk sent = LogChunk.holding(slot, slot.second(), outgoing);
            assertThat(outgoing.bytesFree()).isEqualTo(Pools.MEBIBYTE - 65_600);
            FrameRange range = new FrameRange(sent, 0, Status.CHANNEL_CLOSED);
            assertThat(range.first(empty)).isSameAs(slot);
            checkLent(0);
            range.discard();
        }
    }

    private static @Nullable Slot take(SlotPool pool) {
        Slot slot = pool.take(40_016, AllocationStrategy.ALWAYS, Slot.Owner.LEASE);
        if (slot != null) {
            slot.clear();
            slot.bodyLength(40_000);
        }
        return slot;
    }

    /// Gives a slot back as soon as the stack is long enough for it, on the way back from its end.
    ///
    /// @return whether it was, or is adrift
    @SuppressWarnings("InfiniteRecursion") // so that the stack ends
    private static boolean releaseFromTheDepth(Slot slot) {
        boolean done;
        try {
            done = releaseFromTheDepth(slot);
        } catch (StackOverflowError e) {
            done = false;
        }
        if (!done) {
            try {
                slot.release(Slot.Owner.LEASE);
                done = true;
            } catch (StackOverflowError e) {
                done = slot.adrift || slot.owner != Slot.Owner.LEASE;
            }
        }
        return done;
    }

    @Test
    void itIsLentNoMoreThoughTheStackEndsOnTheWayBack() {
        for (int round = 0; round < 40; round++) {
            assertThat(releaseFromTheDepth(receive(16))).isTrue();
        }
        logs.awaitRefill(); // so that what was on its way is found
        checkLent(0);
    }
}
