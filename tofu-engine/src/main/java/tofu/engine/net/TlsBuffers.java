package tofu.engine.net;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

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
    final ByteBuffer input = ByteBuffer.allocate(SHARED_BYTES);

    /// What did not fit where it was to be decrypted to; likewise.
    private ByteBuffer plain = ByteBuffer.allocate(RECORD_BYTES);

    /// Encrypted bytes that are to be sent; likewise.
    private ByteBuffer output = ByteBuffer.allocate(SHARED_BYTES);

    private final Deque<ByteBuffer> spareRecords = new ArrayDeque<>();
    private final Deque<ByteBuffer> spareOutputs = new ArrayDeque<>();

    /// An empty buffer for one record.
    ByteBuffer plain() {
        return plain.clear();
    }

    /// The stream keeps what [#plain()] said, until [#giveRecord(ByteBuffer)].
    void keepPlain() {
        plain = record();
    }

    /// An empty buffer for several records.
    ByteBuffer output() {
        return output.clear();
    }

    /// The stream keeps what [#output()] said, until [#giveOutput(ByteBuffer)].
    void keepOutput() {
        ByteBuffer spare = spareOutputs.pollLast();
        output = spare == null ? ByteBuffer.allocate(SHARED_BYTES) : spare;
    }

    /// Copies bytes to memory that the caller keeps, until [#giveRecord(ByteBuffer)].
    ByteBuffer kept(ByteBuffer bytes) {
        int length = bytes.remaining();
        ByteBuffer target;
        if (length <= LITTLE_BYTES) {
            target = ByteBuffer.allocate(LITTLE_BYTES);
        } else {
            target = length <= RECORD_BYTES ? record() : ByteBuffer.allocate(SHARED_BYTES);
        }
        return target.put(bytes).flip();
    }

    private ByteBuffer record() {
        ByteBuffer spare = spareRecords.pollLast();
        return spare == null ? ByteBuffer.allocate(RECORD_BYTES) : spare.clear();
    }

    void giveRecord(ByteBuffer buffer) {
        if (buffer.capacity() == RECORD_BYTES && spareRecords.size() < MOST_SPARE) {
            spareRecords.addLast(buffer);
        }
    }

    void giveOutput(ByteBuffer buffer) {
        if (spareOutputs.size() < MOST_SPARE) {
            spareOutputs.addLast(buffer);
        }
    }
}
