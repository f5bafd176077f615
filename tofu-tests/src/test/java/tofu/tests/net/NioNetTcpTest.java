package tofu.tests.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tofu.engine.net.Net;
import tofu.engine.net.NetAcceptor;
import tofu.tests.Descriptors;
import tofu.tests.net.NetRig.Pair;

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
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> rig.listen(name, new NetEnd()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(Descriptors.count()).isEqualTo(before);
    }
}
