package tofu.engine.channel;

import org.jspecify.annotations.Nullable;
import tofu.pool.HeaderLayout;
import tofu.pool.LogChunk;
import tofu.pool.SlotPool;

/// What a loop reads into, and where what came waits for its application.
///
/// Nothing is read before there are two empty chunks: one to read into, which goes with the frames
/// that came whole if they fill enough of it, and one for a frame that has begun. So whatever comes
/// has a place, and nothing has to be done again for want of memory.
///
/// Frames that have begun may have all the rest, so that none of them can grow. For that there is a
/// third chunk, the reserve, which holds the longest frame: one of them goes on in it, leaves its
/// own memory to others, and when it was taken the next one has the reserve.
///
/// Thread: the loop. Owns the three chunks.
public final class ReadMemory implements AutoCloseable {
    /// Frames that fill this part of the chunk that they were read into keep it; others move to a
    /// smaller one.
    private static final int WELL_FILLED_PART = 2;

    /// A frame may have this many times what it needs now, so that it need not grow soon.
    private static final int CLAIM_FACTOR = 4;

    /// But only while frames that have begun have no more than this part of what is left.
    private static final int AMPLE_PART = 4;

    private static final int LONGEST_FRAME = HeaderLayout.LENGTH + 2 * HeaderLayout.MAX_PART_LENGTH;

    private final SlotPool pool;
    private final int readBytes;
    private @Nullable LogChunk chunk;
    private @Nullable LogChunk spare;
    private @Nullable LogChunk reserve;

    /// What frames that have begun have.
    private long begunBytes;

    /// Has no memory yet.
    ///
    /// @param pool where it comes from
    /// @param readBytes how much is read at once, 16 to 131,072 bytes
    public ReadMemory(SlotPool pool, int readBytes) {
        this.pool = pool;
        this.readBytes = readBytes;
    }

    /// Takes the memory that a read needs, if it is not there.
    ///
    /// @return false if there is none; the pool's listeners are called when some comes back
    public boolean isReady() {
        if (take()) {
            return true;
        }
        // Once more after asking to be told, for memory that came back in between.
        pool.awaitRefill();
        return take();
    }

    /// Whether a channel may read more, so that there is memory left for other groups.
    ///
    /// @param bytes how many bytes its group has
    /// @return false if it has its share; the pool's listeners are called when some comes back
    boolean allows(long bytes) {
        if (bytes <= pool.bytesFree()) {
            return true;
        }
        pool.awaitRefill();
        return bytes <= pool.bytesFree();
    }

    /// Frames that have begun have more memory than before.
    ///
    /// @param bytes how much more, below 0 for less
    void begun(int bytes) {
        begunBytes += bytes;
    }

    /// Whether frames that have begun have so much that there may be too little for others.
    ///
    /// @return true if they have more than is left
    public boolean isCrowded() {
        return begunBytes > pool.bytesFree();
    }

    /// How much memory a frame may have that has begun, and will be longer.
    ///
    /// @param needed how much it needs now, 1 to 131,086 bytes
    /// @return as much or more, in bytes
    int claim(int needed) {
        return begunBytes <= pool.bytesFree() / AMPLE_PART ? needed * CLAIM_FACTOR : needed;
    }

    /// Whether there is memory for a frame that can go on in no other.
    ///
    /// @return true if nobody has it
    public boolean hasReserve() {
        return reserve != null;
    }

    private boolean take() {
        if (reserve == null) {
            reserve = LogChunk.take(pool, LONGEST_FRAME);
        }
        if (chunk == null) {
            chunk = LogChunk.take(pool, readBytes);
        }
        if (chunk != null && spare == null) {
            spare = LogChunk.take(pool, readBytes);
        }
        return chunk != null && spare != null;
    }

    /// The chunk to read into, empty. Only if [#isReady()].
    LogChunk chunk() {
        return present(chunk);
    }

    /// How much may be in it after a read, in bytes: all of that may be a frame that has begun, and
    /// have to move to the other chunk. If memory is short, either may be larger. Only if
    /// [#isReady()].
    int room() {
        return Math.min(present(chunk).capacity(), present(spare).capacity());
    }

    /// How much is read into it, in bytes.
    int readBytes() {
        return readBytes;
    }

    /// Finds a place for the frames at the beginning of the chunk that was read into.
    ///
    /// @param bytes how long they are together
    /// @return a chunk of the caller's that has them: that one, or one of their size
    LogChunk keep(int bytes) {
        LogChunk read = chunk();
        LogChunk smaller = isWellFilled(bytes) ? null : LogChunk.take(pool, bytes, read.capacity());
        if (smaller != null) {
            smaller.addBytes(read, 0, bytes);
            return smaller;
        }
        chunk = null;
        read.filled(bytes);
        return read;
    }

    private boolean isWellFilled(int bytes) {
        return bytes >= readBytes / WELL_FILLED_PART;
    }

    /// Takes memory for a frame that has begun.
    ///
    /// @param wanted how much would be good, in bytes
    /// @return an empty chunk of the caller's, which may be another one than it has asked for
    LogChunk takeForBegun(int wanted) {
        LogChunk taken = LogChunk.take(pool, wanted);
        if (taken == null) {
            taken = present(spare);
            spare = null;
        }
        return taken;
    }

    /// Takes memory for a frame that outgrows what it has.
    ///
    /// @param wanted how much is needed, in bytes
    /// @return an empty chunk, or `null` if there is none; then the pool's listeners are called
    ///     when some comes back
    @Nullable LogChunk takeLarger(int wanted) {
        LogChunk taken = LogChunk.take(pool, wanted);
        if (taken == null) {
            pool.awaitRefill();
            taken = LogChunk.take(pool, wanted);
        }
        return taken == null ? takeReserve() : taken;
    }

    /// Takes memory for a frame that may have no other.
    ///
    /// @return an empty chunk in which each frame fits, or `null` if somebody has it
    @Nullable LogChunk takeReserve() {
        LogChunk taken = reserve;
        reserve = null;
        return taken;
    }

    private static LogChunk present(@Nullable LogChunk chunk) {
        if (chunk == null) {
            throw new IllegalStateException("not ready");
        }
        return chunk;
    }

    /// Gives back what nobody will read into any more.
    @Override
    public void close() {
        LogChunk read = chunk;
        LogChunk kept = spare;
        LogChunk last = reserve;
        chunk = null;
        spare = null;
        reserve = null;
        if (read != null) {
            read.release();
        }
        if (kept != null) {
            kept.release();
        }
        if (last != null) {
            last.release();
        }
    }
}
