package tofu.engine.channel;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.pool.HeaderLayout;
import tofu.pool.LogChunk;

/// Finds frames in a byte stream, whatever the pieces it comes in: one look at each header, no copy
/// of what follows it. What is whole is passed on as it was read.
///
/// A frame that has begun has a chunk of its own between two reads. If little of it is there, that
/// goes in front of what is read next; else the rest is read into it. It has memory in proportion
/// to what has arrived, not to what its header claims: a peer that claims the longest frame and
/// then stalls holds the smallest chunk; unless memory is short, and the smallest that there is is
/// larger.
///
/// Thread: the loop. Owns the chunk of the frame that has begun.
final class FrameReader {
    /// From this many bytes on, the rest of a frame is read to where its beginning is.
    private static final int DIRECT_BYTES = 4 << 10;

    private final ReadMemory memory;
    private final int directBytes;
    private final int channel;
    private final Backlog backlog;
    private final FrameSink sink;

    /// The beginning of a frame whose rest has not come; `null` if there is none.
    private @Nullable LogChunk begun;

    /// The sink has seen its header.
    private boolean checked;

    /// What is read next goes behind it.
    private boolean direct;

    /// How many frames came whole with the last read.
    private int found;

    private Status refusal = Status.SUCCESS;
    private long framesRead;

    /// Makes a reader that writes the receiver's own channel number into each frame.
    ///
    /// @param memory what to read into
    /// @param channel that number
    /// @param backlog counts the memory of a frame that has begun
    /// @param sink gets the frames
    FrameReader(ReadMemory memory, int channel, Backlog backlog, FrameSink sink) {
        this.memory = memory;
        this.directBytes = Math.min(DIRECT_BYTES, memory.readBytes() / 2);
        this.channel = channel;
        this.backlog = backlog;
        this.sink = sink;
    }

    /// Why a header was refused.
    Status refusal() {
        return refusal;
    }

    /// Whether a frame has begun and not ended.
    boolean isPartial() {
        return begun != null;
    }

    /// How many frames were completed.
    long framesRead() {
        return framesRead;
    }

    /// How many bytes are certainly missing of the frame that has begun; 0 if none has.
    int missing() {
        LogChunk own = begun;
        return own == null ? 0 : wanted(own) - own.filled();
    }

    /// Bytes of the frame that has begun.
    int partialBytes() {
        LogChunk own = begun;
        return own == null ? 0 : own.filled();
    }

    private void begun(@Nullable LogChunk own) {
        int more = capacity(own) - capacity(begun);
        backlog.begun(more);
        memory.begun(more);
        begun = own;
    }

    private static int capacity(@Nullable LogChunk own) {
        return own == null ? 0 : own.capacity();
    }

    /// How long a frame is, or its header as long as that is not there.
    private static int wanted(LogChunk own) {
        return own.filled() < HeaderLayout.LENGTH ? HeaderLayout.LENGTH : own.frameLength(0);
    }

    /// Where to read to next. The bytes are to be read at once, and told by [#read(int)].
    ///
    /// @param most how many bytes may come at most, [#missing()] or more
    /// @return a buffer with room; `null` if there is no memory
    @Nullable ByteBuffer target(int most) {
        LogChunk own = begun;
        direct = own != null && own.filled() >= directBytes;
        if (!direct && !memory.isReady()) {
            direct = own != null; // there may be room for what is missing
        }
        if (direct && own != null) {
            return ownTarget(own, false);
        }
        if (!memory.isReady()) {
            return null;
        }
        LogChunk chunk = memory.chunk();
        int front = 0;
        chunk.filled(0);
        if (own != null) {
            front = own.filled();
            chunk.addBytes(own, 0, front);
        }
        int room = Math.max(memory.readBytes() - front, missing());
        int end = (int) Math.min((long) front + Math.min(most, room), memory.room());
        return chunk.bytes(front, end);
    }

    /// Where to read to next if there may be no more memory than there is.
    ///
    /// @param needy whether it may be the reserve
    /// @return room for the rest of a frame that has begun; `null` if there is none
    @Nullable ByteBuffer ownTarget(boolean needy) {
        LogChunk own = begun;
        direct = own != null && (needy || own.filled() < own.capacity());
        return direct && own != null ? ownTarget(own, true) : null;
    }

    private @Nullable ByteBuffer ownTarget(LogChunk own, boolean overShare) {
        int filled = own.filled();
        int length = wanted(own);
        LogChunk holder = own;
        if (filled == own.capacity()) {
            int claim = Math.min(length, memory.claim(filled + 1));
            holder = overShare ? memory.takeReserve() : memory.takeLarger(claim);
            if (holder == null) {
                return null;
            }
            holder.addBytes(own, 0, filled);
            begun(holder);
            own.release();
        }
        return holder.bytes(filled, Math.min(holder.capacity(), length));
    }

    /// Bytes have come to where [#target(int)] said.
    ///
    /// @param count how many, 1 or more
    /// @return false if the sink refused a header, see [#refusal()]: nothing more may be read
    boolean read(int count) {
        LogChunk own = begun;
        if (direct && own != null) {
            return readDirectly(own, own.filled() + count);
        }
        LogChunk chunk = memory.chunk();
        int end = chunk.filled() + count;
        int at = findWhole(chunk, end);
        if (at < end && refusal == Status.SUCCESS) {
            keepBegun(chunk, at, end);
        } else {
            close();
        }
        chunk.filled(0);
        if (at > 0) {
            passOn(at);
        }
        return refusal == Status.SUCCESS;
    }

    private boolean readDirectly(LogChunk own, int filled) {
        own.filled(filled);
        if (!checked && filled >= HeaderLayout.LENGTH) {
            refusal = sink.onHeader(own.first(0), own.second(0));
            if (refusal != Status.SUCCESS) {
                close();
                return false;
            }
            checked = true;
        }
        if (checked && filled == own.frameLength(0)) {
            begun(null);
            checked = false;
            complete(own, 0, own.first(0), own.second(0));
            framesRead++;
            sink.onFrames(own, 1);
        }
        return true;
    }

    /// Looks at the headers of what was read.
    ///
    /// @return where the first frame begins that is not whole, or was refused
    private int findWhole(LogChunk chunk, int end) {
        int at = 0;
        found = 0;
        while (end - at >= HeaderLayout.LENGTH) {
            long first = chunk.first(at);
            long second = chunk.second(at);
            if (!checked) {
                refusal = sink.onHeader(first, second);
                if (refusal != Status.SUCCESS) {
                    return at;
                }
            }
            int length = HeaderLayout.frameLength(second);
            checked = length > end - at;
            if (checked) {
                return at;
            }
            complete(chunk, at, first, second);
            at += length;
            found++;
        }
        return at;
    }

    private void complete(LogChunk chunk, int at, long first, long second) {
        chunk.first(at, HeaderLayout.received(first, channel));
        OpCode opCode = HeaderLayout.knownOpCode(first);
        if (opCode.type() != OpCode.Type.REGULAR) {
            sink.onWhole(opCode, HeaderLayout.id(first, second));
        }
    }

    /// Puts the beginning of a frame aside.
    private void keepBegun(LogChunk chunk, int at, int end) {
        int count = end - at;
        LogChunk holder = begun;
        if (holder == null || holder.capacity() < count) {
            int length = count < HeaderLayout.LENGTH ? HeaderLayout.LENGTH : chunk.frameLength(at);
            LogChunk larger = memory.takeForBegun(Math.min(memory.claim(count), length));
            begun(larger);
            if (holder != null) {
                holder.release();
            }
            holder = larger;
        }
        holder.filled(0);
        holder.addBytes(chunk, at, count);
    }

    private void passOn(int bytes) {
        int frames = found;
        framesRead += frames;
        sink.onFrames(memory.keep(bytes), frames);
    }

    /// Forgets the frame that has begun.
    void close() {
        LogChunk own = begun;
        begun(null);
        checked = false;
        if (own != null) {
            own.release();
        }
    }
}
