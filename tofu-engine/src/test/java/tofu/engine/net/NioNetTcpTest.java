package tofu.engine.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tofu.engine.net.NetRig.Pair;

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
    void bothEndsSendAtOnce() throws IOException {
        Pair pair = connect();
        for (NetEnd end : List.of(pair.client(), pair.server())) {
            SocketChannel channel = ((NioStream) end.stream()).channel();
            assertThat(channel.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
            assertThat(channel.isBlocking()).isFalse();
        }
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

    @Test
    void aStreamThatWasConnectedToItselfIsRefused() throws IOException {
        portOfNobody.connect(portOfNobody.getLocalAddress());
        NioStream stream = new NioStream(portOfNobody);

        assertThatThrownBy(stream::finishConnect).isInstanceOf(ConnectException.class);
        assertThat(portOfNobody.isOpen()).isFalse();
    }

    @Test
    void aWaitInMillisecondsIsNeverShorterNorForEverByAccident() {
        assertThat(NioNet.toMillis(1)).isEqualTo(1);
        assertThat(NioNet.toMillis(999_999)).isEqualTo(1);
        assertThat(NioNet.toMillis(1_000_000)).isEqualTo(1);
        assertThat(NioNet.toMillis(1_000_001)).isEqualTo(2);
        assertThat(NioNet.toMillis(Long.MAX_VALUE - 1)).isEqualTo(Long.MAX_VALUE / 1_000_000 + 1);
        assertThat(NioNet.toMillis(Long.MAX_VALUE)).isZero();
    }

    @Test
    void readinessBitsAreTheSelectors() {
        int[][] pairs = {
            {Net.READ, SelectionKey.OP_READ},
            {Net.WRITE, SelectionKey.OP_WRITE},
            {Net.CONNECT, SelectionKey.OP_CONNECT},
            {Net.ACCEPT, SelectionKey.OP_ACCEPT},
            {Net.READ | Net.WRITE, SelectionKey.OP_READ | SelectionKey.OP_WRITE},
            {0, 0},
        };
        for (int[] pair : pairs) {
            assertThat(NioNet.toKeyOps(pair[0])).isEqualTo(pair[1]);
            assertThat(NioNet.fromKeyOps(pair[1])).isEqualTo(pair[0]);
        }
    }
}
