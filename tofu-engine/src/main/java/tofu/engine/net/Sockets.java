package tofu.engine.net;

import java.io.Closeable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnsupportedAddressTypeException;

/// Channels as this package wants them: opened, configured, bound and closed, and their failures
/// told as an [IOException].
///
/// Threads: any.
/// Owns: nothing; a channel that cannot be given to the caller is closed.
final class Sockets {
    private Sockets() {}

    /// Opens a channel with its options set.
    static SocketChannel openStream(SocketAddress address) throws IOException {
        boolean uds = address instanceof UnixDomainSocketAddress;
        try {
            SocketChannel channel =
                    uds ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
            return configured(channel, uds);
        } catch (RuntimeException | Error e) {
            throw failure(address, e);
        }
    }

    /// Configures a channel, or closes it.
    static SocketChannel configured(SocketChannel channel, boolean uds) throws IOException {
        boolean done = false;
        try {
            configure(channel, uds);
            done = true;
            return channel;
        } finally {
            if (!done) {
                closeQuietly(channel);
            }
        }
    }

    /// Makes a stream's channel non-blocking; a TCP one sends at once, and notices in the end that
    /// its peer's machine is gone.
    static void configure(SocketChannel channel, boolean uds) throws IOException {
        channel.configureBlocking(false);
        if (!uds) {
            set(channel, StandardSocketOptions.TCP_NODELAY, true);
            set(channel, StandardSocketOptions.SO_KEEPALIVE, true);
        }
    }

    /// Opens a channel to listen with. An IPv4 one for an IPv4 address: the JDK's other ones take
    /// 0.0.0.0 for all that there is, IPv6 included.
    static ServerSocketChannel openServer(SocketAddress address) throws IOException {
        return switch (address) {
            case UnixDomainSocketAddress _ -> ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            case InetSocketAddress inet when inet.getAddress() instanceof Inet4Address ->
                    ServerSocketChannel.open(StandardProtocolFamily.INET);
            default -> ServerSocketChannel.open();
        };
    }

    static void bind(ServerSocketChannel server, InetSocketAddress address, int backlog)
            throws IOException {
        // A restart need not wait for the old connections in TIME_WAIT; a second listener still
        // fails.
        set(server, StandardSocketOptions.SO_REUSEADDR, true);
        try {
            server.bind(address, backlog);
        } catch (UnsupportedAddressTypeException e) {
            if (!address.getAddress().isAnyLocalAddress()) {
                throw e;
            }
            // There is no IPv6: IPv4 is all there is.
            server.bind(new InetSocketAddress(address.getPort()), backlog);
        }
    }

    private static <T> void set(NetworkChannel channel, SocketOption<T> option, T value)
            throws SocketOptionException {
        try {
            channel.setOption(option, value);
        } catch (IOException | UnsupportedOperationException e) {
            throw new SocketOptionException(option, e);
        }
    }

    /// What keeps an open TCP socket from being connected, and has no type of its own, lies on the
    /// way to the peer: no such network, say. The texts depend on the locale.
    ///
    /// @param what the channel, or its address
    static SocketException unreachable(Object what, SocketException cause) {
        if (cause.getClass() != SocketException.class) {
            return cause;
        }
        ConnectException failure = new ConnectException(what + ": " + cause.getMessage());
        failure.initCause(cause);
        return failure;
    }

    /// What the JDK throws that is no [IOException] concerns one channel, too: an IPv6 address
    /// where there is no IPv6, file modes where there are none, a path that the locale cannot
    /// spell, no memory.
    ///
    /// @param what the channel, or its address
    static IOException failure(Object what, Throwable cause) {
        return new SocketException(what + ": " + cause, cause);
    }

    /// The selector's bits for ours: bit 0 is the same, bit 1 is unused, the rest is one higher.
    static int toKeyOps(int ops) {
        return (ops & Net.READ) | (ops & ~Net.READ) << 1;
    }

    /// Our bits for the selector's.
    static int fromKeyOps(int keyOps) {
        return (keyOps & SelectionKey.OP_READ) | (keyOps & ~SelectionKey.OP_READ) >> 1;
    }

    static void closeQuietly(Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException | RuntimeException e) {
            // The descriptor is gone all the same, and nobody can do anything about the rest.
        }
    }
}
