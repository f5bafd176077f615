package tofu.bench.duel;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// One side of one connection over TLS, with Java's own means and nothing else.
///
/// A frame is its payload's length (four bytes) and the payload. What is to be sent is collected,
/// and goes when the buffer is full, or before this side waits.
///
/// Thread: one.
final class SslEngineEnd implements End {
    private static final int PREFIX = 4;
    private static final int PATIENCE = 200;

    private final Connector connector;
    private @Nullable SslConnection connection;

    /// Makes, or awaits, a connection.
    interface Connector extends AutoCloseable {
        SslConnection connect() throws IOException;

        @Override
        void close() throws IOException;
    }

    /// Whoever listens has no connection at first.
    SslEngineEnd(Connector connector, @Nullable SslConnection connection) {
        this.connector = connector;
        this.connection = connection;
    }

    private SslConnection connection() throws IOException {
        SslConnection made = connection;
        if (made == null) {
            made = connector.connect();
            connection = made;
        }
        return made;
    }

    @Override
    public boolean send(int channel, byte[] payload) throws IOException {
        SslConnection to = connection();
        if (to.out().remaining() < PREFIX + payload.length && !to.flush()) {
            return false;
        }
        to.out().putInt(payload.length).put(payload);
        return true;
    }

    @Override
    public boolean take(Talk talk) throws IOException {
        int length = frame();
        if (length < 0) {
            return false;
        }
        received(length, talk);
        return true;
    }

    @Override
    public boolean answer(Talk talk) throws IOException {
        int length = frame();
        if (length < 0) {
            return false;
        }
        ByteBuffer in = connection().in();
        int start = in.position();
        received(length, talk);
        ByteBuffer out = roomFor(length);
        out.put(out.position(), in, start, PREFIX + length);
        out.position(out.position() + PREFIX + length);
        return true;
    }

    @Override
    public boolean converse(Talk talk) throws IOException {
        int length = frame();
        if (length < 0) {
            return false;
        }
        byte[] next = talk.next(received(length, talk));
        roomFor(next.length).putInt(next.length).put(next);
        return true;
    }

    @Override
    public void reconnect() throws IOException {
        connection().close();
        connection = connector.connect();
    }

    @Override
    public void close() {
        try {
            if (connection != null) {
                connection.close();
            }
            connector.close();
        } catch (IOException e) {
            throw new IllegalStateException("cannot close a connection", e);
        }
    }

    private long received(int length, Talk talk) throws IOException {
        ByteBuffer in = connection().in();
        long sequence = in.getLong(in.position() + PREFIX);
        in.position(in.position() + PREFIX + length);
        talk.received(sequence, length);
        return sequence;
    }

    /// Waits until there is a whole frame at the buffer's position.
    ///
    /// @return the length of its payload, or -1 if there was none in a moment
    private int frame() throws IOException {
        SslConnection from = connection();
        ByteBuffer in = from.in();
        while (true) {
            int available = in.remaining() - PREFIX;
            if (available >= 0) {
                int length = in.getInt(in.position());
                if (available >= length) {
                    return length;
                }
            }
            try {
                flush(from);
                if (!from.fill()) {
                    return -1;
                }
            } catch (EOFException e) {
                from.close();
                connection = null; // the next one may come
                return -1;
            }
        }
    }

    private ByteBuffer roomFor(int length) throws IOException {
        SslConnection to = connection();
        if (to.out().remaining() < PREFIX + length) {
            flush(to);
        }
        return to.out();
    }

    private static void flush(SslConnection to) throws IOException {
        for (int i = 0; !to.flush(); i++) {
            if (i == PATIENCE) {
                throw new IOException("the peer does not read");
            }
        }
    }
}
