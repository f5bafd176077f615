package tofu.pool;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tofu.api.Statistics;

/// Memory of a pool for logs that somebody has: chunks, and messages that were received while there
/// was no other memory for them.
///
/// What is lent counts from the take to the return, wherever it goes, and never more than once
/// ([LogChunk#borrow]). Messages have half of it at most, or applications that keep what they
/// receive would have nobody read any more. Behind that there are spare slots, which do not count:
/// made beyond the bound one by one, for one message each, and all but one freed as they come back.
///
/// Threads: any. It publishes no slot: those come through the free list.
final class Loans {
    /// Capacity of a spare slot: the longest frame fits.
    static final int SPARE_STRIDE = Slabs.MAX_STRIDE;

    private final SlotPool pool;
    private final Slabs slabs;
    private final long maxBytes;
    private final AtomicLong lent = new AtomicLong();

    /// Nothing is lent.
    Loans(SlotPool pool, Slabs slabs, long maxBytes) {
        this.pool = pool;
        this.slabs = slabs;
        this.maxBytes = maxBytes;
    }

    /// A chunk was taken, or is given back; or a message that has memory for chunks.
    ///
    /// @param more its capacity, in bytes; negative if it is given back
    void lend(int more) {
        lent.getAndAdd(more);
    }

    /// How much nobody has, in bytes.
    long bytesFree() {
        return Math.max(maxBytes - lent.get(), 0);
    }

    /// Whether a message may have so many bytes.
    boolean mayLend(int more) {
        return bytesFree() - more > maxBytes / 2;
    }

    /// Takes memory for a message, which counts as lent until it comes back, as a chunk does.
    ///
    /// @param frameLength 16 to 131,086, in bytes
    /// @return a slot of [Slot.Owner#LEASE], or `null` if there is none
    @Nullable Slot takeForMessage(int frameLength) {
        StackRoom.ask();
        LogChunk chunk = mayLend(frameLength) ? LogChunk.take(pool, frameLength) : null;
        return chunk == null ? null : chunk.toMessage();
    }

    /// Takes a spare slot, for a message on its way to an application when there is no memory for
    /// it. So what is in an inbox can be taken, one after the other, even if it is itself what has
    /// all the memory.
    ///
    /// @return a slot of [Slot.Owner#LEASE], or `null` while others have those that there are
    @Nullable Slot takeSpare() {
        StackRoom.ask();
        Slot slot = slabs.reserve().take();
        return slot == null ? null : slot.handOver(Slot.Owner.FREE, Slot.Owner.LEASE);
    }

    /// Makes another one, whatever the bound.
    ///
    /// @return a slot of [Slot.Owner#LEASE], or `null` if the system has no memory
    @Nullable Slot makeSpare() {
        StackRoom.ask();
        slabs.growReserve();
        return takeSpare();
    }

    /// Whether no spare slot was made.
    boolean hasNoSpare() {
        return slabs.reserveHasNoSlab();
    }

    Statistics.Log figures() {
        return new LogFigures(lent.get(), slabs.bytesSeen(), maxBytes);
    }
}
