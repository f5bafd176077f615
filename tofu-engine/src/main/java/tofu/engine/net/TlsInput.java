package tofu.engine.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import tofu.api.Status;

/// What one stream of TLS receives.
///
/// ```
///      who reads <- plain <- [engine] <- received <- | stream below
/// ```
///
/// Thread: the loop.
/// Owns: what is in these two buffers between two calls.
/// Errors: thrown as they come; the stream remembers them.
final class TlsInput {
    /// How often one call reads from the stream below: records may be empty.
    private static final int MOST_FILLS = 4;

    /// How many records with data one call decrypts: they may be of a byte each. The rest is there
    /// in the next turn.
    static final int MOST_RECORDS = 128;

    /// How many bytes of records without data a client may send: new keys, warnings. One record
    /// holds thousands of changes of keys, and the JDK makes keys for each of them.
    private static final int MOST_IDLE_BYTES = 16 << 10;

    /// Likewise a server, which sends tickets as well.
    private static final int MOST_IDLE_BYTES_OF_SERVER = 64 << 10;

    /// With so many bytes of data comes one more without.
    private static final long DATA_FOR_ONE_IDLE = 1 << 10;

    private final NetStream below;
    private final TlsBuffers buffers;
    private final TlsEngine engine;

    /// Encrypted bytes that were received; `null` if there are none.
    private @Nullable ByteBuffer received;

    /// The first record of them is not whole.
    private boolean starved;

    /// Decrypted bytes that nobody has taken; `null` if there are none.
    private @Nullable ByteBuffer plain;

    /// The peer has said that it sends no more.
    private boolean ended;

    /// What records without data have cost, in bytes of data, and data have not paid for.
    private long debt;

    TlsInput(NetStream below, TlsBuffers buffers, TlsEngine engine) {
        this.below = below;
        this.buffers = buffers;
        this.engine = engine;
    }

    boolean isEnded() {
        return ended;
    }

    /// Whether there is something to read, though the stream below may have nothing.
    boolean isReady() {
        return plain != null || ended || (received != null && !starved);
    }

    /// Reads what there is, as far as the target has room.
    ///
    /// @param output takes what the engine answers by itself
    void read(ByteBuffer target, TlsOutput output) throws IOException {
        takePlain(target);
        if (!ended && target.hasRemaining()) {
            decrypt(target, output);
        }
    }

    /// Hands over what was decrypted before.
    void takePlain(ByteBuffer target) {
        ByteBuffer from = plain;
        if (from == null) {
            return;
        }
        int count = Math.min(from.remaining(), target.remaining());
        target.put(target.position(), from, from.position(), count);
        target.position(target.position() + count);
        from.position(from.position() + count);
        if (!from.hasRemaining()) {
            buffers.give(from);
            plain = null;
        }
    }

    private void decrypt(ByteBuffer target, TlsOutput output) throws IOException {
        ByteBuffer bytes = open();
        try {
            int fills = 0;
            int records = 0;
            while (target.hasRemaining() && records < MOST_RECORDS) {
                SSLEngineResult result = decryptOne(bytes, target);
                if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
                    ended = true;
                    return;
                }
                if (result.bytesProduced() > 0) {
                    onData(result);
                    answer(result.getHandshakeStatus(), output);
                    records++;
                } else if (result.bytesConsumed() > 0) {
                    onIdle(result);
                    answer(result.getHandshakeStatus(), output);
                    return; // it may have been much to compute: now it is the others' turn
                } else if (result.getStatus() != SSLEngineResult.Status.BUFFER_UNDERFLOW) {
                    throw new SSLException(
                            "the engine of TLS does not go on: " + result.getStatus());
                } else if (fills == MOST_FILLS || fillOpen(bytes, target.remaining()) == 0) {
                    starved = true;
                    return;
                } else {
                    fills++;
                }
            }
        } finally {
            close(bytes);
        }
    }

    /// Answers that the peer does not take pile up in the engine, so until they are sent there is
    /// nothing to be had for data.
    private void onData(SSLEngineResult result) {
        if (result.getHandshakeStatus() != HandshakeStatus.NEED_WRAP) {
            debt = Math.max(0, debt - result.bytesProduced());
        }
    }

    private void onIdle(SSLEngineResult result) throws SSLException {
        debt += result.bytesConsumed() * DATA_FOR_ONE_IDLE;
        boolean toServer = !engine.get().getUseClientMode();
        int most = toServer ? MOST_IDLE_BYTES : MOST_IDLE_BYTES_OF_SERVER;
        if (debt > most * DATA_FOR_ONE_IDLE) {
            throw new SSLException("too much without data: new keys, tickets or warnings");
        }
    }

    /// Decrypts a record; what does not fit is kept.
    private SSLEngineResult decryptOne(ByteBuffer bytes, ByteBuffer target) throws SSLException {
        SSLEngineResult result = engine.unwrap(bytes, target);
        if (result.getStatus() != SSLEngineResult.Status.BUFFER_OVERFLOW) {
            return result;
        }
        ByteBuffer record = buffers.plain();
        result = engine.unwrap(bytes, record);
        if (record.flip().hasRemaining()) {
            plain = record;
            buffers.keepPlain();
            takePlain(target);
        }
        return result;
    }

    /// Answers what is no data: new keys are answered with new keys. A new handshake, which only
    /// TLS 1.2 knows, is refused.
    private static void answer(HandshakeStatus status, TlsOutput output) throws IOException {
        switch (status) {
            case NEED_WRAP -> output.answer();
            case NEED_TASK, NEED_UNWRAP, NEED_UNWRAP_AGAIN ->
                    throw new SSLException("the peer wants to renegotiate");
            case NOT_HANDSHAKING, FINISHED -> {}
        }
    }

    /// @param wish how many decrypted bytes are wanted
    private int fillOpen(ByteBuffer bytes, int wish) throws IOException {
        if (bytes.remaining() >= TlsBuffers.RECORD_BYTES) {
            throw new SSLException("a record that is too long");
        }
        int count = fill(bytes, Math.max(wish + (wish >> 5), TlsBuffers.RECORD_BYTES));
        if (count < 0) {
            throw new TlsException(
                    Status.TLS_TRUNCATED, "the connection has ended without TLS's close_notify");
        }
        return count;
    }

    /// Receives more behind what is there.
    ///
    /// @param most how many
    /// @return 0 if there are none now, -1 if there will be none, and TLS has not said so
    int fill(ByteBuffer bytes, int most) throws IOException {
        bytes.compact();
        bytes.limit(Math.min(bytes.capacity(), bytes.position() + most));
        try {
            return below.read(bytes);
        } finally {
            bytes.flip();
        }
    }

    /// Lets the engine have a record in which no data are expected.
    SSLEngineResult unwrap(ByteBuffer bytes) throws SSLException {
        return engine.unwrap(bytes, buffers.plain());
    }

    /// What was received and is not decrypted, with room for more, until [#close(ByteBuffer)].
    ByteBuffer open() {
        ByteBuffer bytes = buffers.open(received);
        received = null;
        starved = false;
        return bytes;
    }

    /// Keeps what is left of it.
    void close(ByteBuffer bytes) {
        if (ended) {
            bytes.position(bytes.limit());
        }
        received = buffers.close(bytes);
    }

    /// Nothing more will be decrypted.
    void drop() {
        ByteBuffer kept = received;
        if (kept != null) {
            buffers.give(kept);
            received = null;
        }
    }

    /// Nothing more will be read.
    void release() {
        drop();
        if (plain != null) {
            buffers.give(plain);
            plain = null;
        }
    }
}
