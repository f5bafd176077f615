package tofu.tests.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.BinaryHeader;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;
import tofu.api.TlsSettings;
import tofu.api.TlsSettings.ClientAuthentication;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawDoor;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Secured;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// Each way in which TLS fails, by a real handshake: what the two sides are told.
class TlsFailureScenario {
    private static final String LISTEN = "tls|127.0.0.1|0";

    @RegisterExtension final Stage stage = new Stage();

    /// What a client is told whose hello comes back, or goes unanswered.
    private static void expectFailed(Peer client, BinaryHeader hello, Status status, String cause) {
        List<Received> told = client.untilClosed(hello.channel());
        Received notice = told.getLast();
        assertThat(notice.status()).as(client.story()).isEqualTo(status);
        assertThat(notice.opCode()).isEqualTo(OpCode.SIGNAL);
        assertThat(notice.id()).isEqualTo(hello.id());
        assertThat(notice.isFromEngine()).isTrue();
        assertThat(notice.required(Status.CAUSE)).contains(cause);
        for (Received returned : told.subList(0, told.size() - 1)) {
            assertThat(returned.opCode()).isEqualTo(OpCode.HELLO_REQUEST);
            assertThat(returned.status()).isEqualTo(status);
        }
    }

    /// What a server is told of somebody who has not said hello.
    private static void expectRefused(Peer server, Status status, String cause) {
        Received notice = server.next();
        assertThat(notice.status()).as(notice.toString()).isEqualTo(status);
        assertThat(notice.isFromEngine()).isTrue();
        assertThat(notice.required(Status.CAUSE)).contains(cause);
        server.expectClosed(notice.channel(), 0);
    }

    private void expect(
            UnaryOperator<Options.Builder> serverOptions,
            UnaryOperator<Options.Builder> clientOptions,
            Told atServer,
            Told atClient) {
        Peer server = stage.peer(serverOptions);
        Peer client = stage.peer(clientOptions);
        BinaryHeader hello = client.sayHello(server.listen(LISTEN).address());
        expectFailed(client, hello, atClient.status, atClient.cause);
        expectRefused(server, atServer.status, atServer.cause);
        server.expectNothing();
        client.expectNothing();
        assertThat(handshakesOf(server)).as("handshakes that were completed").isZero();
    }

    private static long handshakesOf(Peer peer) {
        return peer.ampe().statistics().events().tlsHandshakes();
    }

    private record Told(Status status, String cause) {}

    @Test
    void aServerForWhomNobodyVouchesIsUnknown() {
        expect(
                Secured.by(TlsSettings.of(Secured.files("stranger"))),
                Secured.client(),
                new Told(Status.TLS_CERTIFICATE_UNKNOWN, "certificate_unknown"),
                new Told(
                        Status.TLS_CERTIFICATE_UNKNOWN, "unable to find valid certification path"));
    }

    @Test
    void aCertificateOfYoreHasExpired() {
        expect(
                Secured.by(TlsSettings.of(Secured.files("expired"))),
                Secured.client(),
                new Told(Status.TLS_CERTIFICATE_EXPIRED, "certificate_expired"),
                new Told(Status.TLS_CERTIFICATE_EXPIRED, "NotAfter"));
    }

    @Test
    void aCertificateForAnotherHostIsForTheWrongOne() {
        expect(
                Secured.by(TlsSettings.of(Secured.files("elsewhere"))),
                Secured.client(),
                new Told(Status.TLS_CERTIFICATE_UNKNOWN, "certificate_unknown"),
                new Told(Status.TLS_WRONG_HOST, "127.0.0.1"));
    }

    @Test
    void aClientWithoutACertificateIsRefusedWhereOneIsNeeded() {
        expect(
                Secured.server(ClientAuthentication.NEEDED),
                Secured.client(),
                new Told(Status.TLS_CLIENT_CERTIFICATE_MISSING, "Empty client certificate chain"),
                new Told(Status.TLS_CLIENT_CERTIFICATE_MISSING, "certificate_required"));
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void aClientForWhomNobodyVouchesIsUnknown(ClientAuthentication asks) {
        // A client of the JDK shows only what the server has said it would trust.
        expect(
                Secured.server(asks),
                Secured.by(TlsSettings.of(() -> Certificates.insistentOf("stranger"))),
                new Told(Status.TLS_CERTIFICATE_UNKNOWN, "unable to find valid certification path"),
                new Told(Status.TLS_CERTIFICATE_UNKNOWN, "certificate_unknown"));
    }

    @Test
    void aClientWhoseCertificateHasExpiredIsRefused() {
        expect(
                Secured.server(ClientAuthentication.NEEDED),
                Secured.client("expired"),
                new Told(Status.TLS_CERTIFICATE_EXPIRED, "NotAfter"),
                // A server of the JDK does not say more.
                new Told(Status.TLS_CERTIFICATE_UNKNOWN, "certificate_unknown"));
    }

    @Test
    void whoSpeaksOldVersionsOnlyHasNoneInCommon() throws Exception {
        Peer server = stage.peer(Secured.server());
        String address = server.listen(LISTEN).address();
        try (Foreign old = Foreign.connect(address, "TLSv1.2", TlsSettings.PROTOCOL)) {
            old.expectFailure("protocol_version");
        }
        expectRefused(server, Status.TLS_NO_COMMON_VERSION, "protocol_version");

        try (Foreign old = Foreign.listen("TLSv1.2", TlsSettings.PROTOCOL)) {
            Peer client = stage.peer(Secured.client());
            BinaryHeader hello = client.sayHello(old.address());
            expectFailed(client, hello, Status.TLS_NO_COMMON_VERSION, "protocol_version");
        }
    }

    @Test
    void whoSpeaksAnotherProtocolIsNotTofu() throws Exception {
        Peer server = stage.peer(Secured.server());
        String address = server.listen(LISTEN).address();
        try (Foreign web = Foreign.connect(address, "TLSv1.3", "h2")) {
            web.expectFailure("no_application_protocol");
        }
        expectRefused(server, Status.TLS_NOT_TOFU, "no_application_protocol");
        try (Foreign silent = Foreign.connect(address, "TLSv1.3")) {
            silent.expectEnd();
        }
        expectRefused(server, Status.TLS_NOT_TOFU, "tofu/1");

        try (Foreign web = Foreign.listen("TLSv1.3")) {
            Peer client = stage.peer(Secured.client());
            BinaryHeader hello = client.sayHello(web.address());
            expectFailed(client, hello, Status.TLS_NOT_TOFU, "tofu/1");
        }
        try (Foreign web = Foreign.listen("TLSv1.3", "h2")) {
            Peer client = stage.peer(Secured.client());
            BinaryHeader hello = client.sayHello(web.address());
            expectFailed(client, hello, Status.TLS_NOT_TOFU, "no_application_protocol");
        }
    }

    @Test
    void aPlainClientIsTold() {
        Peer server = stage.peer(Secured.server());
        String address = server.listen(LISTEN).address();
        for (byte[] bytes :
                List.of(
                        Frame.concat(Frame.hello(1)),
                        "GET / HTTP/1.1\r\n".getBytes(US_ASCII),
                        new byte[] {22, 3, 1, 0, 9, 2}, // a record with a hello that is a server's
                        new byte[] {22, 2})) {
            RawPeer plain = stage.raw(plain(address)).send(bytes);
            expectRefused(server, Status.TLS_PLAINTEXT, "does not speak TLS");
            assertThat(plain.expectEnding()).isNotNull();
        }
        assertThat(handshakesOf(server)).as("handshakes that were completed").isZero();
    }

    private static String plain(String address) {
        return address.replace("tls|", "tcp|");
    }

    @Test
    void aPlainServerIsTold() {
        RawDoor door = stage.rawDoor(Transport.TCP);
        Peer client = stage.peer(Secured.client());
        BinaryHeader hello = client.sayHello(door.address().replace("tcp|", "tls|"));
        stage.accept(door).send(Frame.of(OpCode.SIGNAL, 1));
        expectFailed(client, hello, Status.TLS_PLAINTEXT, "does not speak TLS");
    }

    @Test
    void aServerThatGoesWithinTheHandshakeHasCutItOff() throws Exception {
        RawDoor door = stage.rawDoor(Transport.TCP);
        Peer client = stage.peer(Secured.client());
        BinaryHeader hello = client.sayHello(door.address().replace("tcp|", "tls|"));
        RawPeer plain = stage.accept(door);
        plain.receive(5);
        plain.finish();
        expectFailed(client, hello, Status.TLS_TRUNCATED, "maybe it does not speak TLS");
    }

    @Test
    void aHandshakeThatTakesTooLongEnds() {
        UnaryOperator<Options.Builder> hasty =
                options -> options.handshakeTimeout(Duration.ofMillis(300));
        RawDoor door = stage.rawDoor(Transport.TCP);
        Peer client = stage.peer(o -> hasty.apply(Secured.client().apply(o)));
        BinaryHeader hello = client.sayHello(door.address().replace("tcp|", "tls|"));
        stage.accept(door);
        expectFailed(client, hello, Status.HANDSHAKE_TIMEOUT, "handshake of TLS");

        Peer server = stage.peer(o -> hasty.apply(Secured.server().apply(o)));
        String address = plain(server.listen(LISTEN).address());
        for (byte[] begun : List.of(new byte[0], new byte[] {22, 3, 1, 1, 0, 1, 0})) {
            RawPeer slow = stage.raw(address).send(begun);
            expectRefused(server, Status.HANDSHAKE_TIMEOUT, "handshake of TLS");
            slow.expectEnding();
        }
    }

    @Test
    void whatIsNoRecordFails() {
        Peer server = stage.peer(Secured.server());
        String address = plain(server.listen(LISTEN).address());
        byte[] giant = {22, 3, 3, (byte) 255, (byte) 255, 1, 0, 0, 0};
        stage.raw(address).send(giant);
        expectRefused(server, Status.TLS_FAILED, "");

        byte[] large = Arrays.copyOf(new byte[] {22, 3, 3, (byte) 0x80, 0, 1, 0, 0x7F}, 18_000);
        stage.raw(address).send(large); // the JDK would wait for the rest
        expectRefused(server, Status.TLS_FAILED, "too long");
    }

    @Test
    void keysThatAreNotThereFailOneConnection() {
        Peer server =
                stage.peer(
                        Secured.by(
                                TlsSettings.of(
                                        () -> {
                                            throw new IllegalStateException("the safe is shut");
                                        })));
        Peer client = stage.peer(Secured.client());
        BinaryHeader hello = client.sayHello(server.listen(LISTEN).address());
        expectRefused(server, Status.TLS_FAILED, "the safe is shut");
        assertThat(client.untilClosed(hello.channel())).isNotEmpty();

        Peer second = stage.peer(Secured.by(TlsSettings.of(TlsFailureScenario::nothing)));
        RawDoor door = stage.rawDoor(Transport.TCP);
        BinaryHeader again = second.sayHello(door.address().replace("tcp|", "tls|"));
        stage.accept(door);
        expectFailed(second, again, Status.TLS_FAILED, "null");
    }

    @SuppressWarnings("NullAway") // that is the point
    private static SSLContext nothing() {
        return null;
    }

    @Test
    void withoutSettingsThereIsNoTls() {
        Peer plain = stage.peer();
        BinaryHeader welcome = plain.sayWelcome(LISTEN);
        plain.expectReturned(OpCode.WELCOME_RESPONSE, welcome.id(), Status.TLS_FAILED);
        plain.expectClosed(welcome.channel(), welcome.id());
        BinaryHeader hello = plain.sayHello("tls|127.0.0.1|1");
        plain.expectReturned(OpCode.HELLO_RESPONSE, hello.id(), Status.TLS_FAILED);
        plain.expectClosed(hello.channel(), hello.id());
    }

    /// Our hello of that handshake does not get through, so that it is the request that is refused.
    @Test
    void aServerThatWantsToRenegotiateIsRefused() throws Exception {
        Peer client =
                stage.peer(Secured.by(TlsSettings.builder(Secured.noFiles()).allowTls12().build()));
        Relay.Meddler noLateHello =
                (number, record) -> number > 3 && record[0] == 22 ? List.of() : List.of(record);
        try (Foreign server = Foreign.listenAndRenegotiate("TLSv1.2", TlsSettings.PROTOCOL);
                Relay relay = Relay.before(server.address(), noLateHello, Relay.HONEST)) {
            BinaryHeader hello = client.sayHello(relay.address());
            Received notice = client.untilClosed(hello.channel()).getLast();
            assertThat(notice.status()).as(notice.toString()).isEqualTo(Status.TLS_FAILED);
            assertThat(notice.required(Status.CAUSE)).contains("renegotiate");
        }
    }
}
