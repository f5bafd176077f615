package tofu.bench.duel;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;

/// Java's own selector and nothing else: one thread on each side that copies frames into, and
/// reads them out of, one buffer of 256 KiB. What Java can do at best; no hand-off, no API.
///
/// A frame is its payload's length (four bytes) and the payload.
final class BareSelector implements Contestant {
    private static final int BUFFER = 256 * 1_024;
    private static final int PREFIX = 4;

    @Override
    public void serve(Task task, Meter meter, Consumer<String> listening) throws IOException {
        try (ServerSocketChannel listener = listener(task)) {
            listening.accept(place(listener.getLocalAddress()));
            new Connection(listener.accept(), meter).serve(!task.isOneWay());
        }
    }

    @Override
    public void drive(Task task, Meter meter, String place) throws IOException {
        SocketAddress address =
                task.isTcp()
                        ? new InetSocketAddress(
                                InetAddress.getLoopbackAddress(), Integer.parseInt(place))
                        : UnixDomainSocketAddress.of(place);
        Connection connection = new Connection(SocketChannel.open(address), meter);
        Payload payload = new Payload(task.size());
        if (task.isOneWay()) {
            connection.flood(payload);
        } else {
            connection.converse(payload, task.mode().window());
        }
    }

    private static ServerSocketChannel listener(Task task) throws IOException {
        return task.isTcp()
                ? ServerSocketChannel.open()
                        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                : ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                        .bind(UnixDomainSocketAddress.of(task.socketFile()));
    }

    private static String place(SocketAddress address) {
        return address instanceof InetSocketAddress tcp
                ? Integer.toString(tcp.getPort())
                : address.toString();
    }

    /// One end of the connection.
    private static final class Connection {
        private final SocketChannel channel;
        private final Meter meter;
        private final Selector selector;
        private final SelectionKey key;
        private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER);
        private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER);

        Connection(SocketChannel channel, Meter meter) throws IOException {
            this.channel = channel;
            this.meter = meter;
            if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            }
            channel.configureBlocking(false);
            selector = Selector.open();
            key = channel.register(selector, SelectionKey.OP_READ);
        }

        /// Takes frames, and sends them back if asked to.
        void serve(boolean echoes) throws IOException {
            while (true) {
                read();
                while (hasFrame()) {
                    int length = in.getInt(in.position());
                    meter.received(in.getLong(in.position() + PREFIX), length);
                    if (echoes) {
                        makeRoom(PREFIX + length);
                        out.put(out.position(), in, in.position(), PREFIX + length);
                        out.position(out.position() + PREFIX + length);
                    }
                    in.position(in.position() + PREFIX + length);
                }
                in.compact();
                flush();
            }
        }

        void flood(Payload payload) throws IOException {
            while (true) {
                append(payload.with(meter.next()));
            }
        }

        /// Sends a window of frames, then one for each that comes back.
        void converse(Payload payload, int window) throws IOException {
            for (int i = 0; i < window; i++) {
                append(payload.with(meter.next()));
            }
            flush();
            while (true) {
                read();
                while (hasFrame()) {
                    int length = in.getInt(in.position());
                    meter.received(in.getLong(in.position() + PREFIX), length);
                    in.position(in.position() + PREFIX + length);
                    append(payload.with(meter.next()));
                }
                in.compact();
                flush();
            }
        }

        private void append(byte[] bytes) throws IOException {
            makeRoom(PREFIX + bytes.length);
            out.putInt(bytes.length).put(bytes);
        }

        private void makeRoom(int length) throws IOException {
            if (out.remaining() < length) {
                flush();
            }
        }

        private void flush() throws IOException {
            out.flip();
            while (out.hasRemaining()) {
                if (channel.write(out) == 0) {
                    await(SelectionKey.OP_WRITE);
                }
            }
            out.clear();
        }

        /// Waits for bytes, and leaves the buffer ready to be read from.
        private void read() throws IOException {
            int count = channel.read(in);
            while (count == 0) {
                await(SelectionKey.OP_READ);
                count = channel.read(in);
            }
            if (count < 0) {
                throw new IOException("the peer is gone");
            }
            in.flip();
        }

        private boolean hasFrame() {
            return in.remaining() >= PREFIX && in.remaining() >= PREFIX + in.getInt(in.position());
        }

        private void await(int operation) throws IOException {
            key.interestOps(operation);
            selector.select(ready -> {});
        }
    }
}
