package tofu.engine.channel;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.pool.FrameRange;
import tofu.pool.HeaderLayout;
import tofu.pool.LogChunk;
import tofu.pool.Slot;
import tofu.pool.SlotPool;
import tofu.pool.StackRoom;

/// Frames that are to be sent, as bytes, back to back in chunks that are there only while something
/// is to be sent.
///
/// A frame stays until its last byte is sent: so what comes back is whole.
///
/// Threads: [#add(Slot, long, long, int)], [#look()], [#drop()] and [#takeRest(Status)] under the
/// lock of the [SendQueue]; the rest the loop, without it. Owns the chunks.
///
/// Invariant: `0 <= ended <= sent <= seen <= bytes in the first chunk`; a frame begins at `ended`,
/// and none has ended behind it.
final class SendLog {
    /// Longer frames stay in their own slots: a copy would cost more than it saves.
    private static final int LONGEST_COPIED = 32 << 10;

    /// Least and greatest size of a chunk: as a system call is worth that many bytes, and no more.
    private static final int LEAST_BYTES = 4 << 10;

    private static final int MOST_BYTES = 64 << 10;

    private final SlotPool memory;
    private @Nullable LogChunk first;
    private @Nullable LogChunk last;

    /// How much is added since it was empty: the next time will be alike, so the first chunk
    /// has room for as much.
    private long added;

    private int chunkBytes = LEAST_BYTES;

    // The loop's, of the first chunk: how much of it is sent, how much is in frames that are sent,
    // how many those are, and how much is known to be there.
    private int sent;
    private int ended;
    private int endedFrames;
    private int seen;
    private int seenFrames;

    /// @param memory where chunks come from
    SendLog(SlotPool memory) {
        this.memory = memory;
    }

    /// Adds a frame. What fails has changed nothing.
    ///
    /// @param frame a slot of [Slot.Owner#LEASE]
    /// @param head the first word of its header
    /// @param second the second word
    /// @param length its length, in bytes
    /// @return true if the slot is in the log; false if the log has a copy
    boolean add(Slot frame, long head, long second, int length) {
        LogChunk tail = last;
        if (tail == null || !tail.hasRoomFor(length)) {
            StackRoom.ask(); // for all that follows
            LogChunk chunk =
                    length > LONGEST_COPIED ? null : LogChunk.take(memory, sizeFor(length));
            if (chunk == null) {
                link(LogChunk.holding(frame, second), length);
                return true;
            }
            // Linked when the frame is in it: a chunk without frames would never be sent.
            chunk.add(frame, head, second, length);
            link(chunk, length);
            return false;
        }
        tail.add(frame, head, second, length);
        added += length;
        return false;
    }

    private int sizeFor(int length) {
        return Math.max(first == null ? chunkBytes : MOST_BYTES, length);
    }

    private void link(LogChunk chunk, int length) {
        LogChunk before = last;
        if (before == null) {
            first = chunk;
        } else {
            before.next(chunk);
        }
        last = chunk;
        added += length;
    }

    /// Whether there is nothing that was not sent whole.
    boolean isEmpty() {
        return first == null;
    }

    /// Looks how much there is to send.
    void look() {
        LogChunk chunk = first;
        if (chunk != null) {
            seen = chunk.filled();
            seenFrames = chunk.frames();
        }
    }

    /// Whether a frame is sent in part.
    boolean isInFrame() {
        return sent > ended;
    }

    /// Whether the next frame is a hello, which nothing may overtake.
    boolean beginsWithHello() {
        LogChunk chunk = first;
        return chunk != null
                && !isInFrame()
                && HeaderLayout.knownOpCode(chunk.first(ended)).type() == OpCode.Type.HELLO;
    }

    /// What to write next.
    ///
    /// @return bytes, or `null` if there are none
    @Nullable ByteBuffer source() {
        LogChunk chunk = first;
        return chunk == null ? null : chunk.bytes(sent, seen);
    }

    /// The rest of the next frame.
    ///
    /// @return bytes, or `null` if there are none
    @Nullable ByteBuffer sourceOfFrame() {
        LogChunk chunk = first;
        return chunk == null ? null : chunk.bytes(sent, ended + chunk.frameLength(ended));
    }

    /// Counts bytes that the kernel took.
    ///
    /// @return how many frames have ended with them
    int sent(int bytes) {
        LogChunk chunk = first;
        if (chunk == null) {
            throw new IllegalStateException(bytes + " bytes sent of nothing");
        }
        sent += bytes;
        int before = endedFrames;
        if (sent == seen) {
            ended = seen;
            endedFrames = seenFrames;
        } else {
            int length = chunk.frameLength(ended);
            while (length <= sent - ended) {
                ended += length;
                endedFrames++;
                length = chunk.frameLength(ended);
            }
        }
        return endedFrames - before;
    }

    /// How much of the first chunk is in frames that were sent, in bytes.
    int ended() {
        return ended;
    }

    /// Removes the first chunk if all of it is sent.
    ///
    /// @return the chunk, the caller's, or `null`
    @Nullable LogChunk drop() {
        LogChunk chunk = first;
        if (chunk == null || sent < chunk.filled()) {
            return null;
        }
        first = chunk.next();
        if (first == null) {
            last = null;
            chunkBytes = Math.clamp(added, LEAST_BYTES, MOST_BYTES);
            added = 0;
        }
        rewind();
        return chunk;
    }

    private void rewind() {
        sent = 0;
        ended = 0;
        endedFrames = 0;
        seen = 0;
        seenFrames = 0;
    }

    /// Removes all that was not sent whole.
    ///
    /// @param reason why
    /// @return the frames, or `null` if there are none
    @Nullable FrameRange takeRest(Status reason) {
        LogChunk chunk = first;
        if (chunk == null) {
            return null;
        }
        FrameRange rest = new FrameRange(chunk, ended, reason);
        first = null;
        last = null;
        added = 0;
        rewind();
        return rest;
    }

    /// How many frames were not sent whole.
    int frames() {
        int count = -endedFrames;
        for (LogChunk chunk = first; chunk != null; chunk = chunk.next()) {
            count += chunk.frames();
        }
        return count;
    }

    /// How long those are together, in bytes.
    long bytes() {
        long count = -ended;
        for (LogChunk chunk = first; chunk != null; chunk = chunk.next()) {
            count += chunk.filled();
        }
        return count;
    }
}
