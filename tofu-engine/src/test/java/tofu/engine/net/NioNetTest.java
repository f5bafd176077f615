package tofu.engine.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What the contract of a [Net] cannot see.
class NioNetTest {
    @Test
    void bothEndsSendAtOnce() throws IOException {
        try (Net net = NioNet.open()) {
            NetAcceptor door =
                    net.listen(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                            1,
                            Set.of(),
                            ops -> {});
            NetStream client = net.connect(door.localAddress(), ops -> {});
            NetStream server = door.accept();
            while (server == null) {
                net.poll(Long.MAX_VALUE);
                server = door.accept();
            }
            for (NetStream stream : List.of(client, server)) {
                SocketChannel channel = ((NioStream) stream).channel();
                assertThat(channel.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
                assertThat(channel.isBlocking()).isFalse();
                stream.close();
            }
        }
    }

    @Test
    void lessIsGatheredForAUnixDomainSocketThanItTakes() throws IOException {
        try (SocketChannel tcp = SocketChannel.open();
                SocketChannel local = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            assertThat(new NioStream(tcp).gatheredBytes()).isEqualTo(256 << 10);
            assertThat(new NioStream(local).gatheredBytes())
                    .isEqualTo(32 << 10)
                    .isLessThan(local.getOption(StandardSocketOptions.SO_SNDBUF));
        }
    }

    @Test
    void aStreamThatWasConnectedToItselfIsRefused() throws IOException {
        try (SocketChannel narcissus = SocketChannel.open()) {
            narcissus.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            narcissus.connect(narcissus.getLocalAddress());
            NioStream stream = new NioStream(narcissus);

            assertThatThrownBy(stream::finishConnect).isInstanceOf(ConnectException.class);
            assertThat(narcissus.isOpen()).isFalse();
        }
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
