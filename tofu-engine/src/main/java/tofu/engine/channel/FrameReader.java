package tofu.engine.channel;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import tofu.api.AllocationStrategy;
import tofu.api.Status;
import tofu.pool.HeaderLayout;
import tofu.pool.Slot;
import tofu.pool.SlotPool;
import tofu.pool.SlotSupply;

/// Cuts frames out of a byte stream, whatever the pieces it comes in.
///
/// Memory is given to a frame in proportion to what has arrived of it, not to what its header
/// claims: a peer that claims the longest frame and then stalls holds the smallest slot.
///
/// Thread: the loop. Owns the slot that is being filled.
///
/// Invariant: while `headFilled < 16`, `filling == null` and `filled == 0`; then
/// `16 <= filled < frameLength`, and `filled <= filling.capacity()` once there is a slot.
final class FrameReader {
    /// How far reading came.
    enum Progress {
        /// All bytes are consumed.
        DRAINED,
        /// The pool had no slot; the bytes from the source's position on are still to be read.
        STARVED,
        /// The sink refused a header: [#refusal()] says why. Nothing more may be read.
        REFUSED
    }

    /// From this many missing bytes on it is worth reading straight into the slot.
    private static final int DIRECT_BYTES = 16 << 10;

    /// A frame may have this many times the memory of what has arrived of it.
    private static final int CLAIM_FACTOR = 4;

    private final SlotPool pool;
    private final SlotSupply supply;
    private final int channel;
    private final FrameSink sink;

    private long first;
    private long second;
    private int headFilled;
    private @Nullable Slot filling;
    private int filled;

    /// The slot's own buffer was offered to read into, so it need not be clear.
    private boolean offered;

    private long framesRead;
    private Status refusal = Status.SUCCESS;

    /// Makes a reader that writes the receiver's own channel number into each frame.
    FrameReader(SlotPool pool, int channel, FrameSink sink) {
        this.pool = pool;
        this.supply = new SlotSupply(pool);
        this.channel = channel;
        this.sink = sink;
    }

    Status refusal() {
        return refusal;
    }

    /// Whether a frame has begun and not ended.
    boolean isPartial() {
        return headFilled > 0;
    }

    /// How many frames were completed.
    long framesRead() {
        return framesRead;
    }

    /// How many bytes are certainly missing of the frame that has begun; 0 if none has.
    int missing() {
        if (headFilled == 0) {
            return 0;
        }
        return headFilled < HeaderLayout.LENGTH
                ? HeaderLayout.LENGTH - headFilled
                : HeaderLayout.frameLength(second) - filled;
    }

    /// Bytes of the frame that has begun.
    int partialBytes() {
        return Math.max(headFilled, filled);
    }

    /// The slot's own buffer, when so much of a frame is missing that it should be read straight
    /// in; `null` otherwise.
    @Nullable ByteBuffer directTarget() {
        Slot slot = filling;
        if (slot == null) {
            return null;
        }
        int frameLength = HeaderLayout.frameLength(second);
        if (slot.capacity() < frameLength || frameLength - filled < DIRECT_BYTES) {
            return null;
        }
        return offer(slot, frameLength);
    }

    /// Whether memory is held for a frame that has begun.
    boolean holdsSlot() {
        return filling != null;
    }

    /// The slot's own buffer, for as much of the frame as it has room for or can grow to.
    @Nullable ByteBuffer ownTarget() {
        Slot slot = filling;
        if (slot == null) {
            return null;
        }
        int frameLength = HeaderLayout.frameLength(second);
        if (filled == slot.capacity()) {
            slot = slotFor(filled + 1, frameLength);
            if (slot == null) {
                return null;
            }
        }
        return offer(slot, Math.min(slot.capacity(), frameLength));
    }

    /// Counts bytes that were read into [#directTarget()] or [#ownTarget()].
    void readDirectly(int bytes) {
        takeBack();
        filled += bytes;
        finishIfComplete();
    }

    private ByteBuffer offer(Slot slot, int end) {
        offered = true;
        return slot.buffer().position(filled).limit(end);
    }

    /// Makes the buffer that was offered clear again, as a slot's buffer is at every hand-over.
    private void takeBack() {
        Slot slot = filling;
        if (offered && slot != null) {
            slot.buffer().clear();
        }
        offered = false;
    }

    /// Reads on.
    ///
    /// @param source the bytes from its position to its limit
    Progress read(ByteBuffer source) {
        takeBack(); // it may have got nothing
        if (!readWhole(source)) {
            return Progress.REFUSED;
        }
        // A head without a slot was starved before: its frame may need no more bytes.
        while (source.hasRemaining() || (headFilled == HeaderLayout.LENGTH && filling == null)) {
            if (!readHead(source)) {
                return Progress.DRAINED;
            }
            if (filled == 0) {
                refusal = sink.onHeader(first, second);
                if (refusal != Status.SUCCESS) {
                    return Progress.REFUSED;
                }
                filled = HeaderLayout.LENGTH;
            }
            if (!readRest(source)) {
                return Progress.STARVED;
            }
            if (!readWhole(source)) {
                return Progress.REFUSED;
            }
        }
        return Progress.DRAINED;
    }

    /// Reads the frames that are whole in the source, unless one has begun, and as long as there is
    /// memory for them: nothing has to be remembered of them.
    ///
    /// @return false if the sink refused one
    private boolean readWhole(ByteBuffer source) {
        int position = source.position();
        int limit = source.limit();
        while (headFilled == 0 && limit - position >= HeaderLayout.LENGTH) {
            long head = source.getLong(position);
            long tail = source.getLong(position + HeaderLayout.SECOND_WORD);
            int length = HeaderLayout.frameLength(tail);
            if (length > limit - position) {
                break;
            }
            Slot slot = supply.take(length, Slot.Owner.CHANNEL);
            if (slot == null) {
                break;
            }
            refusal = sink.onHeader(head, tail);
            if (refusal != Status.SUCCESS) {
                slot.release(Slot.Owner.CHANNEL);
                break;
            }
            slot.words(HeaderLayout.received(head, channel), tail);
            int rest = length - HeaderLayout.LENGTH;
            slot.put(HeaderLayout.LENGTH, source, position + HeaderLayout.LENGTH, rest);
            position += length;
            framesRead++;
            sink.onFrame(slot, HeaderLayout.opCode(head), length);
        }
        supply.flush();
        source.position(position);
        return refusal == Status.SUCCESS;
    }

    /// Gives the slot back that is being filled.
    void close() {
        takeBack();
        Slot slot = filling;
        filling = null;
        if (slot != null) {
            slot.release(Slot.Owner.CHANNEL);
        }
    }

    private boolean readHead(ByteBuffer source) {
        if (headFilled == 0 && source.remaining() >= HeaderLayout.LENGTH) {
            first = source.getLong();
            second = source.getLong();
            headFilled = HeaderLayout.LENGTH;
            return true;
        }
        while (headFilled < HeaderLayout.LENGTH && source.hasRemaining()) {
            long octet = source.get() & 0xFF;
            if (headFilled < HeaderLayout.SECOND_WORD) {
                first = first << 8 | octet;
            } else {
                second = second << 8 | octet;
            }
            headFilled++;
        }
        return headFilled == HeaderLayout.LENGTH;
    }

    /// Copies what there is of the frame behind its header.
    ///
    /// @return false when there is no memory for it; nothing was consumed then
    private boolean readRest(ByteBuffer source) {
        int frameLength = HeaderLayout.frameLength(second);
        int count = Math.min(frameLength - filled, source.remaining());
        Slot slot = slotFor(filled + count, frameLength);
        if (slot == null) {
            return false;
        }
        slot.put(filled, source, source.position(), count);
        source.position(source.position() + count);
        filled += count;
        finishIfComplete();
        return true;
    }

    private @Nullable Slot slotFor(int present, int frameLength) {
        Slot slot = filling;
        if (slot != null && slot.capacity() >= present) {
            return slot;
        }
        int wanted = (int) Math.min(frameLength, (long) present * CLAIM_FACTOR);
        if (slot == null) {
            slot = pool.take(wanted, AllocationStrategy.POOL_ONLY, Slot.Owner.CHANNEL);
            if (slot != null) {
                slot.words(HeaderLayout.received(first, channel), second);
            }
        } else {
            slot = pool.grow(slot, Slot.Owner.CHANNEL, filled, wanted);
        }
        if (slot != null) {
            filling = slot;
        }
        return slot;
    }

    private void finishIfComplete() {
        Slot slot = filling;
        int length = filled;
        if (slot != null && length == HeaderLayout.frameLength(second)) {
            filling = null;
            headFilled = 0;
            filled = 0;
            framesRead++;
            sink.onFrame(slot, HeaderLayout.opCode(first), length);
        }
    }
}
