package tofu.pool;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import tofu.api.AllocationStrategy;

/// A piece of a log: frames back to back, as they travel.
///
/// It is memory of a pool for logs; or, for a long frame, and when there is no such memory, the
/// message's own slot, which then holds that frame alone.
///
/// Frames are added behind those that are there, which nobody changes any more: so one thread may
/// read up to where it knows that there are frames, while another adds some.
///
/// Threads: adding one at a time, reading one at a time; what is told from one to the other goes
/// through the lock of the log. Owns its slot.
public final class LogChunk {
    private final Slot slot;
    private int filled;
    private int frames;
    private boolean ownSlot;
    private @Nullable LogChunk next;

    /// The chunk that a slot is whenever it is one.
    LogChunk(Slot slot) {
        this.slot = slot;
    }

    /// Takes an empty chunk.
    ///
    /// @param memory the pool for logs
    /// @param bytes how much room is wanted, 16 to 131,086
    /// @return a chunk, `null` when there is no memory within the pool's limits
    public static @Nullable LogChunk take(SlotPool memory, int bytes) {
        Slot slot = memory.take(bytes, AllocationStrategy.ALWAYS, Slot.Owner.LOG);
        if (slot == null) {
            return null;
        }
        LogChunk chunk = slot.chunk();
        chunk.begin(0, 0, false);
        return chunk;
    }

    /// Makes a message's slot a chunk that has no room for others.
    ///
    /// @param frame a slot of [Slot.Owner#LEASE], the chunk's from now on
    /// @param second the second word of its header, whose length was checked
    /// @return the chunk
    public static LogChunk holding(Slot frame, long second) {
        LogChunk chunk = frame.chunk();
        frame.handOver(Slot.Owner.LEASE, Slot.Owner.QUEUE).seal(second);
        frame.buffer(); // with the header in front
        chunk.begin(HeaderLayout.frameLength(second), 1, true);
        return chunk;
    }

    private void begin(int bytes, int count, boolean own) {
        filled = bytes;
        frames = count;
        ownSlot = own;
        next = null;
    }

    /// Whether another frame fits in.
    ///
    /// @param length its length, in bytes
    /// @return true if there is room
    public boolean hasRoomFor(int length) {
        return !ownSlot && length <= slot.capacity() - filled;
    }

    /// Adds a copy of a frame, for which there is room. What fails has changed nothing.
    ///
    /// @param frame the frame, which stays the caller's
    /// @param first the first word of its header
    /// @param second the second word
    /// @param length its length, in bytes
    public void add(Slot frame, long first, long second, int length) {
        slot.copyFrame(filled, frame, first, second, length);
        frames++;
        filled += length;
    }

    /// How far it is filled.
    ///
    /// @return bytes
    public int filled() {
        return filled;
    }

    /// How many frames it has.
    ///
    /// @return all that were added
    public int frames() {
        return frames;
    }

    /// The chunk behind this one.
    ///
    /// @return the next one of the log, `null` at its end
    public @Nullable LogChunk next() {
        return next;
    }

    /// Links a chunk behind this one.
    ///
    /// @param behind the next one of the log
    public void next(LogChunk behind) {
        next = behind;
    }

    /// A frame's length.
    ///
    /// @param at where the frame begins
    /// @return 16 to 131,086, in bytes
    public int frameLength(int at) {
        return HeaderLayout.frameLength(slot.wordAt(at + HeaderLayout.SECOND_WORD));
    }

    /// The first word of a frame's header.
    ///
    /// @param at where the frame begins
    /// @return the word
    public long first(int at) {
        return slot.wordAt(at);
    }

    /// Bytes for the socket.
    ///
    /// @param from the first of them
    /// @param to behind the last of them
    /// @return the chunk's own buffer, in use until the next call
    public ByteBuffer bytes(int from, int to) {
        return slot.bytes().limit(to).position(from);
    }

    /// Makes a message of a frame.
    ///
    /// @param at where the frame begins
    /// @param pool where the message's memory comes from
    /// @return a slot of [Slot.Owner#LEASE], its header as it is here; the chunk's own one for a
    ///     frame that is alone in it, so the chunk is not to be released; `null` if there is no
    ///     memory
    @Nullable Slot cut(int at, SlotPool pool) {
        if (ownSlot) {
            slot.bytes().clear();
            return slot.handOver(Slot.Owner.QUEUE, Slot.Owner.LEASE);
        }
        int length = frameLength(at);
        Slot message = pool.take(length, AllocationStrategy.ALWAYS, Slot.Owner.LEASE);
        if (message == null) {
            message = slot.slab.sizeClass.pool().takeSpare();
        }
        if (message != null) {
            message.words(slot.wordAt(at), slot.wordAt(at + HeaderLayout.SECOND_WORD));
            message.copyRest(slot, at, length);
        }
        return message;
    }

    /// Whether the frame is alone in its own slot, which a message takes along.
    boolean isOwnSlot() {
        return ownSlot;
    }

    /// Gives the memory back, and that of no other chunk.
    public void release() {
        slot.bytes().clear();
        slot.release(ownSlot ? Slot.Owner.QUEUE : Slot.Owner.LOG);
    }
}
