package tofu.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Address;
import tofu.api.Admission;
import tofu.api.BinaryHeader;
import tofu.api.Channel;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.PeerIdentity;
import tofu.api.Status;
import tofu.api.TlsSettings;
import tofu.api.TlsSettings.ClientAuthentication;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Secured;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// What works over TLS.
class TlsScenario {
    private static final String LISTEN = "tls|127.0.0.1|0";

    @RegisterExtension final Stage stage = new Stage();

    private Link link(
            UnaryOperator<Options.Builder> server, UnaryOperator<Options.Builder> client) {
        Peer listener = stage.peer(server);
        return Link.open(stage.peer(client), listener, listener.listen(LISTEN).address());
    }

    private static PeerIdentity.Tls identity(Peer peer, int channel) {
        Channel seen = Objects.requireNonNull(peer.group().channel(channel));
        assertThat(seen.peer().remoteAddress()).isEqualTo(seen.remoteAddress()).isNotNull();
        return (PeerIdentity.Tls) Objects.requireNonNull(seen.peer().credentials());
    }

    @Test
    void twoPeersTalkAndSayBye() {
        Link link = link(Secured.server(), Secured.client());
        link.echo("hello");
        link.echo("x".repeat(60_000));
        PeerIdentity.Tls server = identity(link.client(), link.clientChannel());
        assertThat(Objects.requireNonNull(server.subject()).getName()).isEqualTo("CN=server");
        assertThat(server.certificates()).hasSize(2);
        assertThat(server.alternativeNames())
                .contains("DNS:localhost", "DNS:server.tofu.test", "IP:127.0.0.1");
        assertThat(server.protocol()).isEqualTo("TLSv1.3");
        assertThat(server.cipherSuite()).startsWith("TLS_AES");
        assertThat(identity(link.server(), link.serverChannel()).certificates()).isEmpty();
        assertThat(link.client().ampe().statistics().events().tlsHandshakes()).isOne();
        assertThat(link.server().ampe().statistics().events().tlsHandshakes()).isOne();
        link.bye();
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void theServerKnowsItsClientBeforeTheHello(ClientAuthentication asks) {
        Peer server = stage.peer(Secured.server(asks));
        Peer client = stage.peer(Secured.client("client"));
        String address = server.listen(LISTEN).address();
        for (int i = 0; i < 3; i++) { // the second one resumes the first one's session
            BinaryHeader hello = client.sayHello(address);
            Received request = server.expect(OpCode.HELLO_REQUEST, hello.id());
            PeerIdentity.Tls alice = identity(server, request.channel());
            assertThat(Objects.requireNonNull(alice.subject()).getName()).isEqualTo("CN=alice");
            assertThat(alice.isFor("ALICE.tofu.test")).isTrue();
            assertThat(alice.isFor("bob.tofu.test")).isFalse();
            assertThat(alice.alternativeNames()).contains("email:alice@tofu.test");
            server.say(OpCode.BYE_SIGNAL, request.channel());
            server.untilClosed(request.channel());
            client.untilClosed(hello.channel());
        }
    }

    @Test
    void whoeverIsAskedMayHaveNoCertificate() {
        Link link = link(Secured.server(ClientAuthentication.WANTED), Secured.client());
        assertThat(identity(link.server(), link.serverChannel()).subject()).isNull();
        assertThat(identity(link.server(), link.serverChannel()).isFor("x")).isFalse();
        link.bye();
    }

    @Test
    void listenersOfAllKindsAreOneGroups() {
        Peer server = stage.peer(Secured.server());
        List<String> addresses =
                List.of(
                        server.listen(Transport.TCP).address(),
                        server.listen(LISTEN).address(),
                        server.listen(Transport.UDS).address(),
                        server.listen(LISTEN).address());
        for (String address : addresses) {
            Link link = Link.open(stage.peer(Secured.client()), server, address);
            link.echo("by " + address);
            Object credentials =
                    Objects.requireNonNull(server.group().channel(link.serverChannel()))
                            .peer()
                            .credentials();
            assertThat(credentials instanceof PeerIdentity.Tls)
                    .isEqualTo(address.startsWith("tls|"));
            link.bye();
        }
    }

    @Test
    void theUserAtTheOtherEndOfAUnixDomainSocketIsKnown() {
        Peer server = stage.peer();
        Link link = Link.open(stage.peer(), server, server.listen(Transport.UDS).address());
        PeerIdentity.UnixUser user =
                (PeerIdentity.UnixUser)
                        Objects.requireNonNull(server.group().channel(link.serverChannel()))
                                .peer()
                                .credentials();
        assertThat(Objects.requireNonNull(user).user()).isEqualTo(System.getProperty("user.name"));
        assertThat(user.group()).isNotEmpty();
        link.bye();
    }

    @Test
    void plainTcpProvesNothing() {
        Peer server = stage.peer();
        Link link = Link.open(stage.peer(), server, server.listen(Transport.TCP).address());
        PeerIdentity peer =
                Objects.requireNonNull(server.group().channel(link.serverChannel())).peer();
        assertThat(peer.credentials()).isNull();
        assertThat(peer.remoteAddress()).isInstanceOf(Address.TcpClient.class);
        link.bye();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tls|localhost|0", "tls||0", "tls|[::1]|0"})
    void aListenerIsReachedByItsNameAndByIpv6(String where) {
        assumeTrue(!where.contains("::1") || hasIpv6(), "needs IPv6 on the loopback interface");
        Peer server = stage.peer(Secured.server());
        Address.Server bound = Address.listenOn(server.listen(where).address());
        assertThat(bound).isInstanceOf(Address.TlsServer.class);
        Peer client = stage.peer(Secured.client());
        Link.open(client, server, bound.toClient().toString()).bye();
        if (where.equals("tls||0")) {
            Link.open(client, server, bound.toClient("localhost").toString()).bye();
        }
    }

    private static boolean hasIpv6() {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral("::1"), 0));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void whoAcceptsAnyNameAcceptsAnother() {
        UnaryOperator<Options.Builder> careless =
                Secured.by(
                        TlsSettings.builder(Secured.noFiles())
                                .dangerouslyAcceptAnyHostName()
                                .build());
        link(Secured.by(TlsSettings.of(Secured.files("elsewhere"))), careless).bye();
    }

    @Test
    void certificatesAreExchangedWhileTheEngineRuns() {
        AtomicReference<SSLContext> current = new AtomicReference<>(Secured.files("server").get());
        Peer server =
                stage.peer(Secured.by(TlsSettings.of(() -> Objects.requireNonNull(current.get()))));
        String address = server.listen(LISTEN).address();
        Peer client = stage.peer(Secured.client());
        Link before = Link.open(client, server, address);
        current.set(Secured.files("renewed").get());
        Link after = Link.open(client, server, address);

        assertThat(subject(before)).isEqualTo("CN=server");
        assertThat(subject(after)).isEqualTo("CN=renewed server");
        before.echo("still here");
        before.bye();
        after.bye();
    }

    private static String subject(Link link) {
        return Objects.requireNonNull(identity(link.client(), link.clientChannel()).subject())
                .getName();
    }

    @Test
    void muchTravelsBothWaysAtOnce() {
        Link link = link(Secured.server(), Secured.client());
        int count = 200;
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            bodies.add(i + ":" + "ab".repeat(i * 137 % 30_000));
        }
        for (int i = 0; i < count; i++) {
            link.client().say(OpCode.SIGNAL, link.clientChannel(), bodies.get(i));
            link.server().say(OpCode.SIGNAL, link.serverChannel(), bodies.get(i));
            if (i % 50 == 49) {
                for (int j = i - 49; j <= i; j++) {
                    assertThat(link.server().expect(OpCode.SIGNAL).body()).isEqualTo(bodies.get(j));
                    assertThat(link.client().expect(OpCode.SIGNAL).body()).isEqualTo(bodies.get(j));
                }
            }
        }
        link.bye();
    }

    @Test
    void whatWasEnqueuedIsSentThoughTheGroupCloses() {
        Link link = link(Secured.server(), Secured.client());
        for (int i = 0; i < 300; i++) {
            link.client().say(OpCode.SIGNAL, link.clientChannel(), i + "x".repeat(5_000));
        }
        Thread closing = Thread.ofPlatform().start(() -> link.client().group().close());
        for (int i = 0; i < 300; i++) {
            assertThat(link.server().expect(OpCode.SIGNAL).body()).startsWith(i + "x");
        }
        List<Received> rest = link.server().untilClosed(link.serverChannel());
        assertThat(rest).as("a clean end tells no reason").isEmpty();
        assertThat(closing.isAlive() && !join(closing)).isFalse();
    }

    private static boolean join(Thread thread) {
        try {
            return thread.join(Peer.PATIENCE);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anEndThatTlsHasNotAnnouncedIsTruncation() throws Exception {
        Peer server = stage.peer(Secured.server());
        String address = server.listen(LISTEN).address();
        Relay.Meddler cutter = (number, record) -> record.length > 3_000 ? null : List.of(record);
        try (Relay relay = Relay.before(address, cutter, Relay.HONEST)) {
            Link link = Link.open(stage.peer(Secured.client()), server, relay.address());
            link.client().say(OpCode.REQUEST, link.clientChannel(), "x".repeat(3_000));
            for (Peer peer : List.of(link.client(), server)) {
                int channel = peer == server ? link.serverChannel() : link.clientChannel();
                Received notice = peer.expectNotice(Status.TLS_TRUNCATED, channel);
                assertThat(notice.required(Status.CAUSE)).contains("close_notify");
                peer.expectClosed(channel, link.helloId());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"replayed", "reordered", "changed", "dropped"})
    void recordsAreReadAsTheyWereWrittenOrNotAtAll(String how) throws Exception {
        Peer server = stage.peer(Secured.server());
        String address = server.listen(LISTEN).address();
        List<byte[]> held = new ArrayList<>();
        Relay.Meddler meddler =
                (number, record) -> {
                    if (record.length < 3_000) {
                        return List.of(record);
                    }
                    switch (how) {
                        case "replayed" -> {
                            return List.of(record, record);
                        }
                        case "changed" -> {
                            record[record.length - 20] ^= 1;
                            return List.of(record);
                        }
                        case "dropped" -> {
                            held.add(record);
                            return held.size() == 1 ? List.of() : List.of(record);
                        }
                        default -> {
                            held.add(record);
                            return held.size() == 2 ? held.reversed() : List.of();
                        }
                    }
                };
        try (Relay relay = Relay.before(address, meddler, Relay.HONEST)) {
            Link link = Link.open(stage.peer(Secured.client()), server, relay.address());
            // Of several records.
            link.client().say(OpCode.SIGNAL, link.clientChannel(), "x".repeat(60_000));
            server.expectNotice(Status.TLS_FAILED, link.serverChannel());
            server.expectClosed(link.serverChannel(), link.helloId());
            List<Received> told = link.client().untilClosed(link.clientChannel());
            assertThat(told.getLast().status()).isEqualTo(Status.TLS_FAILED);
            assertThat(told.getLast().required(Status.CAUSE)).contains("bad_record_mac");
        }
    }

    @Test
    void recordsMayBeOfOneByte() throws Exception {
        Peer server = stage.peer(Secured.server());
        String address = server.listen(LISTEN).address();
        try (Foreign peer = Foreign.connect(address, "TLSv1.3", TlsSettings.PROTOCOL)) {
            byte[] bytes =
                    Frame.concat(Frame.hello(1), Frame.of(OpCode.SIGNAL, 2, "y".repeat(500)));
            for (byte one : bytes) {
                peer.socket().getOutputStream().write(one);
            }
            Received hello = server.expect(OpCode.HELLO_REQUEST, 1);
            assertThat(server.expect(OpCode.SIGNAL, 2).body()).isEqualTo("y".repeat(500));
            peer.socket().shutdownOutput();
            server.expectClosed(hello.channel(), 1);
            peer.expectEnd();
        }
    }

    @Test
    void oldTlsWillDoWhereItIsAllowed() throws Exception {
        Peer server =
                stage.peer(
                        Secured.by(
                                TlsSettings.builder(Secured.files("server")).allowTls12().build()));
        String address = server.listen(LISTEN).address();
        try (Foreign peer = Foreign.connect(address, "TLSv1.2", TlsSettings.PROTOCOL)) {
            peer.socket().getOutputStream().write(Frame.concat(Frame.hello(1)));
            Received hello = server.expect(OpCode.HELLO_REQUEST, 1);
            assertThat(identity(server, hello.channel()).protocol()).isEqualTo("TLSv1.2");
            peer.socket().startHandshake(); // once more, which is not for tofu
            peer.expectFailure("");
            server.expectNotice(Status.TLS_FAILED, hello.channel());
            server.expectClosed(hello.channel(), 1);
        }
        Link.open(stage.peer(Secured.client()), server, address).bye();
    }

    @Test
    void cipherSuitesAreChosen() {
        Link link =
                link(
                        Secured.by(
                                TlsSettings.builder(Secured.files("server"))
                                        .cipherSuites("TLS_CHACHA20_POLY1305_SHA256")
                                        .build()),
                        Secured.client());
        assertThat(identity(link.client(), link.clientChannel()).cipherSuite())
                .isEqualTo("TLS_CHACHA20_POLY1305_SHA256");
        link.bye();
    }

    @Test
    void aPeerThatDoesNotReadHoldsUpNobodyElse() {
        Peer server =
                stage.peer(o -> Secured.server().apply(o).closeTimeout(Duration.ofSeconds(1)));
        String address = server.listen(LISTEN).address();
        Link slow = Link.open(stage.peer(Secured.client()), server, address);
        Channel paused =
                Objects.requireNonNull(slow.client().group().channel(slow.clientChannel()));
        paused.pauseReceive();
        int sent = 0;
        Channel full = Objects.requireNonNull(server.group().channel(slow.serverChannel()));
        while (full.queuedBytes() < 3 << 20 && sent < 3_000) {
            server.say(OpCode.SIGNAL, slow.serverChannel(), sent++ + "x".repeat(10_000));
        }
        assertThat(sent).as("until the queue is full").isLessThan(3_000);
        Link other = Link.open(stage.peer(Secured.client()), server, address);
        other.echo("meanwhile");
        paused.resumeReceive();
        for (int i = 0; i < sent; i++) {
            assertThat(slow.client().expect(OpCode.SIGNAL).body()).startsWith(i + "x");
        }
        other.bye();
        slow.bye();
    }

    // ---- admission

    @Test
    void whoMayNotComeInIsRefusedBeforeTheHandshake() {
        Admission nobody = Admission.builder().denyNetworks("127.0.0.0/8").build();
        Peer server = stage.peer(o -> Secured.server().apply(o).admission(nobody));
        String address = server.listen(LISTEN).address();
        RawPeer peer = stage.raw(address.replace("tls|", "tcp|"));
        assertThat(peer.expectEnding()).isEqualTo(RawPeer.Ending.RESET);
        Eventually.passes("the log says so", () -> stage.expectWarning("connections refused: 1"));
        assertThat(server.poll(Duration.ZERO)).as("no failure of TLS").isNull();
    }
}
