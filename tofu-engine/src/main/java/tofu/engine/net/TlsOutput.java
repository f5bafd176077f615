package tofu.engine.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// What one stream of TLS sends, and the end of it.
///
/// ```
///     who writes -> [engine] -> waiting -> | stream below
/// ```
///
/// Thread: the loop.
/// Owns: what is in this buffer between two calls.
/// Errors: thrown as they come; that the stream below takes nothing any more stays ([#failure()]).
final class TlsOutput {
    private static final ByteBuffer[] NOTHING = {ByteBuffer.allocate(0)};

    private final NetStream below;
    private final TlsBuffers buffers;
    private final TlsEngine engine;

    /// Encrypted bytes that the stream below has not taken; `null` if there are none.
    private @Nullable ByteBuffer waiting;

    /// Why nothing can be sent any more. What the peer has sent before is still read: it may say
    /// why.
    private @Nullable IOException failure;

    /// We are to say that we send no more, as soon as all before it is sent; then have said it;
    /// then have ended the stream below, too.
    private boolean ending;

    private boolean ended;
    private boolean shutDown;

    TlsOutput(NetStream below, TlsBuffers buffers, TlsEngine engine) {
        this.below = below;
        this.buffers = buffers;
        this.engine = engine;
    }

    /// Encrypted bytes wait.
    boolean isWaiting() {
        return waiting != null;
    }

    /// Encrypted bytes wait, and will be taken some time.
    boolean isHeldUp() {
        return waiting != null && failure == null;
    }

    /// Why the stream below takes nothing any more; `null` while it does.
    @Nullable IOException failure() {
        return failure;
    }

    /// The peer is to be told that there is no more, behind what waits.
    void end() {
        ending = true;
    }

    boolean isEnding() {
        return ending;
    }

    /// Sends what has waited, and then the end, if it is time for it.
    ///
    /// @return whether all is sent
    boolean send() throws IOException {
        if (failure != null) {
            throw failure;
        }
        ByteBuffer bytes = waiting;
        if (bytes != null) {
            if (bytes.hasRemaining()) { // an Error may have come just behind the last of them
                writeBelow(bytes);
            }
            if (bytes.hasRemaining()) {
                return false;
            }
            release();
        }
        if (ending && !ended) {
            ended = true;
            engine.get().closeOutbound();
            if (!wrapNothing()) {
                return false;
            }
        }
        if (ended && !shutDown) {
            shutDown = true;
            below.shutdownOutput();
        }
        return true;
    }

    /// After a failure: nobody needs to know whether it succeeds.
    void sendQuietly() {
        ByteBuffer bytes = waiting;
        if (bytes == null) {
            return;
        }
        try {
            if (bytes.hasRemaining()) {
                below.write(bytes);
            }
        } catch (IOException e) {
            bytes.position(bytes.limit());
        }
        if (!bytes.hasRemaining()) {
            release();
        }
    }

    /// Encrypts as much as is sent at once, and sends it; nothing must wait.
    ///
    /// @return how many bytes of the sources were taken
    int encrypt(ByteBuffer[] sources, int count) throws IOException {
        ByteBuffer target = buffers.output();
        int bytes = 0;
        while (sources[count - 1].hasRemaining() && target.remaining() >= TlsBuffers.RECORD_BYTES) {
            SSLEngineResult result = engine.wrap(sources, count, target);
            bytes += result.bytesConsumed();
            if (result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW
                    && target.position() > 0) {
                break; // it wants more room than a record takes
            }
            if (result.getStatus() != SSLEngineResult.Status.OK || isStuck(result)) {
                throw new SSLException("the engine of TLS takes no more: " + result.getStatus());
            }
        }
        sendNew(target);
        return bytes;
    }

    /// The end of a handshake is told by a call that does nothing else.
    private static boolean isStuck(SSLEngineResult result) {
        return result.bytesConsumed() + result.bytesProduced() == 0
                && result.getHandshakeStatus() != HandshakeStatus.FINISHED;
    }

    /// Sends what the engine has to say by itself; nothing must wait.
    ///
    /// @return whether the stream below has taken it
    boolean wrapNothing() throws IOException {
        assert waiting == null : "out of order";
        ByteBuffer target = buffers.output();
        SSLEngineResult result;
        do {
            result = engine.wrap(NOTHING, 1, target);
        } while (result.bytesProduced() > 0
                && result.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
                && target.remaining() >= TlsBuffers.RECORD_BYTES);
        return sendNew(target);
    }

    /// Sends what the engine has to answer; if something waits, the engine will do so by itself.
    void answer() throws IOException {
        if (waiting == null && failure == null) {
            wrapNothing();
        }
    }

    /// Sends the alert that the engine may have for the peer.
    void sendAlert() {
        for (int tries = 0; tries < 3 && waiting == null; tries++) {
            try {
                if (engine.get().isOutboundDone()) {
                    return;
                }
                engine.get().closeOutbound();
                wrapNothing();
            } catch (IOException again) {
                // The engine throws once more what has brought us here; or the peer has gone.
            }
        }
    }

    /// Sends what the loop's buffer has; what is not taken is this stream's.
    private boolean sendNew(ByteBuffer target) throws IOException {
        target.flip();
        if (target.hasRemaining()) {
            writeBelow(target);
        }
        if (target.hasRemaining()) {
            waiting = target;
            buffers.keepOutput();
            return false;
        }
        return true;
    }

    private void writeBelow(ByteBuffer source) throws IOException {
        try {
            below.write(source);
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }

    /// What waits will not be sent.
    void release() {
        if (waiting != null) {
            buffers.give(waiting);
            waiting = null;
        }
    }
}
