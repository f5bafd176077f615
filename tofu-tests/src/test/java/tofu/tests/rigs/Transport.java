package tofu.tests.rigs;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import tofu.fixtures.TestAddresses;

/// The two kinds of sockets; every scenario that touches one runs over both.
public enum Transport {
    /// The loopback interface.
    TCP {
        @Override
        public String listenAddress() {
            return "tcp|127.0.0.1|0";
        }

        @Override
        public SocketAddress freshSocketAddress() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        }

        @Override
        public String addressOf(SocketAddress bound) {
            return "tcp|127.0.0.1|" + ((InetSocketAddress) bound).getPort();
        }

        @Override
        public ServerSocketChannel openServer() throws IOException {
            return ServerSocketChannel.open();
        }

        @Override
        public SocketChannel openStream() throws IOException {
            return SocketChannel.open();
        }

        @Override
        public String refusingAddress() {
            return "tcp|127.0.0.1|" + TestAddresses.refusingTcpPort();
        }
    },

    /// Unix domain sockets.
    UDS {
        @Override
        public String listenAddress() {
            return "uds|" + TestAddresses.temporaryUdsPath();
        }

        @Override
        public SocketAddress freshSocketAddress() {
            return UnixDomainSocketAddress.of(TestAddresses.temporaryUdsPath());
        }

        @Override
        public String addressOf(SocketAddress bound) {
            return "uds|" + ((UnixDomainSocketAddress) bound).getPath();
        }

        @Override
        public ServerSocketChannel openServer() throws IOException {
            return ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        }

        @Override
        public SocketChannel openStream() throws IOException {
            return SocketChannel.open(StandardProtocolFamily.UNIX);
        }

        @Override
        public String refusingAddress() {
            try (ServerSocketChannel server = openServer()) {
                server.bind(freshSocketAddress()); // its file stays
                return addressOf(server.getLocalAddress());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    };

    /// An address to listen on that nobody else has; the WelcomeResponse names its port.
    public abstract String listenAddress();

    /// The same for a socket of the JDK.
    public abstract SocketAddress freshSocketAddress();

    /// How an engine connects to where a socket of the JDK listens.
    public abstract String addressOf(SocketAddress bound);

    /// A socket of the JDK that can listen.
    public abstract ServerSocketChannel openServer() throws IOException;

    /// A socket of the JDK that can connect.
    public abstract SocketChannel openStream() throws IOException;

    /// An address where nobody listens, nor will.
    public abstract String refusingAddress();
}
