package tofu.engine.channel;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import tofu.api.OpCode;
import tofu.pool.Slot;
import tofu.pool.SlotChain;
import tofu.pool.SlotReturns;

/// The frames that are to be sent, in order, as buffers for the socket.
///
/// A run of frames is copied together, because one system call for many is well worth the copy; a
/// long one that is alone is written straight from its slot. Slots stay here until their last byte
/// is sent, so that what was not sent can be given back: a copy that the kernel did not take is
/// simply made again.
///
/// Thread: the loop. Owns the slots in it.
///
/// Invariant: `0 <= sentOfFirst < length of the first frame`
final class FrameWriter {
    /// A frame that is alone is written from its slot if it has so many bytes.
    private static final int DIRECT_BYTES = 4 << 10;

    /// So many bytes are always worth copying together.
    private static final int LEAST_COPIED = 32 << 10;

    /// So many bytes are copied together at most, if the staging buffer has room for them.
    private static final int MOST_COPIED = 1 << 20;

    private final SlotChain pending = new SlotChain();
    private final SlotReturns returns = new SlotReturns();
    private int sentOfFirst;

    /// The last of the out-of-band frames at the head, behind which the next one goes.
    private @Nullable Slot lastUrgent;

    /// The slot whose own buffer was offered last: it need not be the first any more, if the kernel
    /// took nothing of it and another frame went before it.
    private @Nullable Slot offered;

    /// Bytes that are worth copying together: about as many as the kernel took last.
    private int worthCopying = MOST_COPIED;

    /// Bytes in the staging buffer that was offered last; 0 if it was none.
    private int copied;

    private int endedMessages;
    private long endedBytes;

    boolean isEmpty() {
        return pending.isEmpty();
    }

    /// The frame that is to be sent next.
    @Nullable Slot first() {
        return pending.first();
    }

    void add(Slot slot) {
        pending.addLast(slot);
    }

    /// Adds frames, all that another chain has.
    void addAll(SlotChain slots) {
        pending.addAll(slots);
    }

    /// Puts a frame to the head: behind one that is under way or must come first, and behind those
    /// that were put there before.
    void addUrgent(Slot slot, boolean behindFirst) {
        Slot place = lastUrgent;
        if (place == null && (behindFirst || sentOfFirst > 0)) {
            place = pending.first();
        }
        if (place == null) {
            pending.addFirst(slot);
        } else {
            pending.addAfter(place, slot);
        }
        lastUrgent = slot;
    }

    /// Removes the frames behind one of them, none of which is under way.
    ///
    /// @param place a frame that stays
    /// @param behind takes the others, in their order
    void cutBehind(Slot place, SlotChain behind) {
        takeBack();
        pending.cutBehind(place, behind);
        lastUrgent = null;
    }

    /// What to write next.
    ///
    /// @param staging where small frames are copied together
    /// @return a buffer with bytes, valid until the next call; `null` when all is sent
    @Nullable ByteBuffer source(ByteBuffer staging) {
        takeBack();
        Slot slot = pending.first();
        if (slot == null) {
            return null;
        }
        int length = slot.frameLength();
        int rest = length - sentOfFirst;
        if ((slot.next() == null && rest >= DIRECT_BYTES) || rest > staging.capacity()) {
            offered = slot;
            copied = 0;
            return slot.buffer().limit(length).position(sentOfFirst);
        }
        staging.clear();
        staging.limit(Math.clamp(worthCopying, rest, staging.capacity()));
        int offset = sentOfFirst;
        while (slot != null) {
            int count = slot.frameLength() - offset;
            if (count > staging.remaining()) {
                break;
            }
            slot.writeTo(offset, staging);
            offset = 0;
            slot = slot.next();
        }
        copied = staging.position();
        return staging.flip();
    }

    /// What the kernel did not take of a copy is copied again, so there should be little of it.
    private void learnFrom(int bytes) {
        if (bytes < copied) {
            worthCopying = Math.max(bytes, LEAST_COPIED);
        } else if (copied > 0) {
            worthCopying = Math.min(2 * worthCopying, MOST_COPIED);
        }
        copied = 0;
    }

    /// Counts bytes that the kernel took of [#source(ByteBuffer)]; what is sent whole goes back to
    /// the pool.
    void sent(int bytes) {
        int left = bytes;
        takeBack();
        learnFrom(bytes);
        Slot slot = pending.first();
        while (slot != null && left > 0) {
            int length = slot.frameLength();
            int rest = length - sentOfFirst;
            if (left < rest) {
                sentOfFirst += left;
                break;
            }
            left -= rest;
            sentOfFirst = 0;
            if (slot == lastUrgent) {
                lastUrgent = null;
            }
            endedMessages++;
            endedBytes += length;
            pending.pollFirst();
            returns.add(slot, Slot.Owner.QUEUE);
            slot = pending.first();
        }
        returns.flush();
    }

    /// Removes the next frame, sent in part or not at all.
    @Nullable Slot poll() {
        takeBack();
        sentOfFirst = 0;
        lastUrgent = null;
        return pending.pollFirst();
    }

    /// Tells the queue of the frames that were sent since the last call.
    void report(SendQueue queue) {
        if (endedMessages > 0) {
            queue.ended(endedMessages, endedBytes);
            endedMessages = 0;
            endedBytes = 0;
        }
    }

    /// Makes the buffer that was offered clear again, as a slot's buffer is at every hand-over.
    private void takeBack() {
        Slot slot = offered;
        if (slot != null) {
            offered = null;
            slot.buffer().clear();
        }
    }

    /// Whether the first frame is a hello, which nothing may overtake.
    boolean firstIsHello() {
        Slot slot = pending.first();
        return slot != null && slot.knownOpCode().type() == OpCode.Type.HELLO;
    }
}
