package tofu.bench.duel;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;

/// A socket and the JDK's [SSLEngine], with nothing around them. Up to 64 KiB of plain bytes are
/// encrypted, and written, at a time.
///
/// The buffers are arrays, which the JDK's ciphers work on directly.
///
/// Thread: one.
final class SslConnection implements AutoCloseable {
    private static final int PLAIN = 128 * 1_024;
    private static final int RECORDS = 4;
    private static final int PATIENCE = 200;

    private final SocketChannel channel;
    private final SSLEngine engine;
    private final Selector selector = Selector.open();
    private final SelectionKey key;

    /// Plain bytes to be sent, to be filled by the application.
    private final ByteBuffer out = ByteBuffer.allocate(PLAIN);

    /// Encrypted ones to be written; filled between calls, as is [#received].
    private final ByteBuffer sealed;

    /// Encrypted ones that were read.
    private final ByteBuffer received;

    /// Plain bytes that were received, to be taken by the application.
    private final ByteBuffer in;

    /// Takes over a socket, and speaks until both sides are sure of each other.
    SslConnection(SocketChannel channel, SSLEngine engine) throws IOException {
        this.channel = channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        this.engine = engine;
        key = channel.configureBlocking(false).register(selector, 0);
        sealed = ByteBuffer.allocate(RECORDS * engine.getSession().getPacketBufferSize());
        received = ByteBuffer.allocate(RECORDS * engine.getSession().getPacketBufferSize());
        in = ByteBuffer.allocate(PLAIN).limit(0);
        shakeHands();
        Certificates.check(engine.getSession());
    }

    ByteBuffer out() {
        return out;
    }

    ByteBuffer in() {
        return in;
    }

    private void shakeHands() throws IOException {
        engine.beginHandshake();
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> runTasks();
                case NEED_WRAP -> {
                    engine.wrap(out.flip(), sealed);
                    out.clear();
                    awaitWritten();
                }
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    if (unwrap(in.compact()) == SSLEngineResult.Status.BUFFER_UNDERFLOW) {
                        awaitRead();
                    }
                    in.flip();
                }
                case FINISHED, NOT_HANDSHAKING -> {
                    return;
                }
            }
        }
    }

    private void awaitRead() throws IOException {
        for (int i = 0; !read(); i++) {
            if (i == PATIENCE) {
                throw new IOException("the peer says nothing");
            }
        }
    }

    private void awaitWritten() throws IOException {
        for (int i = 0; !write(); i++) {
            if (i == PATIENCE) {
                throw new IOException("the peer does not read");
            }
        }
    }

    private void runTasks() {
        Runnable task = engine.getDelegatedTask();
        while (task != null) {
            task.run();
            task = engine.getDelegatedTask();
        }
    }

    /// Adds to the plain bytes that were received.
    ///
    /// @return false if none came in a moment
    /// @throws EOFException if the peer has closed the connection
    boolean fill() throws IOException {
        in.compact();
        try {
            boolean any = open();
            while (!any) {
                if (!read()) {
                    return false;
                }
                any = open();
            }
            return true;
        } finally {
            in.flip();
        }
    }

    /// Decrypts what there is room for.
    private boolean open() throws IOException {
        int before = in.position();
        int most = engine.getSession().getApplicationBufferSize();
        while (in.remaining() >= most && unwrap(in) == SSLEngineResult.Status.OK) {
            // on to the next record
        }
        return in.position() > before;
    }

    private SSLEngineResult.Status unwrap(ByteBuffer target) throws IOException {
        SSLEngineResult result = engine.unwrap(received.flip(), target);
        received.compact();
        if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
            throw new EOFException("the peer is gone");
        }
        return result.getStatus();
    }

    private boolean read() throws IOException {
        int count = channel.read(received);
        if (count == 0 && await(SelectionKey.OP_READ)) {
            count = channel.read(received);
        }
        if (count < 0) {
            throw new EOFException("the peer is gone");
        }
        return count > 0;
    }

    /// Encrypts and writes all.
    ///
    /// @return false if the socket took nothing for a moment: the rest stays
    boolean flush() throws IOException {
        out.flip();
        boolean written = write();
        while (written && out.hasRemaining()) {
            int most = engine.getSession().getPacketBufferSize();
            while (out.hasRemaining() && sealed.remaining() >= most) {
                engine.wrap(out, sealed);
            }
            written = write();
        }
        out.compact();
        return written;
    }

    private boolean write() throws IOException {
        sealed.flip();
        boolean takes = true;
        while (takes && sealed.hasRemaining()) {
            takes = channel.write(sealed) > 0 || await(SelectionKey.OP_WRITE);
        }
        boolean all = !sealed.hasRemaining();
        sealed.compact();
        return all;
    }

    private boolean await(int operation) throws IOException {
        key.interestOps(operation);
        return selector.select(it -> {}, End.MOMENT_MILLIS) > 0;
    }

    @Override
    public void close() throws IOException {
        engine.closeOutbound();
        while (!engine.isOutboundDone()) {
            engine.wrap(out.flip(), sealed);
            out.clear();
        }
        write();
        channel.close();
        selector.close();
    }
}
