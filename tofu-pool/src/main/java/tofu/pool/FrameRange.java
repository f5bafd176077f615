package tofu.pool;

import org.jspecify.annotations.Nullable;
import tofu.api.Status;

/// Messages that were not sent, on their way back: the rest of a log. Each gets its slot when it is
/// taken, so that coming back needs no memory.
///
/// Thread: one at a time. Owns the chunks from the first one on.
public final class FrameRange extends Mail {
    private final Status reason;

    /// The chunk of the next frame; `null` when there is none left.
    private @Nullable LogChunk chunk;

    /// Where the next frame begins in it.
    private int position;

    /// The next message, once it has its slot.
    private @Nullable Slot cut;

    /// Frames of a log, up to its end.
    ///
    /// @param first the chunk of the first frame, which there is
    /// @param position where that begins, in bytes
    /// @param reason why they come back
    public FrameRange(LogChunk first, int position, Status reason) {
        this.chunk = first;
        this.position = position;
        this.reason = reason;
    }

    /// Whether all messages were removed.
    ///
    /// @return true if there is none left
    public boolean isEmpty() {
        return chunk == null;
    }

    /// The number of the channel that they are of.
    ///
    /// @return 1 to 65,534; 0 if no message is left
    public int channel() {
        LogChunk from = chunk;
        return from == null ? 0 : HeaderLayout.channel(from.first(position));
    }

    /// The next message. It stays here until [#removeFirst()].
    ///
    /// @param pool where its memory comes from
    /// @return a slot of [Slot.Owner#LEASE], the same one each time; `null` if there is no memory
    ///     within the pool's limits, or no message left
    public @Nullable Slot first(SlotPool pool) {
        LogChunk from = chunk;
        Slot slot = cut;
        if (slot == null && from != null) {
            StackRoom.ask(); // for what follows, up to removing it
            slot = from.cut(position, pool);
            if (slot != null) {
                slot.markEngine(reason);
                cut = slot;
            }
        }
        return slot;
    }

    /// Removes the message that [#first(SlotPool)] has found, which is the caller's from now on.
    public void removeFirst() {
        Slot taken = cut;
        LogChunk from = chunk;
        if (taken == null || from == null) {
            throw new IllegalStateException("no message was found");
        }
        cut = null;
        if (from.isOwnSlot()) {
            toNextChunk(from);
            return;
        }
        position += taken.frameLength();
        if (position == from.filled()) {
            toNextChunk(from);
            from.release();
        }
    }

    private void toNextChunk(LogChunk from) {
        chunk = from.next();
        position = 0;
    }

    @Override
    public void discard() {
        Slot slot = cut;
        LogChunk from = chunk;
        cut = null;
        chunk = null;
        if (slot != null && from != null) {
            slot.release(Slot.Owner.LEASE);
            LogChunk following = from.next();
            if (!from.isOwnSlot()) {
                from.release();
            }
            from = following;
        }
        while (from != null) {
            LogChunk following = from.next();
            from.release();
            from = following;
        }
    }
}
