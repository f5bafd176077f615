package tofu.tests.scenarios;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import tofu.tests.rigs.Transport;

/// A listening socket whose backlog is full: a TCP client waits for it without end, a Unix domain
/// socket's client is told to try again.
///
/// Owns its sockets.
final class FullDoor implements AutoCloseable {
    private static final int SHORT_WAIT_MILLIS = 100;

    private final Transport transport;
    private final ServerSocketChannel server;
    private final List<SocketChannel> waiting = new ArrayList<>();

    private FullDoor(Transport transport, ServerSocketChannel server) {
        this.transport = transport;
        this.server = server;
    }

    static FullDoor open(Transport transport) {
        return open(transport, transport.freshSocketAddress());
    }

    static FullDoor open(Transport transport, SocketAddress address) {
        try {
            FullDoor door = new FullDoor(transport, transport.openServer());
            door.server.bind(address, 1);
            while (door.admitsOneMore()) {
                // Until one is kept waiting.
            }
            return door;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean admitsOneMore() throws IOException {
        SocketAddress address = server.getLocalAddress();
        SocketChannel client = transport.openStream();
        waiting.add(client);
        client.configureBlocking(false);
        try (Selector selector = Selector.open()) {
            if (client.connect(address)) {
                return true;
            }
            client.register(selector, SelectionKey.OP_CONNECT);
            return selector.select(SHORT_WAIT_MILLIS) > 0;
        } catch (SocketException full) {
            return false;
        }
    }

    /// How an engine tries to connect to it.
    String address() {
        try {
            return transport.addressOf(server.getLocalAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        for (SocketChannel client : waiting) {
            client.close();
        }
        server.close();
    }
}
