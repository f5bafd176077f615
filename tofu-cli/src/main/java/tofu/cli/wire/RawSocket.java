package tofu.cli.wire;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import tofu.api.Address;
import tofu.cli.ExitCode;
import tofu.cli.Failure;

/// A connection as bytes; the calls wait.
///
/// Threads: one that reads, one that writes; any may break it.
final class RawSocket implements AutoCloseable {
    private final SocketChannel channel;
    private final boolean tcp;

    RawSocket(SocketChannel channel, boolean tcp) throws IOException {
        this.channel = channel;
        this.tcp = tcp;
        if (tcp) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
    }

    /// Refuses addresses of TLS: what is encrypted cannot be looked at, or played again.
    ///
    /// @return the same address
    /// @throws Failure if it is such a one
    static <A extends Address> A plain(A address) throws Failure {
        if (address instanceof Address.TlsClient || address instanceof Address.TlsServer) {
            throw new Failure(
                    ExitCode.USAGE, "proxy and replay do not speak TLS, as for " + address);
        }
        return address;
    }

    /// Connects.
    ///
    /// @throws Failure if that fails
    static RawSocket connect(Address.Client address) throws Failure {
        try {
            boolean tcp = address instanceof Address.TcpClient;
            SocketChannel channel =
                    tcp ? SocketChannel.open() : SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                channel.connect(resolved(address));
                return new RawSocket(channel, tcp);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            String why = e.getMessage() == null ? e.toString() : e.getMessage();
            throw new Failure(ExitCode.UNREACHABLE, "cannot connect to " + address + ": " + why);
        }
    }

    private static SocketAddress resolved(Address.Client address) {
        return switch (address.unresolved()) {
            case InetSocketAddress inet ->
                    new InetSocketAddress(inet.getHostString(), inet.getPort());
            case UnixDomainSocketAddress uds -> uds;
            default -> throw new IllegalArgumentException("neither TCP nor Unix domain");
        };
    }

    /// Reads what there is, and waits for the first byte.
    ///
    /// @return how many bytes; -1 at the end
    /// @throws IOException if the connection is broken
    int read(ByteBuffer buffer) throws IOException {
        return channel.read(buffer);
    }

    /// Writes all of it.
    void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /// Ends our direction, as a peer does that closes.
    void finish() throws IOException {
        channel.shutdownOutput();
    }

    /// Breaks the connection, as a peer does that fails: over TCP the other side sees a reset.
    void reset() throws IOException {
        if (tcp && channel.isOpen()) {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
        channel.close();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
