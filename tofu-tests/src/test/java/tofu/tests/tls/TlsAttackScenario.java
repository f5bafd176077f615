package tofu.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.BinaryHeader;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;
import tofu.api.TlsSettings;
import tofu.api.TlsSettings.ClientAuthentication;
import tofu.tests.rigs.CertificateMaker;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Hellos;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.RoundTrips;
import tofu.tests.rigs.Secured;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Vitals;

/// Peers that wear an engine out by what TLS lets them do. Whoever behaves is served meanwhile.
/// Those that begin handshakes as fast as they can are in [tofu.tests.faults.HandshakeFloodFault].
@Isolated // it counts memory
class TlsAttackScenario {
    private static final String LISTEN = "tls|127.0.0.1|0";

    /// How many peers have begun a handshake at the same time, if there are descriptors for both
    /// ends.
    private static final int MOST_HALF_OPEN = 5_000;

    /// For others than these peers.
    private static final int SPARE_DESCRIPTORS = 500;

    /// An engine of the JDK, the connection, and the two sockets in this process.
    private static final long BYTES_EACH = 64 << 10;

    private static final int WARM_UP = 5_000;

    /// Of so many the times are told.
    private static final int ECHOES = 10_000;

    @RegisterExtension final Stage stage = new Stage();

    private static SocketChannel connect(String address) throws IOException {
        int port = Integer.parseInt(address.split("\\|")[2]);
        return SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    // ---- certificates

    /// Everybody here trusts the authority at the chain's end, so it is the length alone.
    @ParameterizedTest
    @CsvSource({
        "1, 200000, The size of the handshake message",
        "100, 0, The size of the handshake message",
        "100, 50000, The size of the handshake message",
        "20, 0, The certificate chain length ("
    })
    void certificatesThatAreTooLongAreRefused(int length, int paddingBytes, String cause)
            throws Exception {
        X509Certificate[] chain = CertificateMaker.chain(length, paddingBytes);
        SSLContext oversized = Certificates.madeUp(chain);
        Peer server = stage.peer(trusting("server", chain));
        String address = server.listen(LISTEN).address();
        try (Foreign giant = Foreign.connect(oversized, address, "TLSv1.3", TlsSettings.PROTOCOL)) {
            assertThatThrownBy(() -> giant.socket().getInputStream().read())
                    .isInstanceOf(IOException.class);
        }
        Received notice = server.next();
        expectTooLong(notice, cause);
        server.expectClosed(notice.channel(), 0);
        Link.open(stage.peer(Secured.client("client")), server, address).bye();

        try (Foreign giant = Foreign.listen(oversized, "TLSv1.3", TlsSettings.PROTOCOL)) {
            Peer client = stage.peer(trusting("client", chain));
            BinaryHeader hello = client.sayHello(giant.address());
            expectTooLong(client.untilClosed(hello.channel()).getLast(), cause);
        }
    }

    private static void expectTooLong(Received notice, String cause) {
        assertThat(notice.status()).as(notice.toString()).isEqualTo(Status.TLS_FAILED);
        assertThat(notice.required(Status.CAUSE)).contains(cause).contains("exceeds the maximum");
    }

    @Test
    void certificatesThatAreLongButNotTooLongAreNot() throws Exception {
        X509Certificate[] chain = CertificateMaker.chain(5, 20_000);
        SSLContext large = Certificates.madeUp(chain);
        Peer server = stage.peer(trusting("server", chain));
        String address = server.listen(LISTEN).address();
        try (Foreign peer = Foreign.connect(large, address, "TLSv1.3", TlsSettings.PROTOCOL)) {
            peer.socket().getOutputStream().write(Frame.concat(Frame.hello(1)));
            Received hello = server.expect(OpCode.HELLO_REQUEST, 1);
            server.say(OpCode.BYE_SIGNAL, hello.channel());
            server.untilClosed(hello.channel());
        }
        Peer showing = stage.peer(Secured.by(TlsSettings.of(() -> large)));
        Peer client = stage.peer(trusting("client", chain));
        Link.open(client, showing, showing.listen(LISTEN).address()).bye();
    }

    /// Who asks whoever connects for a certificate, and trusts the last one of a chain.
    private static UnaryOperator<Options.Builder> trusting(String name, X509Certificate[] chain) {
        return Secured.by(
                TlsSettings.builder(() -> Certificates.trustingToo(name, chain))
                        .clientAuthentication(ClientAuthentication.NEEDED)
                        .build());
    }

    // ---- handshakes

    /// Two groups of one engine: one is attacked, the other one's channel is to go on.
    private record Besieged(Peer victim, String door, Link link) {}

    private Besieged besieged() {
        Peer server =
                stage.peer(
                        o ->
                                Secured.server()
                                        .apply(o)
                                        .maxPendingHandshakes(MOST_HALF_OPEN + 10)
                                        .handshakeTimeout(Duration.ofMinutes(5))
                                        .acceptBacklog(1_000));
        Link link =
                Link.open(stage.peer(Secured.client()), server, server.listen(LISTEN).address());
        Peer victim = new Peer(server.ampe());
        victim.ignoreRest();
        return new Besieged(victim, victim.listen(LISTEN).address(), link);
    }

    private static int mostHalfOpen() {
        long most = Long.MAX_VALUE;
        if (ManagementFactory.getOperatingSystemMXBean()
                instanceof UnixOperatingSystemMXBean system) {
            most = system.getMaxFileDescriptorCount() - system.getOpenFileDescriptorCount();
        }
        return (int) Math.min(MOST_HALF_OPEN, (most - SPARE_DESCRIPTORS) / 2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Tag("long")
    @Timeout(300)
    void manyHandshakesThatAreBegunAndNotEndedHoldUpNobody(boolean whole) throws IOException {
        int count = mostHalfOpen();
        Besieged besieged = besieged();
        byte[] hello = Hellos.client();
        byte[] begun = whole ? hello : Arrays.copyOf(hello, hello.length - 1);
        times(besieged.link, WARM_UP);
        RoundTrips.Times alone = times(besieged.link, ECHOES);
        long before = Vitals.heapBytes();
        List<SocketChannel> peers = new ArrayList<>();
        stage.own(
                () -> {
                    for (SocketChannel peer : peers) {
                        peer.close();
                    }
                });
        for (int i = 0; i < count; i++) {
            SocketChannel peer = connect(besieged.door);
            peers.add(peer);
            peer.write(ByteBuffer.wrap(begun));
            if (i % 100 == 99) {
                besieged.link.echo("beside " + i);
                if (whole) { // each of them is answered, and none waits in line for that
                    for (SocketChannel answered : peers.subList(i - 99, i + 1)) {
                        assertThat(answered.read(ByteBuffer.allocate(1))).isEqualTo(1);
                    }
                }
            }
        }
        long each = (Vitals.heapBytes() - before) / count;
        RoundTrips.Times beside = times(besieged.link, ECHOES);
        assertThat(each).as("bytes for each half-open peer").isLessThan(BYTES_EACH);
        assertThat(besieged.victim.poll(Duration.ZERO)).as("nobody had to go").isNull();
        for (SocketChannel peer : peers) {
            peer.close();
        }
        RoundTrips.Times after = times(besieged.link, ECHOES);
        System.out.printf(
                "TlsAttackScenario: %,d half-open peers of TLS whose hello is %s, %,d bytes of heap"
                        + " each; echo p50 %.0f us before, %.0f us beside them, %.0f us after; p99"
                        + " %.0f us before, %.0f us beside them, %.0f us after: ratio %.2f%n",
                count,
                whole ? "answered" : "not whole",
                each,
                alone.micros(50),
                beside.micros(50),
                after.micros(50),
                alone.micros(99),
                beside.micros(99),
                after.micros(99),
                2 * beside.micros(99) / (alone.micros(99) + after.micros(99)));
        besieged.link.bye();
    }

    /// How long echoes take; nobody remembers them.
    private static RoundTrips.Times times(Link link, int count) {
        long[] nanos = new long[count];
        for (int i = 0; i < count; i++) {
            long start = System.nanoTime();
            link.echo("beside");
            nanos[i] = System.nanoTime() - start;
            link.client().forget();
            link.server().forget();
        }
        Arrays.sort(nanos);
        return new RoundTrips.Times(nanos);
    }
}
