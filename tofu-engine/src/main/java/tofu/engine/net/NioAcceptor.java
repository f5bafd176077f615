package tofu.engine.net;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.InvalidPathException;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// An acceptor over a [ServerSocketChannel].
///
/// Thread: the loop that it is registered with.
/// Owns: the channel, and the file of a Unix domain socket.
/// Errors: a failed [#accept()] concerns one connection; the acceptor goes on.
final class NioAcceptor implements NetAcceptor, Selection.Target {
    private final Selection selection;
    private final ServerSocketChannel server;
    private final @Nullable UdsFile file;
    private final SocketAddress localAddress;
    private final NetHandler handler;
    private @Nullable SelectionKey key;
    private boolean accepting = true;
    private boolean closed;

    /// @param file `null` for TCP
    NioAcceptor(
            Selection selection,
            ServerSocketChannel server,
            @Nullable UdsFile file,
            SocketAddress localAddress,
            NetHandler handler) {
        this.selection = selection;
        this.server = server;
        this.file = file;
        this.localAddress = localAddress;
        this.handler = handler;
    }

    /// Listens, as [Net#listen(SocketAddress, int, Set, NetHandler)] says. Whatever this throws, be
    /// it an [Error] of the JDK's, nothing is left open.
    static NioAcceptor listen(
            Selection selection,
            SocketAddress address,
            int backlog,
            Set<PosixFilePermission> permissions,
            NetHandler handler)
            throws IOException {
        ServerSocketChannel server = Sockets.openServer(address);
        UdsFile file = null;
        boolean done = false;
        try {
            server.configureBlocking(false);
            if (address instanceof UnixDomainSocketAddress uds) {
                file = UdsFile.listen(server, uds.getPath(), backlog, permissions);
            } else {
                bindTcp(server, address, backlog);
            }
            SocketAddress local = file == null ? server.getLocalAddress() : address;
            NioAcceptor acceptor = new NioAcceptor(selection, server, file, local, handler);
            acceptor.key = selection.register(server, SelectionKey.OP_ACCEPT, acceptor);
            done = true;
            return acceptor;
        } finally {
            if (!done) {
                discard(server, file);
            }
        }
    }

    private static void bindTcp(ServerSocketChannel server, SocketAddress address, int backlog)
            throws IOException {
        if (!(address instanceof InetSocketAddress inet) || inet.isUnresolved()) {
            throw new SocketException(address + " cannot be listened on");
        }
        try {
            Sockets.bind(server, inet, backlog);
        } catch (BindException e) {
            throw BindProbe.explain(inet, e);
        }
    }

    @Override
    public void ready(int keyOps) {
        handler.onReady(Sockets.fromKeyOps(keyOps));
    }

    @Override
    public @Nullable NetStream accept() throws IOException {
        SocketChannel channel;
        try {
            channel = server.accept();
        } catch (InvalidPathException e) {
            // The peer is bound to a path that the JVM's locale cannot spell. JDK 25 has accepted
            // the connection, and forgets its descriptor.
            throw new PeerException("the peer's own path cannot be read", e);
        } catch (NoRouteToHostException | ProtocolException e) {
            throw new PeerException("the peer has gone", e);
        } catch (RuntimeException | Error e) {
            throw Sockets.failure(server, e);
        }
        if (channel == null) {
            return null;
        }
        try {
            return new NioStream(
                    Sockets.configured(channel, file != null), file == null ? null : localAddress);
        } catch (RuntimeException | Error e) {
            throw Sockets.failure(channel, e);
        }
    }

    @Override
    public void interest(boolean accepting) {
        if (closed || key == null || this.accepting == accepting) {
            return;
        }
        this.accepting = accepting;
        key.interestOps(accepting ? SelectionKey.OP_ACCEPT : 0);
        selection.onChange();
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
        discard(server, file);
        // Or the system would go on accepting, and the port stay in use, until the next poll.
        selection.releaseClosed();
        selection.onChange();
    }

    /// Undoes listening. The file goes first: while the socket is open, no other file can have the
    /// inode number by which the file is known.
    static void discard(ServerSocketChannel server, @Nullable UdsFile file) {
        if (file != null) {
            file.remove();
        }
        Sockets.closeQuietly(server);
    }

    @Override
    public String toString() {
        return server.toString();
    }
}
