package tofu.engine.net;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/// An acceptor over a [ServerSocketChannel].
///
/// Thread: the loop that it is registered with.
/// Owns: the channel, and the file of a Unix domain socket.
/// Errors: a failed [#accept()] concerns one connection; the acceptor goes on.
final class NioAcceptor implements NetAcceptor, NioNet.Target {
    private final NioNet net;
    private final ServerSocketChannel server;
    private final @Nullable UdsFile file;
    private final SocketAddress localAddress;
    private final NetHandler handler;
    private @Nullable SelectionKey key;
    private boolean accepting = true;
    private boolean closed;

    /// @param file `null` for TCP
    NioAcceptor(
            NioNet net,
            ServerSocketChannel server,
            @Nullable UdsFile file,
            SocketAddress localAddress,
            NetHandler handler) {
        this.net = net;
        this.server = server;
        this.file = file;
        this.localAddress = localAddress;
        this.handler = handler;
    }

    void register(Selector selector) throws IOException {
        key = server.register(selector, SelectionKey.OP_ACCEPT, this);
    }

    @Override
    public void ready(int keyOps) {
        handler.onReady(NioNet.fromKeyOps(keyOps));
    }

    @Override
    public @Nullable NetStream accept() throws IOException {
        SocketChannel channel;
        try {
            channel = server.accept();
        } catch (IllegalArgumentException e) {
            // JDK 25: the peer is bound to a path that this JVM's locale (POSIX, say) cannot spell;
            // it must not kill the loop.
            throw new IOException("the peer's own path cannot be read", e);
        }
        if (channel == null) {
            return null;
        }
        boolean done = false;
        try {
            NioNet.configure(channel, file != null);
            done = true;
        } finally {
            if (!done) {
                NioNet.closeQuietly(channel);
            }
        }
        return new NioStream(channel);
    }

    @Override
    public void interest(boolean accepting) {
        if (closed || key == null || this.accepting == accepting) {
            return;
        }
        this.accepting = accepting;
        key.interestOps(accepting ? SelectionKey.OP_ACCEPT : 0);
        net.onChange();
    }

    @Override
    public SocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        NioNet.discard(server, file);
        // Or the system would go on accepting, and the port stay in use, until the next poll.
        net.releaseClosed();
        net.onChange();
    }

    @Override
    public String toString() {
        return server.toString();
    }
}
