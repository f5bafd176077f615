package tofu.engine.net;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// Memory of one loop for records of TLS: what every stream works with for the length of a call,
/// and what those keep that are left with half a record, or with bytes that nobody takes now. A
/// stream without such has none of it.
///
/// Thread: the loop.
final class TlsBuffers {
    /// The longest record there is: 16 KiB, and what encryption adds (RFC 5246, section 6.2.3).
    static final int RECORD_BYTES = 17 << 10;

    /// What is decrypted of one call's reading, and what is encrypted for one call's writing.
    static final int SHARED_BYTES = 4 * RECORD_BYTES;

    /// The first part of a record has less memory, so that many that begin one and never end it
    /// cost little.
    private static final int LITTLE_BYTES = 1 << 10;

    /// Spare ones of each kind; others are left to the collector.
    private static final int MOST_SPARE = 32;

    /// Encrypted bytes that were received; those of no stream between two calls.
    private ByteBuffer input = ByteBuffer.allocate(SHARED_BYTES);

    /// What did not fit where it was to be decrypted to; likewise.
    private ByteBuffer plain = ByteBuffer.allocate(RECORD_BYTES);

    /// Encrypted bytes that are to be sent; likewise.
    private ByteBuffer output = ByteBuffer.allocate(SHARED_BYTES);

    private final Deque<ByteBuffer> spareRecords = new ArrayDeque<>();
    private final Deque<ByteBuffer> spareShared = new ArrayDeque<>();

    /// An empty buffer for one record.
    ByteBuffer plain() {
        return plain.clear();
    }

    /// The stream keeps what [#plain()] said, until [#give(ByteBuffer)].
    void keepPlain() {
        plain = record();
    }

    /// An empty buffer for several records.
    ByteBuffer output() {
        return output.clear();
    }

    /// The stream keeps what [#output()] said, until [#give(ByteBuffer)].
    void keepOutput() {
        output = shared();
    }

    /// An empty buffer for what is received and thrown away at once.
    ByteBuffer input() {
        return input.clear();
    }

    /// What a stream has received so far, with room for more, until [#close(ByteBuffer)].
    ///
    /// @param kept what it has kept; `null` for nothing
    ByteBuffer open(@Nullable ByteBuffer kept) {
        if (kept == null) {
            return input.clear().flip();
        }
        if (kept.capacity() == SHARED_BYTES) {
            return kept;
        }
        input.clear().put(kept);
        give(kept);
        return input.flip();
    }

    /// Ends what [#open(ByteBuffer)] has begun.
    ///
    /// @return what the stream keeps, until it opens it again, or [#give(ByteBuffer)]; `null` if
    ///     nothing is left. Much is not copied: then the loop has another buffer from now on
    @Nullable ByteBuffer close(ByteBuffer bytes) {
        int length = bytes.remaining();
        if (length > RECORD_BYTES) {
            if (bytes == input) {
                input = shared();
            }
            return bytes;
        }
        ByteBuffer kept = null;
        if (length > 0) {
            ByteBuffer own = length <= LITTLE_BYTES ? ByteBuffer.allocate(LITTLE_BYTES) : record();
            kept = own.put(bytes).flip();
        }
        if (bytes != input) {
            give(bytes);
        }
        return kept;
    }

    private ByteBuffer record() {
        ByteBuffer spare = spareRecords.pollLast();
        return spare == null ? ByteBuffer.allocate(RECORD_BYTES) : spare.clear();
    }

    private ByteBuffer shared() {
        ByteBuffer spare = spareShared.pollLast();
        return spare == null ? ByteBuffer.allocate(SHARED_BYTES) : spare.clear();
    }

    /// Takes back what a stream has kept.
    void give(ByteBuffer buffer) {
        Deque<ByteBuffer> spares = buffer.capacity() == SHARED_BYTES ? spareShared : spareRecords;
        if (buffer.capacity() >= RECORD_BYTES && spares.size() < MOST_SPARE) {
            spares.addLast(buffer);
        }
    }
}
