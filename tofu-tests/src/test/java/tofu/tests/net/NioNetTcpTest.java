package tofu.tests.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tofu.engine.net.Net;
import tofu.engine.net.NetAcceptor;
import tofu.tests.net.NetRig.Pair;
import tofu.tests.rigs.Descriptors;

class NioNetTcpTest extends NioNetContract {
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
    public SocketAddress freshAddress() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    @Override
    public SocketAddress refusingAddress() throws IOException {
        return portOfNobody.getLocalAddress();
    }

    @Override
    List<String> exhaustionArguments() {
        return List.of();
    }

    @Test
    void theAcceptorTellsThePortThatTheSystemChose() throws IOException {
        NetAcceptor acceptor = listen(new NetEnd());
        InetSocketAddress address = (InetSocketAddress) acceptor.localAddress();
        assertThat(address.getPort()).isPositive();
        assertThat(address.getAddress().isLoopbackAddress()).isTrue();
        acceptor.close();
        assertThat(acceptor.localAddress()).isEqualTo(address);
    }

    @Test
    void aResetIsAFailureAtThePeer() throws IOException {
        Pair pair = connect();
        rig.send(pair.client(), NetRig.pattern(3));
        pair.client().stream().reset();
        rig.turns(1);
        pair.server().interest(Net.READ);

        assertThatThrownBy(() -> rig.receive(pair.server(), 4)).isInstanceOf(SocketException.class);
    }

    @Test
    void aResetInTheBacklogDoesNotBreakTheAcceptor() throws IOException {
        NetAcceptor acceptor = listen(new NetEnd());
        for (int i = 0; i < 5; i++) {
            NetEnd end = rig.startConnecting(acceptor);
            rig.finishConnecting(end);
            end.stream().reset();
            rig.turns(1);
        }
        rig.checkAccepts(acceptor);
    }

    @Test
    void anAddressThatIsNotOursIsNotInUse() {
        SocketAddress foreign = new InetSocketAddress("192.0.2.1", 0); // TEST-NET-1
        assertThatThrownBy(() -> rig.listen(foreign, new NetEnd()))
                .isExactlyInstanceOf(SocketException.class)
                .hasMessageContaining("192.0.2.1");
    }

    @Test
    void anUnresolvedAddressLeavesNothingOpen() throws IOException {
        SocketAddress name = InetSocketAddress.createUnresolved("nowhere.invalid", 1);
        int before = Descriptors.count();
        assertThatThrownBy(() -> rig.client.connect(name, ops -> {}))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> rig.listen(name, new NetEnd())).isInstanceOf(IOException.class);
        assertThat(Descriptors.count()).isEqualTo(before);
    }

    @Test
    void aNetworkThatCannotBeReachedRefuses() {
        // Linux has no TCP to everybody, and says "Network is unreachable", in the user's language.
        SocketAddress everybody = new InetSocketAddress("255.255.255.255", 9);
        assertThatThrownBy(() -> rig.client.connect(everybody, ops -> {}))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("255.255.255.255");
    }

    @ParameterizedTest
    @CsvSource({"0.0.0.0, false", "::, true"})
    void allOfIpv4IsNotAllThereIs(String host, boolean ipv6) throws IOException {
        assumeTrue(hasIpv6(), "needs IPv6 on the loopback interface");
        NetAcceptor acceptor = rig.listen(new InetSocketAddress(host, 0), new NetEnd());
        int port = ((InetSocketAddress) acceptor.localAddress()).getPort();
        assertThat(isReached("127.0.0.1", port)).isTrue();
        assertThat(isReached("::1", port)).isEqualTo(ipv6);
    }

    private static boolean hasIpv6() throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress("::1", 0));
            return true;
        } catch (BindException | UnsupportedAddressTypeException e) {
            return false;
        }
    }

    private static boolean isReached(String host, int port) throws IOException {
        try (SocketChannel channel = SocketChannel.open(new InetSocketAddress(host, port))) {
            return channel.isConnected();
        } catch (ConnectException e) {
            return false;
        }
    }
}
