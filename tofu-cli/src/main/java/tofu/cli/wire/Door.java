package tofu.cli.wire;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.Options;
import tofu.cli.ExitCode;
import tofu.cli.Failure;
import tofu.engine.net.UdsFile;

/// A listening socket. Owns it, and its file if it is a Unix domain socket: claimed and removed as
/// the engine does it.
final class Door implements AutoCloseable {
    private final ServerSocketChannel channel;
    private final @Nullable UdsFile file;
    private final Address.Client address;

    private Door(ServerSocketChannel channel, @Nullable UdsFile file, Address.Client address) {
        this.channel = channel;
        this.file = file;
        this.address = address;
    }

    /// Listens.
    ///
    /// @throws Failure if that fails
    static Door listen(Address.Server address) throws Failure {
        Options options = Options.defaults();
        try {
            boolean tcp = address instanceof Address.TcpServer;
            ServerSocketChannel channel =
                    tcp
                            ? ServerSocketChannel.open()
                            : ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                return switch (address.unresolved()) {
                    case UnixDomainSocketAddress uds -> {
                        UdsFile file =
                                UdsFile.listen(
                                        channel,
                                        uds.getPath(),
                                        options.acceptBacklog(),
                                        options.udsPermissions());
                        yield new Door(channel, file, address.toClient());
                    }
                    case InetSocketAddress inet -> {
                        channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                        channel.bind(
                                inet.isUnresolved()
                                        ? new InetSocketAddress(
                                                inet.getHostString(), inet.getPort())
                                        : inet,
                                options.acceptBacklog());
                        String bound = Address.listenOn(channel.getLocalAddress()).toString();
                        yield new Door(channel, null, Address.listenOn(bound).toClient());
                    }
                    default -> throw new IllegalArgumentException("neither TCP nor Unix domain");
                };
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            String why = e.getMessage() == null ? e.toString() : e.getMessage();
            throw new Failure(ExitCode.UNREACHABLE, "cannot listen on " + address + ": " + why);
        }
    }

    /// Where a client on this machine connects to, with the real port.
    Address.Client address() {
        return address;
    }

    /// Waits for a connection.
    RawSocket accept() throws IOException {
        SocketChannel accepted = channel.accept();
        try {
            return new RawSocket(accepted, file == null);
        } catch (IOException e) { // its peer has gone
            accepted.close();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.remove();
        }
        channel.close();
    }
}
