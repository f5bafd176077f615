package tofu.pool;

import org.jspecify.annotations.Nullable;

/// What an inbox holds: a message in its slot, or several as bytes of a log, linked in chains and
/// batches through itself.
///
/// Thread: its owner's; hand-overs go through a queue, which orders memory.
public abstract sealed class Mail permits Slot, FrameRange {
    @Nullable Mail next;

    /// In the first of a batch in a [MailQueue]: the last one if it is another one, and the first
    /// of the batch that came before.
    @Nullable Mail batchLast;

    @Nullable Mail olderBatch;

    Mail() {}

    /// What is behind this in a chain.
    ///
    /// @return the next one, `null` at the end
    public @Nullable Mail next() {
        return next;
    }

    /// Frees what nobody will take any more; whoever delivered it is told as if it were taken.
    public abstract void discard();

    /// The last of the batch that begins with this one, which begins none any more.
    Mail takeBatchLast() {
        Mail last = batchLast;
        if (last == null) {
            return this;
        }
        batchLast = null;
        return last;
    }

    /// The first of the batch that came before the one of this, which then follows none.
    @Nullable Mail takeOlderBatch() {
        Mail older = olderBatch;
        olderBatch = null;
        return older;
    }
}
