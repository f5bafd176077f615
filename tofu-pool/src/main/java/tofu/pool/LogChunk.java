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

    /// Where it counts among what is lent.
    private @Nullable SlotPool books;

    private int filled;
    private int frames;
    private boolean ownSlot;
    private @Nullable LogChunk next;

    /// Made when frames that came are first passed on in it, and kept.
    private @Nullable FrameRange range;

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
        try {
            LogChunk chunk = slot.chunk();
            chunk.begin(memory, 0, 0, false);
            return chunk;
        } catch (VirtualMachineError noRoom) {
            slot.release(Slot.Owner.LOG);
            throw noRoom;
        }
    }

    /// Takes an empty chunk for what has one already: if memory is short, what there is may be much
    /// larger than it need be.
    ///
    /// @param memory the pool for logs
    /// @param bytes how much room is wanted, 16 to 131,086
    /// @param most how large it may be, in bytes
    /// @return a chunk, `null` when there is none so small within the pool's limits
    public static @Nullable LogChunk take(SlotPool memory, int bytes, int most) {
        LogChunk chunk = take(memory, bytes);
        if (chunk != null && chunk.capacity() > most) {
            chunk.release();
            return null;
        }
        return chunk;
    }

    /// How much fits in.
    ///
    /// @return bytes
    public int capacity() {
        return slot.capacity();
    }

    /// Makes a message's slot a chunk that has no room for others.
    ///
    /// @param frame a slot of [Slot.Owner#LEASE], the chunk's from now on
    /// @param second the second word of its header, whose length was checked
    /// @param memory the pool for logs, where it counts
    /// @return the chunk
    public static LogChunk holding(Slot frame, long second, SlotPool memory) {
        LogChunk chunk = frame.chunk();
        frame.handOver(Slot.Owner.LEASE, Slot.Owner.QUEUE).seal(second);
        frame.buffer(); // with the header in front
        chunk.begin(memory, HeaderLayout.frameLength(second), 1, true);
        return chunk;
    }

    /// Makes it the memory of a message; it stays lent until that is given back.
    ///
    /// @return a slot of [Slot.Owner#LEASE]
    Slot toMessage() {
        return slot.handOver(Slot.Owner.LOG, Slot.Owner.LEASE);
    }

    /// It counts as lent, unless it does already, as the memory of a message that was received.
    void borrow(SlotPool memory) {
        if (books == null) {
            memory.loans().lend(slot.capacity());
            books = memory;
        }
    }

    private void begin(SlotPool memory, int bytes, int count, boolean own) {
        borrow(memory);
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

    /// Copies bytes behind those that are there, for which there is room: a part of a frame.
    ///
    /// @param other where from
    /// @param from the first of them
    /// @param count how many
    public void addBytes(LogChunk other, int from, int count) {
        slot.copyBytes(filled, other.slot, from, count);
        filled += count;
    }

    /// Says what has been read into it.
    ///
    /// @param bytes how far it is filled
    public void filled(int bytes) {
        filled = bytes;
    }

    /// Passes on all frames that are in it, which came from a peer, and the chunk with them.
    ///
    /// @param source told of each frame that is taken
    /// @return the frames, in an object that is in use until all are removed
    public FrameRange arrived(SlotSource source) {
        FrameRange own = range;
        if (own == null) {
            own = new FrameRange();
            range = own;
        }
        return own.begin(this, source);
    }

    /// Changes places with a chunk: what was passed on in one goes on in the other.
    void swapRange(LogChunk other) {
        FrameRange ours = range;
        range = other.range;
        other.range = ours;
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

    /// Changes the first word of a frame's header.
    ///
    /// @param at where the frame begins
    /// @param word what it is from now on
    public void first(int at, long word) {
        slot.wordAt(at, word);
    }

    /// The second word of a frame's header.
    ///
    /// @param at where the frame begins
    /// @return the word
    public long second(int at) {
        return slot.wordAt(at + HeaderLayout.SECOND_WORD);
    }

    /// Bytes for the socket.
    ///
    /// @param from the first of them
    /// @param to behind the last of them
    /// @return the chunk's own buffer, in use until the next call
    public ByteBuffer bytes(int from, int to) {
        return slot.bytes().limit(to).position(from);
    }

    /// Takes memory for a message. What fails has taken nothing.
    ///
    /// @param at where its frame begins
    /// @param pool where the memory comes from
    /// @param comesBack whether the message comes back, which it may whatever the pool's limits
    /// @return a slot of [Slot.Owner#LEASE]; the chunk's own one for a frame that is alone in it,
    ///     so the chunk is not to be released; `null` if there is no memory
    @Nullable Slot slotFor(int at, SlotPool pool, boolean comesBack) {
        if (ownSlot) {
            if (books != memory()) {
                count(); // else it is memory for logs, and stays lent with its message
            }
            slot.clearBytes();
            return slot.handOver(Slot.Owner.QUEUE, Slot.Owner.LEASE);
        }
        int length = frameLength(at);
        return comesBack
                ? pool.received().takeBack(length, memory())
                : pool.received().take(length, memory());
    }

    /// Copies a frame to a message, as often as it is tried.
    ///
    /// @param at where the frame begins
    /// @param message what [#slotFor] has found
    void copyTo(Slot message, int at) {
        if (!ownSlot) {
            long second = second(at);
            message.words(first(at), second);
            message.copyRest(slot, at, HeaderLayout.frameLength(second));
        }
    }

    /// It is lent no more.
    void count() {
        SlotPool lender = books;
        if (lender != null) {
            lender.loans().lend(-slot.capacity());
            books = null;
        }
    }

    /// The pool that the memory is of.
    SlotPool memory() {
        return slot.slab.sizeClass.pool();
    }

    /// Whether the frame is alone in its own slot, which a message takes along.
    boolean isOwnSlot() {
        return ownSlot;
    }

    /// Gives the memory back, and that of no other chunk.
    public void release() {
        count();
        slot.clearBytes();
        slot.release(ownSlot ? Slot.Owner.QUEUE : Slot.Owner.LOG);
    }
}
