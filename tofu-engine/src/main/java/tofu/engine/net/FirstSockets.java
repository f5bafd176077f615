package tofu.engine.net;

import java.io.Closeable;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The first sockets of the JVM, opened for the sake of the classes that the JDK initialises with
/// them.
///
/// These open sockets, files and libraries of their own. If one cannot, for want of descriptors,
/// its class is broken as long as the JVM lives, and no socket can be opened any more, however many
/// descriptors there are then.
///
/// Threads: any.
final class FirstSockets {
    private static final Path NOTHING = Path.of("/dev/null");

    /// More than are open at one time here.
    private static final int SPARE_DESCRIPTORS = 16;

    private static volatile boolean opened;

    private FirstSockets() {}

    /// Opens and closes them, once.
    ///
    /// @throws IOException if there are too few descriptors; then no class has been touched, and
    ///     the next call tries again
    static void open() throws IOException {
        if (opened) {
            return;
        }
        requireDescriptors();
        open(StandardProtocolFamily.INET, false);
        try {
            open(StandardProtocolFamily.UNIX, true);
        } catch (UnsupportedOperationException e) {
            // Then nobody will need them.
        }
        opened = true;
    }

    private static void requireDescriptors() throws IOException {
        if (!Files.exists(NOTHING)) {
            return; // not a Unix, and no such limit
        }
        // Linked now: with no descriptor left, the file of its class could not be opened.
        Consumer<Closeable> close = Sockets::closeQuietly;
        List<Closeable> spare = new ArrayList<>();
        try {
            for (int i = 0; i < SPARE_DESCRIPTORS; i++) {
                spare.add(new FileInputStream(NOTHING.toFile()));
            }
        } finally {
            spare.forEach(close);
        }
    }

    private static void open(StandardProtocolFamily family, boolean uds) throws IOException {
        try (Selector selector = Selector.open();
                ServerSocketChannel server = ServerSocketChannel.open(family);
                SocketChannel client = SocketChannel.open(family)) {
            server.configureBlocking(false);
            server.register(selector, SelectionKey.OP_ACCEPT);
            Sockets.configure(client, uds);
            client.register(selector, 0);
            new NioStream(client).reset();
            selector.selectNow();
        }
    }
}
