package tofu.engine.channel;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import tofu.api.Status;
import tofu.pool.FrameRange;
import tofu.pool.LogChunk;
import tofu.pool.Slot;
import tofu.pool.SlotPool;
import tofu.pool.StackRoom;

/// Frames that are to be sent, as bytes, back to back in chunks that are there only while something
/// is to be sent.
///
/// A frame stays until its last byte is sent: so what comes back is whole.
///
/// Threads: adding, looking, dropping and taking the rest under the lock of the [SendQueue];
/// finding sources and counting what is sent the loop, without it. Owns the chunks.
///
/// Invariant: `0 <= ended <= sent <= bytes in the first chunk`; a frame begins at `ended`, and none
/// has ended behind it.
final class SendLog {
    /// Where a frame is now.
    enum Place {
        /// In the log, by a copy: its slot is the caller's.
        COPIED,
        /// In its own slot, which is the log's.
        OWN_SLOT,
        /// There is no memory for it: its slot is the caller's.
        NONE
    }

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

    /// How much of that has ended, and where in it the last hello ends; 0 for none. Under the lock.
    private long endedOfAdded;

    private long helloEnd;

    private int chunkBytes = LEAST_BYTES;

    // The loop's, of the first chunk: how much of it is sent, how much is in frames that are sent,
    // and how many those are.
    private int sent;
    private int ended;
    private int endedFrames;

    // Up to where the loop has looked: everything before does not change any more.
    private @Nullable LogChunk seenLast;
    private int seenBytes;
    private int seenFrames;

    /// The first chunk that is not sent whole, before those that are sent are dropped; the loop's.
    private @Nullable LogChunk reached;

    /// What ended with the last bytes that were sent.
    private int justEndedFrames;

    private int justEndedBytes;

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
    /// @param always whether it finds a place in any case
    /// @return where it is
    Place add(Slot frame, long head, long second, int length, boolean always) {
        LogChunk tail = last;
        boolean copied = isCopied(frame, length);
        if (tail == null || !copied || !tail.hasRoomFor(length)) {
            StackRoom.ask(); // for all that follows
            LogChunk chunk = copied ? LogChunk.take(memory, sizeFor(length)) : null;
            if (chunk == null && !always && isWanted(frame, length)) {
                return Place.NONE;
            }
            if (chunk == null) {
                link(LogChunk.holding(frame, second, memory), length);
                return Place.OWN_SLOT;
            }
            // Linked when the frame is in it: a chunk without frames would never be sent.
            chunk.add(frame, head, second, length);
            link(chunk, length);
            return Place.COPIED;
        }
        tail.add(frame, head, second, length);
        added += length;
        return Place.COPIED;
    }

    /// What is long, too, if its slot is wanted: peers that do not read must not keep the memory of
    /// all messages.
    private static boolean isCopied(Slot frame, int length) {
        return length <= LONGEST_COPIED || frame.isScarce();
    }

    /// Whether a slot is to go home rather than stay for want of other memory.
    private static boolean isWanted(Slot frame, int length) {
        return frame.isOfReserve() || (length > LEAST_BYTES && frame.isScarce());
    }

    /// Whether a channel may have more memory, so that some is left for others.
    ///
    /// @param frame what it is for
    /// @param length its length, in bytes
    /// @param queued how many bytes the channel has here
    boolean mayGrow(Slot frame, int length, long queued) {
        LogChunk tail = last;
        boolean hasPlace = tail != null && isCopied(frame, length) && tail.hasRoomFor(length);
        return hasPlace || queued <= memory.bytesFree();
    }

    /// Likewise, for a frame that is not there yet.
    boolean mayGrow(int length, long queued) {
        LogChunk tail = last;
        return (tail != null && tail.hasRoomFor(length)) || queued <= memory.bytesFree();
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
        LogChunk chunk = last;
        seenLast = chunk;
        if (chunk != null) {
            seenBytes = chunk.filled();
            seenFrames = chunk.frames();
        }
    }

    /// Whether a frame is sent in part.
    boolean isInFrame() {
        return sent > ended;
    }

    /// The frame added last is a hello, which nothing may overtake.
    void markHello() {
        helloEnd = added;
    }

    /// Whether there is a hello that was not sent whole.
    boolean hasHello() {
        return helloEnd > endedOfAdded;
    }

    /// The first chunk, if the loop has seen one: what was added to an empty log since it looked
    /// may still grow, and what it grows by would be dropped with what was sent.
    private @Nullable LogChunk firstSeen() {
        return seenLast == null ? null : first;
    }

    /// What to write next: chunk by chunk, as far as the loop has looked.
    ///
    /// @param into where the bytes go, of each chunk a buffer
    /// @return how many buffers there are
    int sources(ByteBuffer[] into) {
        LogChunk chunk = firstSeen();
        int from = sent;
        int count = 0;
        while (chunk != null && count < into.length) {
            boolean isLast = chunk == seenLast;
            into[count++] = chunk.bytes(from, isLast ? seenBytes : chunk.filled());
            chunk = isLast ? null : chunk.next();
            from = 0;
        }
        return count;
    }

    /// The rest of the next frame.
    ///
    /// @param into where the bytes go
    /// @return how many buffers there are, 0 or 1
    int sourceOfFrame(ByteBuffer[] into) {
        LogChunk chunk = firstSeen();
        if (chunk == null) {
            return 0;
        }
        into[0] = chunk.bytes(sent, ended + chunk.frameLength(ended));
        return 1;
    }

    /// Counts bytes that the kernel took; [#drop()] is to follow.
    void sent(int bytes) {
        justEndedFrames = 0;
        justEndedBytes = 0;
        LogChunk chunk = first;
        int left = bytes;
        while (chunk != null) {
            boolean isLast = chunk == seenLast;
            int filled = isLast ? seenBytes : chunk.filled();
            if (left < filled - sent) {
                sent += left;
                endFramesOf(chunk);
                break;
            }
            left -= filled - sent;
            end(filled, isLast ? seenFrames : chunk.frames());
            sent = filled;
            if (isLast) {
                break;
            }
            chunk = chunk.next();
            rewind();
        }
        reached = chunk;
    }

    private void endFramesOf(LogChunk chunk) {
        int at = ended;
        int frames = endedFrames;
        int length = chunk.frameLength(at);
        while (length <= sent - at) {
            at += length;
            frames++;
            length = chunk.frameLength(at);
        }
        end(at, frames);
    }

    private void end(int at, int frames) {
        justEndedFrames += frames - endedFrames;
        justEndedBytes += at - ended;
        ended = at;
        endedFrames = frames;
    }

    /// How many frames have ended with the bytes that were sent last.
    int justEndedFrames() {
        return justEndedFrames;
    }

    /// How long those are together, in bytes.
    int justEndedBytes() {
        return justEndedBytes;
    }

    /// Removes the chunks of which all is sent.
    ///
    /// @return the first of them, the caller's up to [#first()]; `null` if there is none
    @Nullable LogChunk drop() {
        LogChunk spent = first;
        LogChunk chunk = reached;
        endedOfAdded += justEndedBytes;
        if (chunk != null && sent == chunk.filled()) {
            chunk = chunk.next(); // there may be one by now, behind what the loop has seen
            rewind();
        }
        first = chunk;
        if (chunk == null) {
            last = null;
            chunkBytes = Math.clamp(added, LEAST_BYTES, MOST_BYTES);
            startOver();
        }
        return spent == chunk ? null : spent;
    }

    /// The first chunk.
    @Nullable LogChunk first() {
        return first;
    }

    private void startOver() {
        added = 0;
        endedOfAdded = 0;
        helloEnd = 0;
    }

    private void rewind() {
        sent = 0;
        ended = 0;
        endedFrames = 0;
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
        startOver();
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
