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
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.BinaryHeader;
import tofu.api.Status;
import tofu.api.TlsSettings;
import tofu.api.TlsSettings.ClientAuthentication;
import tofu.tests.rigs.Hellos;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Received;
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

    @RegisterExtension final Stage stage = new Stage();

    private static SocketChannel connect(String address) throws IOException {
        int port = Integer.parseInt(address.split("\\|")[2]);
        return SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    // ---- certificates

    @ParameterizedTest
    @CsvSource({"1, 200000", "100, 0", "100, 50000"})
    void certificatesThatAreTooLongAreRefused(int length, int paddingBytes) throws Exception {
        SSLContext oversized = Certificates.oversized(length, paddingBytes);
        Peer server = stage.peer(Secured.server(ClientAuthentication.NEEDED));
        String address = server.listen(LISTEN).address();
        try (Foreign giant = Foreign.connect(oversized, address, "TLSv1.3", TlsSettings.PROTOCOL)) {
            assertThatThrownBy(() -> giant.socket().getInputStream().read())
                    .isInstanceOf(IOException.class);
        }
        Received notice = server.next();
        assertThat(notice.status())
                .as(notice.toString())
                .isIn(Status.TLS_FAILED, Status.TLS_CERTIFICATE_UNKNOWN);
        server.expectClosed(notice.channel(), 0);
        Link.open(stage.peer(Secured.client("client")), server, address).bye();

        try (Foreign giant = Foreign.listen(oversized, "TLSv1.3", TlsSettings.PROTOCOL)) {
            Peer client = stage.peer(Secured.client());
            BinaryHeader hello = client.sayHello(giant.address());
            Received told = client.untilClosed(hello.channel()).getLast();
            assertThat(told.status())
                    .as(told.toString())
                    .isIn(Status.TLS_FAILED, Status.TLS_CERTIFICATE_UNKNOWN);
        }
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
        besieged.link.echo("before");
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
        for (int i = 0; i < 100; i++) {
            besieged.link.echo("beside all, " + i);
        }
        long each = (Vitals.heapBytes() - before) / count;
        System.out.println(count + " half-open peers of TLS, " + each + " bytes of heap each");
        assertThat(each).as("bytes for each half-open peer").isLessThan(BYTES_EACH);
        assertThat(besieged.victim.poll(Duration.ZERO)).as("nobody had to go").isNull();
        for (SocketChannel peer : peers) {
            peer.close();
        }
        besieged.link.bye();
    }
}
