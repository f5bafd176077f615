package tofu.engine.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.InvalidPathException;
import java.util.List;
import java.util.Set;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.Test;

/// What the contract of a [Net] cannot see.
class NioNetTest {
    private static final Runnable NOTHING = () -> {};

    @Test
    void bothEndsSendAtOnce() throws IOException {
        try (Net net = NioNet.open(System::nanoTime)) {
            NetAcceptor door =
                    net.listen(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                            1,
                            Set.of(),
                            ops -> {});
            NetStream client = net.connect(door.localAddress(), ops -> {});
            NetStream server = door.accept();
            while (server == null) {
                net.poll(Long.MAX_VALUE, NOTHING);
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
    void theSystemIsToldWhenToAskForThePeer() throws IOException {
        try (ServerSocketChannel door = ServerSocketChannel.open();
                SocketChannel tcp = SocketChannel.open();
                SocketChannel local = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            door.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            tcp.connect(door.getLocalAddress());
            KeepAlive values = new KeepAlive(31, 7, 4);
            new NioStream(tcp).keepAlive(values);
            new NioStream(local).keepAlive(values); // which knows no such thing

            assertThat(tcp.getOption(ExtendedSocketOptions.TCP_KEEPIDLE)).isEqualTo(31);
            assertThat(tcp.getOption(ExtendedSocketOptions.TCP_KEEPINTERVAL)).isEqualTo(7);
            assertThat(tcp.getOption(ExtendedSocketOptions.TCP_KEEPCOUNT)).isEqualTo(4);
            NioStream late = new NioStream(tcp);
            late.close();
            late.keepAlive(values); // and no failure
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
        assertThat(Selection.toMillis(1)).isEqualTo(1);
        assertThat(Selection.toMillis(999_999)).isEqualTo(1);
        assertThat(Selection.toMillis(1_000_000)).isEqualTo(1);
        assertThat(Selection.toMillis(1_000_001)).isEqualTo(2);
        assertThat(Selection.toMillis(Long.MAX_VALUE - 1))
                .isEqualTo(Long.MAX_VALUE / 1_000_000 + 1);
        assertThat(Selection.toMillis(Long.MAX_VALUE)).isZero();
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
            assertThat(Sockets.toKeyOps(pair[0])).isEqualTo(pair[1]);
            assertThat(Sockets.fromKeyOps(pair[1])).isEqualTo(pair[0]);
        }
    }

    // -- Failures

    @Test
    void aPollThatFailsOnceIsForgotten() throws IOException {
        try (BrokenSelector selector = new BrokenSelector()) {
            Selection selection = new Selection(selector, () -> 0);
            for (int i = 0; i < 100; i++) {
                selector.failures = 1;
                selection.poll(0, NOTHING);
                selection.poll(0, NOTHING);
            }
            selector.failures = Selection.MAX_FAILED_POLLS;
            for (int i = 1; i < Selection.MAX_FAILED_POLLS; i++) {
                selection.poll(0, NOTHING);
            }
            assertThatThrownBy(() -> selection.poll(0, NOTHING)).isInstanceOf(IOException.class);
        }
    }

    private static NioAcceptor acceptor(BrokenServer.Failure failure) {
        SocketAddress nowhere = new InetSocketAddress(0);
        Selection selection = new Selection(new BrokenSelector(), () -> 0);
        return new NioAcceptor(selection, new BrokenServer(failure), null, nowhere, ops -> {});
    }

    @Test
    void whatIsAPeersFaultIsCalledSo() {
        List<BrokenServer.Failure> failures =
                List.of(
                        () -> {
                            throw new InvalidPathException("?", "it cannot be spelt");
                        },
                        () -> {
                            throw new NoRouteToHostException("weg");
                        },
                        () -> {
                            throw new ProtocolException("weg");
                        });
        for (BrokenServer.Failure failure : failures) {
            assertThatThrownBy(() -> acceptor(failure).accept()).isInstanceOf(PeerException.class);
        }
    }

    @Test
    void whateverAcceptingThrowsConcernsTheAcceptorOnly() {
        List<BrokenServer.Failure> failures =
                List.of(
                        () -> {
                            throw new IllegalStateException("planted");
                        },
                        () -> {
                            throw new NoClassDefFoundError("planted");
                        },
                        () -> {
                            throw new SocketException("planted");
                        });
        for (BrokenServer.Failure failure : failures) {
            assertThatThrownBy(() -> acceptor(failure).accept())
                    .isExactlyInstanceOf(SocketException.class)
                    .hasMessageContaining("planted");
        }
    }

    @Test
    void whateverAStreamThrowsConcernsTheStreamOnly() throws IOException {
        try (SocketChannel unconnected = SocketChannel.open()) {
            Selector closed = Selector.open();
            closed.close();
            Selection selection = new Selection(closed, () -> 0);
            unconnected.configureBlocking(false);
            NioStream stream = new NioStream(unconnected);
            ByteBuffer buffer = ByteBuffer.allocateDirect(8);
            assertThatThrownBy(() -> stream.read(buffer)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> stream.write(buffer)).isInstanceOf(IOException.class);
            assertThatThrownBy(stream::shutdownOutput).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> stream.register(selection, ops -> {}, 0))
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(stream::finishConnect).isInstanceOf(IOException.class);
            assertThat(unconnected.isOpen()).isFalse();
        }
    }
}
