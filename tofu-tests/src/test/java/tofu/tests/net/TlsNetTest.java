package tofu.tests.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.parallel.Isolated;
import tofu.engine.net.Net;
import tofu.engine.net.NioNet;

/// TLS over sockets.
@Isolated // a port that was closed must not be another test's a moment later
class TlsNetTest extends TlsNetContract {
    /// Bound and not listening, so that nobody else can come to listen on its port.
    private SocketChannel portOfNobody;

    @BeforeEach
    void takePort() throws IOException {
        portOfNobody = SocketChannel.open();
        portOfNobody.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @AfterEach
    void freePort() throws IOException {
        portOfNobody.close();
    }

    @Override
    public SocketAddress refusingAddress() throws IOException {
        return portOfNobody.getLocalAddress();
    }

    @Override
    Net openBelow() throws IOException {
        return NioNet.open(System::nanoTime);
    }
}
