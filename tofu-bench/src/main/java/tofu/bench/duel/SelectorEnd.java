package tofu.bench.duel;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// One side of connections that a selector watches. All bytes are read into one buffer of 256 KiB,
/// and answers go out of one of that size, once for all that was read. Who sends without being
/// asked has a buffer for each connection, which share 256 KiB, but have 4 KiB at least.
///
/// A frame is its payload's length (four bytes) and the payload.
///
/// Threads: one; with several that send, these share a lock.
final class SelectorEnd implements End {
    private static final int BUFFER = 256 * 1_024;
    private static final int LEAST_BUFFER = 4 * 1_024;
    private static final int PREFIX = 4;
    private static final int PATIENCE = 200;

    private final boolean hasOneSender;
    private final int bufferEach;
    private final Selector selector = Selector.open();
    private final List<Connection> connections = new ArrayList<>();
    private final Queue<Connection> ready = new ArrayDeque<>();
    private @Nullable ServerSocketChannel listener;

    /// What was read from one connection, and what goes back there.
    private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER).limit(0);
    private final ByteBuffer answers = ByteBuffer.allocateDirect(BUFFER);
    private @Nullable Connection from;

    /// Whether there is anything in a connection's own buffer.
    private boolean hasUnsent;

    private final Selector writing = Selector.open();
    private @Nullable Connection blocked;

    /// A connection, and what is in part: of a frame that was read, of frames to be sent.
    private static final class Connection {
        private final SocketChannel channel;
        private @Nullable ByteBuffer out;
        private byte[] rest = {};
        private @Nullable SelectionKey writable;

        Connection(SocketChannel channel) {
            this.channel = channel;
        }
    }

    SelectorEnd(Task task) throws IOException {
        hasOneSender = task.mode().senders() == 1;
        bufferEach =
                Math.max(
                        BUFFER / task.channels(),
                        Math.max(LEAST_BUFFER, 2 * (PREFIX + task.size())));
    }

    /// Accepts from now on.
    void accept(ServerSocketChannel listener) throws IOException {
        this.listener = listener;
        listener.configureBlocking(false).register(selector, SelectionKey.OP_ACCEPT);
    }

    /// Takes over a connection; the first one is channel 0.
    void add(SocketChannel channel) throws IOException {
        if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        Connection connection = new Connection(channel);
        channel.configureBlocking(false).register(selector, SelectionKey.OP_READ, connection);
        connections.add(connection);
    }

    @Override
    public boolean send(int channel, byte[] payload) throws IOException {
        if (hasOneSender) {
            return append(connections.get(channel), payload);
        }
        synchronized (this) {
            return append(connections.get(channel), payload);
        }
    }

    private boolean append(Connection connection, byte[] payload) throws IOException {
        ByteBuffer out = connection.out;
        if (out == null) {
            out = ByteBuffer.allocateDirect(bufferEach);
            connection.out = out;
        }
        if (out.remaining() < PREFIX + payload.length && !flush(connection, out)) {
            return false;
        }
        out.putInt(payload.length).put(payload);
        hasUnsent = true;
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
        int start = in.position();
        received(length, talk);
        makeRoom(length);
        answers.put(answers.position(), in, start, PREFIX + length);
        answers.position(answers.position() + PREFIX + length);
        return true;
    }

    @Override
    public boolean converse(Talk talk) throws IOException {
        int length = frame();
        if (length < 0) {
            return false;
        }
        byte[] next = talk.next(received(length, talk));
        makeRoom(next.length);
        answers.putInt(next.length).put(next);
        return true;
    }

    @Override
    public void close() {
        try {
            for (Connection connection : connections) {
                connection.channel.close();
            }
            if (listener != null) {
                listener.close();
            }
            selector.close();
            writing.close();
        } catch (IOException e) {
            throw new IllegalStateException("cannot close a selector's connections", e);
        }
    }

    private long received(int length, Talk talk) {
        long sequence = in.getLong(in.position() + PREFIX);
        in.position(in.position() + PREFIX + length);
        talk.received(sequence, length);
        return sequence;
    }

    /// Waits until there is a whole frame at the buffer's position.
    ///
    /// @return the length of its payload, or -1 if there was none in a moment
    private int frame() throws IOException {
        while (true) {
            int available = in.remaining() - PREFIX;
            if (available >= 0) {
                int length = in.getInt(in.position());
                if (available >= length) {
                    return length;
                }
            }
            if (!fill()) {
                return -1;
            }
        }
    }

    /// Sends what the last connection is to get, and reads from the next one.
    private boolean fill() throws IOException {
        leave();
        Connection next = ready.poll();
        if (next == null) {
            flushAll();
            selector.select(this::onReady, MOMENT_MILLIS);
            next = ready.poll();
            if (next == null) {
                return false;
            }
        }
        from = next;
        in.clear().put(next.rest);
        int count = next.channel.read(in);
        in.flip();
        if (count < 0) {
            throw new IOException("the peer is gone");
        }
        return true;
    }

    private void leave() throws IOException {
        if (from != null) {
            if (answers.position() > 0) {
                flushAnswers(from);
            }
            if (in.hasRemaining() || from.rest.length > 0) {
                from.rest = new byte[in.remaining()];
                in.get(from.rest);
            }
            from = null;
        }
    }

    private void onReady(SelectionKey key) {
        if (key.attachment() instanceof Connection connection) {
            ready.add(connection);
            return;
        }
        try {
            ServerSocketChannel open = (ServerSocketChannel) key.channel();
            SocketChannel channel = open.accept();
            while (channel != null) {
                add(channel);
                channel = open.accept();
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot accept", e);
        }
    }

    private void makeRoom(int length) throws IOException {
        if (answers.remaining() < PREFIX + length && from != null) {
            flushAnswers(from);
        }
    }

    private void flushAnswers(Connection to) throws IOException {
        for (int i = 0; !flush(to, answers); i++) {
            if (i == PATIENCE) {
                throw new IOException("the peer does not read");
            }
        }
    }

    private void flushAll() throws IOException {
        if (hasUnsent) {
            boolean all = true;
            for (Connection connection : connections) {
                ByteBuffer out = connection.out;
                all &= out == null || out.position() == 0 || flush(connection, out);
            }
            hasUnsent = !all;
        }
    }

    /// Writes all of a buffer.
    ///
    /// @return false if the socket took nothing for a moment: the rest stays
    private boolean flush(Connection connection, ByteBuffer out) throws IOException {
        out.flip();
        while (out.hasRemaining()) {
            if (connection.channel.write(out) == 0 && !awaitWritable(connection)) {
                out.compact();
                return false;
            }
        }
        out.clear();
        return true;
    }

    private boolean awaitWritable(Connection connection) throws IOException {
        if (blocked != connection) {
            if (blocked != null && blocked.writable != null) {
                blocked.writable.interestOps(0);
            }
            if (connection.writable == null) {
                connection.writable = connection.channel.register(writing, SelectionKey.OP_WRITE);
            }
            connection.writable.interestOps(SelectionKey.OP_WRITE);
            blocked = connection;
        }
        return writing.select(key -> {}, MOMENT_MILLIS) > 0;
    }
}
