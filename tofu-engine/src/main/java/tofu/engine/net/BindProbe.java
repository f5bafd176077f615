package tofu.engine.net;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.channels.ServerSocketChannel;

/// Finds out why a TCP address could not be bound.
///
/// The JDK says in the same way that it is in use, that it is not this machine's, and that the port
/// is for privileged processes; only the text differs, and that is in the user's language. So other
/// ports are bound for a moment, without listening.
///
/// Threads: any.
final class BindProbe {
    private static final int FIRST_FREE_FOR_ALL = 1024;

    /// Ports of one block are next to each other: all privileged, or none.
    private static final int BLOCK = 8;

    private BindProbe() {}

    /// Says what a failure means.
    ///
    /// @param failure how binding the address failed
    /// @return a [BindException] if the address is in use, else another [SocketException]
    static SocketException explain(InetSocketAddress address, BindException failure) {
        InetAddress host = address.getAddress();
        if (!isBindable(host, 0)) {
            return new SocketException(address + " is not an address of this machine", failure);
        }
        int port = address.getPort();
        if (0 < port && port < FIRST_FREE_FOR_ALL && !isAnyNearBindable(host, port)) {
            return new SocketException(address + ": the port is a privileged one", failure);
        }
        return failure;
    }

    private static boolean isAnyNearBindable(InetAddress host, int port) {
        for (int bits = 1; bits < BLOCK; bits++) {
            if ((port ^ bits) != 0 && isBindable(host, port ^ bits)) {
                return true;
            }
        }
        return false;
    }

    /// Unless proven otherwise, it is.
    private static boolean isBindable(InetAddress host, int port) {
        InetSocketAddress address = new InetSocketAddress(host, port);
        try (ServerSocketChannel probe = Sockets.openServer(address)) {
            Sockets.bind(probe, address, 1);
        } catch (BindException e) {
            return false;
        } catch (IOException | RuntimeException e) {
            return true;
        }
        return true;
    }
}
