package tofu.engine.channel;

import org.jspecify.annotations.Nullable;
import tofu.pool.LogChunk;
import tofu.pool.SlotPool;

/// What a loop reads into, and where what came waits for its application.
///
/// Nothing is read before there are two empty chunks: one to read into, which goes with the frames
/// that came whole if they fill enough of it, and one for a frame that has begun. So whatever comes
/// has a place, and nothing has to be done again for want of memory.
///
/// Thread: the loop. Owns the two chunks.
public final class ReadMemory implements AutoCloseable {
    /// Frames that fill this part of the chunk that they were read into keep it; others move to a
    /// smaller one.
    private static final int WELL_FILLED_PART = 2;

    private final SlotPool pool;
    private final int readBytes;
    private @Nullable LogChunk chunk;
    private @Nullable LogChunk spare;

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
    /// @param untaken how many bytes of its group wait for the application
    /// @return false if it has its share; the pool's listeners are called when some comes back
    boolean allows(long untaken) {
        if (untaken <= pool.bytesFree()) {
            return true;
        }
        pool.awaitRefill();
        return untaken <= pool.bytesFree();
    }

    private boolean take() {
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
        LogChunk smaller = isWellFilled(bytes) ? null : LogChunk.take(pool, bytes);
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
        chunk = null;
        spare = null;
        if (read != null) {
            read.release();
        }
        if (kept != null) {
            kept.release();
        }
    }
}
