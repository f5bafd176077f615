package tofu.tests.rigs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/// A plain listening socket, to which an engine connects.
///
/// Thread: one at a time. Owns the socket.
public final class RawDoor implements AutoCloseable {
    private final Transport transport;
    private final ServerSocketChannel server;

    private RawDoor(Transport transport, ServerSocketChannel server) {
        this.transport = transport;
        this.server = server;
    }

    /// Listens on an address of its own.
    public static RawDoor open(Transport transport) {
        try {
            ServerSocketChannel server = transport.openServer();
            server.bind(transport.freshSocketAddress());
            server.configureBlocking(false);
            return new RawDoor(transport, server);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// How an engine connects to it.
    public String address() {
        try {
            return transport.addressOf(server.getLocalAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Waits for a connection.
    public RawPeer accept() {
        try (Selector selector = Selector.open()) {
            server.register(selector, SelectionKey.OP_ACCEPT);
            SocketChannel accepted = server.accept();
            if (accepted == null) {
                selector.select(Peer.PATIENCE.toMillis());
                accepted = server.accept();
            }
            if (accepted == null) {
                throw new AssertionError("nobody connects");
            }
            return new RawPeer(accepted);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
