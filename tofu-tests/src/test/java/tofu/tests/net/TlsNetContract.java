package tofu.tests.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import tofu.api.PeerIdentity;
import tofu.api.PemFiles;
import tofu.api.Status;
import tofu.api.TlsSettings;
import tofu.engine.net.Net;
import tofu.engine.net.NetAcceptor;
import tofu.engine.net.TlsException;
import tofu.engine.net.TlsNet;
import tofu.fixtures.TestCertificates;
import tofu.tests.net.NetRig.Pair;

/// What a [TlsNet] does, with real engines of the JDK on both ends, whatever net is below; what
/// takes long is done at once.
abstract class TlsNetContract extends NetContract {
    private static final TestCertificates FILES = TestCertificates.shared();

    private static final TlsSettings SETTINGS =
            TlsSettings.builder(
                            PemFiles.of(
                                    FILES.key("server"),
                                    FILES.chain("server"),
                                    FILES.authorities()))
                    .clientAuthentication(TlsSettings.ClientAuthentication.NEEDED)
                    .build();

    private static final Duration LINGER = Duration.ofSeconds(60);

    /// How much more time has passed than has, in nanoseconds.
    private long passed;

    abstract Net openBelow() throws IOException;

    @Override
    public final Net openNet() throws IOException {
        return new TlsNet(
                openBelow(),
                SETTINGS,
                (work, then) -> {
                    work.run();
                    then.run();
                    return true;
                },
                () -> System.nanoTime() + passed,
                LINGER.toNanos());
    }

    @Override
    public SocketAddress freshAddress() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    @Test
    void theEndOfTheHandshakeIsToldToWhomItIsOfInterest() throws IOException {
        NetAcceptor acceptor = listen(new NetEnd());
        NetEnd client = rig.startConnecting(acceptor);
        Pair pair = new Pair(client, rig.register(rig.accept(acceptor), rig.server));
        rig.finishConnecting(client);
        assertThat(pair.server().stream().isSecuring()).isTrue();
        assertThat(pair.server().stream().credentials()).isNull();
        pair.client().interest(Net.CONNECT);
        pair.server().interest(Net.CONNECT);
        rig.until("told", () -> pair.client().take(Net.CONNECT));
        rig.until("told", () -> pair.server().take(Net.CONNECT));
        pair.client().interest(0);
        pair.server().interest(0);

        assertThat(pair.client().stream().isSecuring()).isFalse();
        assertThat(pair.server().stream().isSecuring()).isFalse();
        PeerIdentity.Tls seen = (PeerIdentity.Tls) pair.server().stream().credentials();
        assertThat(seen).isNotNull();
        assertThat(seen.protocol()).isEqualTo("TLSv1.3");
        assertThat(seen.isFor("localhost")).isTrue();
        int calls = pair.server().calls();
        rig.turns(5);
        assertThat(pair.server().calls()).isEqualTo(calls);
        rig.checkEcho(pair);
    }

    @Test
    void anEndThatIsAskedForWithinTheHandshakeComesBehindIt() throws IOException {
        NetAcceptor acceptor = listen(new NetEnd());
        NetEnd client = rig.startConnecting(acceptor);
        rig.finishConnecting(client);
        client.stream().shutdownOutput();
        Pair pair = new Pair(client, rig.register(rig.accept(acceptor), rig.server));

        assertThat(rig.receiveEnd(pair.server())).as("a clean end").isNull();
        assertThatThrownBy(() -> client.write(NetRig.direct(NetRig.pattern(1))))
                .isInstanceOf(ClosedChannelException.class);
        rig.send(pair.server(), NetRig.pattern(5));
        assertThat(rig.receive(client, 5)).isEqualTo(NetRig.pattern(5));
    }

    @Test
    void aResetIsNoEndOfWhatIsRead() throws IOException {
        Pair pair = connect();
        rig.checkEcho(pair);
        rig.send(pair.client(), NetRig.pattern(5));
        assertThat(rig.receive(pair.server(), 5)).isEqualTo(NetRig.pattern(5));
        pair.client().stream().reset();

        assertThat(rig.receiveEnd(pair.server())).isInstanceOf(IOException.class);
    }

    /// Sends until nobody takes any more, however often it is tried: a socket that is cut may just
    /// have taken a few bytes. Then closes.
    ///
    /// @return how many bytes were taken
    private int fillAndClose(NetEnd end) throws IOException {
        ByteBuffer source = NetRig.direct(NetRig.pattern(32 << 20));
        int inVain = 0;
        while (inVain < 100) {
            inVain = end.write(source) > 0 ? 0 : inVain + 1;
            assertThat(source.hasRemaining()).as("32 MiB do not fit").isTrue();
        }
        end.close();
        return source.position();
    }

    @Test
    void whatASystemDoesNotTakeAtOnceIsSentAfterClosing() throws IOException {
        Pair pair = connect();
        int taken = fillAndClose(pair.client());
        assertThat(rig.receive(pair.server(), taken)).isEqualTo(NetRig.pattern(taken));
        assertThat(rig.receiveEnd(pair.server())).as("a clean end").isNull();
    }

    @Test
    void whatComesAfterClosingDoesNotUndoWhatWasSent() throws IOException {
        Pair pair = connect();
        int taken = fillAndClose(pair.client());
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        while (received.size() < taken) { // at some time all is the system's, and not there yet
            int count = Math.min(taken - received.size(), 100_000);
            received.writeBytes(rig.receive(pair.server(), count));
            pair.server().write(NetRig.direct(NetRig.pattern(10)));
        }
        assertThat(received.toByteArray()).isEqualTo(NetRig.pattern(taken));
        assertThat(rig.receiveEnd(pair.server())).as("a clean end").isNull();
    }

    @Test
    void whoNeverTakesItIsNotWaitedForForEver() throws IOException {
        Pair pair = connect();
        int taken = fillAndClose(pair.client());
        rig.turns(3);
        passed = LINGER.toNanos();
        rig.turns(3);
        assertThat(canReceive(pair.server(), taken)).as("all, though nobody took it").isFalse();
    }

    private boolean canReceive(NetEnd end, int count) {
        try {
            rig.receive(end, count);
            return true;
        } catch (IOException | AssertionError e) {
            return false; // cut off
        }
    }

    @Test
    void aClientThatHasNoAnswerYetWritesAndReadsNothing() throws IOException {
        NetEnd end = rig.startConnecting(listen(new NetEnd()));
        rig.finishConnecting(end);
        assertThat(end.write(NetRig.direct(NetRig.pattern(9)))).isZero();
        assertThat(end.read(NetRig.direct(new byte[9]))).isZero();
    }

    @Test
    void whoseHostIsAnotherIsToldSoAgainAndAgain() throws IOException {
        NetAcceptor acceptor = listen(new NetEnd());
        InetSocketAddress named =
                new InetSocketAddress(
                        InetAddress.getByAddress("elsewhere.tofu.test", loopback()),
                        ((InetSocketAddress) acceptor.localAddress()).getPort());
        NetEnd end = new NetEnd();
        end.own(rig.client.connect(named, end));
        rig.finishConnecting(end);
        rig.register(rig.accept(acceptor), rig.server);
        end.interest(Net.READ);
        rig.until("told", () -> end.take(Net.READ));
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> end.read(NetRig.direct(new byte[1])))
                    .isInstanceOfSatisfying(
                            TlsException.class,
                            e -> assertThat(e.status()).isEqualTo(Status.TLS_WRONG_HOST));
        }
        end.close();
    }

    private static byte[] loopback() {
        return InetAddress.getLoopbackAddress().getAddress();
    }
}
