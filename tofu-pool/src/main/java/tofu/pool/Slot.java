package tofu.pool;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// One message's memory: a frame as it travels, and room to grow up to [#capacity()].
///
/// A slot has one referrer at any time, and [#owner()] says which: the free list, one lease, one
/// queue, or one channel. Every hand-over names the old owner and the new one. It owns one segment
/// and one buffer view for life.
///
/// Thread: its owner's; hand-overs go through a queue or the free list, which order memory.
public final class Slot {
    /// Who refers to a slot.
    public enum Owner {
        /// The pool's free list.
        FREE,
        /// A [SlabMessage], so an application.
        LEASE,
        /// A send queue or an inbox.
        QUEUE,
        /// A channel: a frame that is being received or sent.
        CHANNEL
    }

    final Slab slab;

    /// Position in the table of its size class; the free list links slots by it.
    final int index;

    /// The next free slot's index + 1, 0 for none; written and read by [FreeList] only.
    int nextFree;

    @Nullable Slot next;

    /// In the first slot of a batch in a [SlotQueue]: the last one, and the first of the batch that
    /// came before.
    @Nullable Slot batchLast;

    @Nullable Slot olderBatch;
    private final MemorySegment segment;
    private final ByteBuffer buffer;
    private Owner owner = Owner.FREE;
    private @Nullable SlotSource source;

    /// What [#tellSource()] tells; 0 to look for it in the frame.
    private int toldLength;

    Slot(Slab slab, int index, MemorySegment segment) {
        this.slab = slab;
        this.index = index;
        this.segment = segment;
        this.buffer = segment.asByteBuffer();
    }

    /// The memory, as long as the capacity; the frame begins at offset 0.
    ///
    /// @return the slot's own segment
    public MemorySegment segment() {
        return segment;
    }

    /// The same memory, for the socket. At a hand-over it is clear: position 0, limit at the
    /// capacity.
    ///
    /// @return the slot's own buffer
    public ByteBuffer buffer() {
        return buffer;
    }

    /// How long a frame may become without moving to another slot.
    ///
    /// @return bytes
    public int capacity() {
        return buffer.capacity();
    }

    /// Length of the frame.
    ///
    /// @return 16 to 131,086, in bytes
    public int frameLength() {
        return HeaderLayout.frameLength(buffer);
    }

    /// Who refers to this slot.
    ///
    /// @return the owner
    public Owner owner() {
        return owner;
    }

    /// Passes the slot on.
    ///
    /// @param from the owner until now
    /// @param to the owner from now on
    /// @return this
    /// @throws IllegalStateException if `from` is not the owner: a bug of the caller
    public Slot handOver(Owner from, Owner to) {
        if (owner != from) {
            throw new IllegalStateException("slot of " + owner + " handed over as of " + from);
        }
        owner = to;
        return this;
    }

    /// Tells whoever delivered the slot that it was taken, or that it never will be; once.
    public void tellSource() {
        SlotSource told = source;
        if (told != null) {
            source = null;
            told.taken(toldLength == 0 ? frameLength() : toldLength);
        }
    }

    @Nullable SlotSource source() {
        return source;
    }

    /// Says whom to tell when an application takes the slot.
    ///
    /// @param source the channel that delivers it, or `null`
    public void source(@Nullable SlotSource source) {
        source(source, 0);
    }

    /// Says whom to tell when an application takes the slot, and of what length; so the frame need
    /// not be looked at, which the processor may have forgotten by then.
    ///
    /// @param source the channel that delivers it
    /// @param frameLength length of the frame as it is delivered
    public void source(@Nullable SlotSource source, int frameLength) {
        this.source = source;
        this.toldLength = frameLength;
    }

    /// The slot behind this one in a chain.
    ///
    /// @return the next slot, `null` at the end
    public @Nullable Slot next() {
        return next;
    }

    /// The last slot of the batch that begins with this one, which begins none any more.
    Slot takeBatchLast() {
        Slot last = batchLast;
        batchLast = null;
        return last == null ? this : last;
    }

    /// The first slot of the batch that came before the one of this slot, which then follows none.
    @Nullable Slot takeOlderBatch() {
        Slot older = olderBatch;
        olderBatch = null;
        return older;
    }

    /// Gives the slot back to its pool.
    ///
    /// @param from the owner until now
    public void release(Owner from) {
        slab.sizeClass.pool().release(this, from);
    }
}
