package tofu.pool;

import org.jspecify.annotations.Nullable;
import tofu.api.Status;

/// Messages as bytes of a log, on their way to an inbox: what came from a peer together, or what
/// was not sent and comes back. Each gets its slot when it is taken.
///
/// The consumer's stack may end at any call. So nothing that is on its way is between two calls:
/// each step is a store behind the call that it needs, or can be tried again.
///
/// Thread: one at a time. Owns the chunks from the first one on.
public final class FrameRange extends Mail {
    /// What is left of a chunk this large moves to a smaller one when it is this part of it: so
    /// messages that nobody takes do not keep much more memory than they need.
    private static final int LARGE_BYTES = 16 << 10;

    private static final int SMALL_PART = 8;

    /// Why they come back; `null` for what came from a peer.
    private final @Nullable Status reason;

    /// Told of what came from a peer.
    private @Nullable SlotSource source;

    /// The chunk of the next frame; `null` when there is none left.
    private @Nullable LogChunk chunk;

    /// Where the next frame begins in it.
    private int position;

    /// The next message, once it has its slot; not filled yet if the stack has ended before.
    @Nullable Slot cut;

    /// It is as it is to be, and its source knows that it was taken.
    private boolean ready;

    /// There was no smaller chunk for what is left: not looked for again for each message.
    private boolean staysLarge;

    /// For the chunk that keeps it.
    FrameRange() {
        reason = null;
    }

    /// Frames that come back, up to the end of a log.
    ///
    /// @param first the chunk of the first frame, which there is
    /// @param position where that begins, in bytes
    /// @param reason why they come back
    public FrameRange(LogChunk first, int position, Status reason) {
        this.chunk = first;
        this.position = position;
        this.reason = reason;
    }

    /// Begins anew, with frames that came from a peer.
    FrameRange begin(LogChunk first, SlotSource told) {
        chunk = first;
        position = 0;
        staysLarge = false;
        source = told;
        return this;
    }

    /// Whether all messages were removed.
    ///
    /// @return true if there is none left
    public boolean isEmpty() {
        LogChunk from = chunk;
        return from == null || (position == from.filled() && from.next() == null);
    }

    /// The number of the channel that they are of.
    ///
    /// @return 1 to 65,534; 0 if no message is left
    public int channel() {
        LogChunk from = current();
        return from == null ? 0 : HeaderLayout.channel(from.first(position));
    }

    /// The next message. It stays here until [#removeFirst()].
    ///
    /// @param pool where its memory comes from; what came from a peer gets none if applications
    ///     have `maxPoolMessages`
    /// @return a slot of [Slot.Owner#LEASE], the same one each time; `null` if there is no memory
    ///     within the pool's limits, or no message left
    public @Nullable Slot first(SlotPool pool) {
        LogChunk from = current();
        if (from == null) {
            return null;
        }
        if (cut == null) {
            cut = from.slotFor(position, pool, reason != null);
        }
        Slot slot = cut;
        if (slot != null && !ready) {
            from.copyTo(slot, position);
            if (reason != null) {
                slot.markEngine(reason);
            }
            tellSource(from, slot.frameLength());
            ready = true;
        }
        return slot;
    }

    /// Asks for one call of the listeners of those pools whose memory the next message may have.
    ///
    /// @param pool that of messages
    public void awaitMemory(SlotPool pool) {
        pool.awaitRefill();
        LogChunk from = chunk;
        if (from != null) {
            from.memory().awaitRefill();
        }
    }

    private void tellSource(LogChunk from, int length) {
        SlotSource told = source;
        if (told == null) {
            return;
        }
        if (position + length == from.filled()) {
            told.taken(length);
        } else {
            told.takenOfMany(length);
        }
    }

    /// Removes the message that [#first(SlotPool)] has found, which is the caller's from now on.
    public void removeFirst() {
        Slot taken = cut;
        LogChunk from = chunk;
        if (taken == null || from == null) {
            throw new IllegalStateException("no message was found");
        }
        int length = taken.frameLength();
        boolean gone = from.isOwnSlot(); // with the message, so it is not to be looked at again
        LogChunk following = gone ? from.next() : from;
        cut = null;
        ready = false;
        chunk = following;
        position = gone ? 0 : position + length;
    }

    /// The chunk of the next frame, after what is taken whole was given back.
    private @Nullable LogChunk current() {
        LogChunk from = chunk;
        while (from != null && position == from.filled()) {
            LogChunk following = from.next();
            if (following == null) {
                return null; // given back by release, as this may be kept there
            }
            StackRoom.askForLittle(); // or the memory may be lost on its way
            chunk = following;
            position = 0;
            from.release();
            from = following;
        }
        if (from != null && cut == null && isMostlyTaken(from)) {
            from = compact(from);
        }
        return from;
    }

    private boolean isMostlyTaken(LogChunk from) {
        return source != null
                && !staysLarge
                && from.capacity() >= LARGE_BYTES
                && (from.filled() - position) * SMALL_PART <= from.capacity();
    }

    private LogChunk compact(LogChunk from) {
        StackRoom.ask();
        int left = from.filled() - position;
        LogChunk smaller = LogChunk.take(from.memory(), left, from.capacity() - 1);
        if (smaller == null) {
            staysLarge = true;
            return from;
        }
        smaller.addBytes(from, position, left);
        smaller.swapRange(from);
        chunk = smaller;
        position = 0;
        from.release();
        return smaller;
    }

    /// Gives back what is left of the memory, when all messages were removed and nobody has this
    /// any more: it may begin anew at once.
    public void release() {
        LogChunk last = chunk;
        chunk = null;
        if (last != null) {
            last.release();
        }
    }

    @Override
    public void discard() {
        Slot slot = cut;
        cut = null;
        LogChunk from = chunk;
        chunk = null;
        if (slot != null && from != null) {
            int length = from.frameLength(position); // the slot may not be filled yet
            tellUnlessReady(from, length);
            position += length;
            LogChunk following = from.next();
            boolean gone = from.isOwnSlot();
            slot.release(Slot.Owner.LEASE);
            from = gone ? following : from;
        }
        tellOfRest(from);
        while (from != null) {
            LogChunk following = from.next();
            from.release();
            from = following;
        }
    }

    private void tellUnlessReady(LogChunk from, int length) {
        if (!ready) {
            tellSource(from, length);
        }
        ready = false;
    }

    /// Tells the source of what nobody will take, as if it were taken.
    private void tellOfRest(@Nullable LogChunk from) {
        while (source != null && from != null && position < from.filled()) {
            int length = from.frameLength(position);
            tellSource(from, length);
            position += length;
        }
    }
}
