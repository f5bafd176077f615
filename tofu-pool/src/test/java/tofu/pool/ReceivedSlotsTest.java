package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.api.AllocationStrategy;

/// Memory for messages beyond the pool's limits: it is what applications have that counts.
class ReceivedSlotsTest {
    private final SlotPool logs = SlotPool.ofLogs(Pools.MEBIBYTE);
    private final List<Slot> taken = new ArrayList<>();
    private SlotPool pool = Pools.ample();

    @AfterEach
    void everythingComesHome() {
        giveAllBack();
        assertThat(pool.census().keySet()).isSubsetOf(Slot.Owner.FREE);
        assertThat(logs.census().keySet()).isSubsetOf(Slot.Owner.FREE);
        pool.close();
        logs.close();
    }

    private void giveAllBack() {
        taken.forEach(slot -> slot.release(slot.owner()));
        taken.clear();
    }

    private void begin(int maxMessages, long maxBytes) {
        pool.close();
        pool = Pools.pool(maxMessages, maxBytes);
    }

    /// Receives a message.
    ///
    /// @return whether there is memory for it
    private boolean receive() {
        Slot slot = pool.received().take(16, logs);
        if (slot != null) {
            taken.add(slot);
        }
        return slot != null;
    }

    /// Takes all memory of a pool in slots of a size.
    private void takeAll(SlotPool from, int bytes, Slot.Owner owner) {
        @Nullable Slot slot = from.take(bytes, AllocationStrategy.ALWAYS, owner);
        while (slot != null) {
            taken.add(slot);
            slot = from.take(bytes, AllocationStrategy.ALWAYS, owner);
        }
    }

    /// What the application has waits somewhere else.
    private void passOn() {
        for (Slot slot : taken) {
            if (slot.owner() == Slot.Owner.LEASE) {
                slot.handOver(Slot.Owner.LEASE, Slot.Owner.QUEUE);
            }
        }
    }

    @Test
    void messagesInMemoryOfLogsCountToo() {
        begin(2, 1);
        assertThat(receive()).isTrue();
        assertThat(receive()).isTrue();
        assertThat(receive()).as("the application has as many as it may").isFalse();
    }

    @Test
    void whoeverHasHalfOfTheMemoryGetsOneSpareSlot() {
        begin(1 << 20, Pools.MEBIBYTE);
        takeAll(logs, 16, Slot.Owner.QUEUE);
        takeAll(pool, 16, Slot.Owner.LEASE);
        assertThat(receive()).as("one in any case").isTrue();
        assertThat(receive()).isFalse();
    }

    @Test
    void aSpareSlotTakesNothingOfTheMemoryForLogs() {
        takeAll(logs, 131_086, Slot.Owner.QUEUE);
        int room = taken.size();
        giveAllBack();
        begin(1 << 20, Pools.MEBIBYTE);
        takeAll(logs, 16, Slot.Owner.QUEUE);
        takeAll(pool, 16, Slot.Owner.LEASE);
        assertThat(receive()).as("a spare one").isTrue();
        giveAllBack();

        takeAll(logs, 131_086, Slot.Owner.QUEUE);

        assertThat(taken).hasSize(room);
    }

    @Test
    void whatMessagesAreIsCountedAgainWhenNoneHaveComeBack() {
        begin(6_000, Pools.MEBIBYTE);
        for (int i = 0; i < 6_000; i++) {
            assertThat(receive()).isTrue();
        }
        assertThat(receive()).isFalse();
        passOn();
        assertThat(receive()).as("counted before").isFalse();

        pool.countAgain();

        assertThat(receive()).isTrue();
    }

    @Test
    void whatMemoryApplicationsHaveIsCountedAgainWhenNoneHasComeBack() {
        begin(1 << 20, Pools.MEBIBYTE);
        takeAll(logs, 16, Slot.Owner.QUEUE);
        takeAll(pool, 16, Slot.Owner.LEASE);
        assertThat(receive()).isTrue();
        assertThat(receive()).isFalse();
        passOn();
        assertThat(receive()).as("counted before").isFalse();

        pool.countAgain();

        assertThat(receive()).isTrue();
    }

    /// Gives back the first that has such an owner.
    private void giveBack(Slot.Owner owner) {
        Slot first = taken.stream().filter(slot -> slot.owner() == owner).findFirst().orElseThrow();
        taken.remove(first);
        first.release(owner);
    }

    @Test
    void whatMayBeReceivedBeyondThePoolIsNotAddedToWhatComesBackToIt() {
        begin(8, Pools.MEBIBYTE);
        for (int i = 0; i < 8; i++) {
            taken.add(pool.take(16, AllocationStrategy.ALWAYS, Slot.Owner.QUEUE));
        }
        assertThat(receive()).as("others have the messages").isTrue();
        giveBack(Slot.Owner.LEASE);
        for (int i = 0; i < 8; i++) {
            giveBack(Slot.Owner.QUEUE);
            assertThat(receive()).isTrue();
        }
        assertThat(receive()).as("the application has as many as it may").isFalse();
    }

    @Test
    void spareSlotsAreNotAddedToWhatComesBackToThePool() {
        begin(1 << 20, Pools.MEBIBYTE);
        takeAll(logs, 16, Slot.Owner.QUEUE);
        for (int bytes : Pools.CAPACITIES.reversed()) { // few, so that each is looked at
            takeAll(pool, Math.min(bytes, 131_086), Slot.Owner.QUEUE);
        }
        assertThat(receive()).as("others have the memory").isTrue();
        assertThat(taken.getLast().isOfReserve()).isTrue();
        giveBack(Slot.Owner.LEASE);
        for (Slot slot : taken) {
            if (slot.slab.sizeClass.pool() == pool) {
                slot.handOver(Slot.Owner.QUEUE, Slot.Owner.LEASE); // now applications have it
            }
        }
        assertThat(receive()).as("the one that is there").isTrue();
        assertThat(receive()).as("another one").isFalse();
    }

    /// Receives as soon as the stack is long enough for it, on the way back from its end.
    @SuppressWarnings("InfiniteRecursion") // so that the stack ends
    private @Nullable Slot receiveFromTheDepth() {
        Slot found;
        try {
            found = receiveFromTheDepth();
        } catch (StackOverflowError e) {
            found = null;
        }
        if (found == null) {
            try {
                found = pool.received().take(16, logs);
            } catch (StackOverflowError e) {
                // Once more, further up.
            }
        }
        return found;
    }

    @Test
    void noSlotAndNoCountIsLostAtTheEndOfTheStack() {
        for (int round = 0; round < 40; round++) {
            begin(400, 64 * Pools.MEBIBYTE);
            List<Slot> waiting = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                waiting.add(pool.take(16, AllocationStrategy.ALWAYS, Slot.Owner.QUEUE));
            }
            assertThat(receive()).as("beyond the pool").isTrue();
            waiting.forEach(slot -> slot.release(Slot.Owner.QUEUE));
            for (int i = 0; i < 5; i++) {
                Slot slot = receiveFromTheDepth();
                assertThat(slot).isNotNull();
                slot.release(Slot.Owner.LEASE);
            }
            taken.removeLast().release(Slot.Owner.LEASE);

            pool.awaitRefill(); // so that what was on its way is found
            assertThat(pool.census()).containsOnlyKeys(Slot.Owner.FREE);
            assertThat(pool.messagesOut()).isZero();
        }
    }
}
