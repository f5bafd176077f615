package tofu.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tofu.api.OpCode;
import tofu.api.PeerIdentity;
import tofu.api.Status;
import tofu.api.TlsSettings;
import tofu.api.TlsSettings.ClientAuthentication;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Secured;

/// A peer that nobody here wrote: `openssl s_client`. Skipped where there is none.
class OpenSslScenario extends OpenSslServer {
    @Test
    void itTalks() throws IOException {
        String address = listen(Secured.server(ClientAuthentication.NEEDED));
        try (OpenSsl client =
                client(
                        address,
                        "-quiet",
                        "-alpn",
                        "tofu/1",
                        "-servername",
                        "server.tofu.test",
                        "-verify_hostname",
                        "server.tofu.test",
                        "-cert",
                        Secured.FILES.chain("client").toString(),
                        "-cert_chain",
                        Secured.FILES.chain("client").toString(),
                        "-key",
                        Secured.FILES.key("client").toString())) {
            OutputStream out = client.process().getOutputStream();
            out.write(Frame.concat(Frame.hello(1), Frame.of(OpCode.REQUEST, 2, "from openssl")));
            out.flush();
            Received hello = server().expect(OpCode.HELLO_REQUEST, 1);
            PeerIdentity.Tls seen =
                    (PeerIdentity.Tls)
                            Objects.requireNonNull(server().group().channel(hello.channel()))
                                    .peer()
                                    .credentials();
            assertThat(Objects.requireNonNull(seen).isFor("alice.tofu.test")).isTrue();
            assertThat(server().expect(OpCode.REQUEST, 2).body()).isEqualTo("from openssl");
            server().say(
                            OpCode.RESPONSE,
                            hello.channel(),
                            m -> m.id(2).body().append("to openssl"));
            client.expect("to openssl");
            server().say(OpCode.BYE_SIGNAL, hello.channel());
            server().untilClosed(hello.channel());
            client.expectEnd();
        }
    }

    @Test
    void ofTls12ItIsOfferedNothing() throws IOException {
        String address = listen(Secured.server());
        try (OpenSsl client = client(address, "-tls1_2", "-alpn", "tofu/1")) {
            client.expect("alert protocol version");
        }
        expectRefused(Status.TLS_NO_COMMON_VERSION);
    }

    @Test
    void ofTls12ItTalksWhereThatIsAllowed() throws IOException {
        String address =
                listen(
                        Secured.by(
                                TlsSettings.builder(Secured.files("server")).allowTls12().build()));
        for (String version : List.of("-tls1_2", "-tls1_3")) {
            try (OpenSsl client = client(address, "-quiet", version, "-alpn", "tofu/1")) {
                OutputStream out = client.process().getOutputStream();
                for (byte one : Frame.concat(Frame.hello(1))) { // each in a record of its own
                    out.write(one);
                    out.flush();
                }
                Received hello = server().expect(OpCode.HELLO_REQUEST, 1);
                PeerIdentity.Tls seen =
                        (PeerIdentity.Tls)
                                Objects.requireNonNull(server().group().channel(hello.channel()))
                                        .peer()
                                        .credentials();
                assertThat(Objects.requireNonNull(seen).protocol())
                        .isEqualTo(version.replace("-tls1_", "TLSv1."));
                server().say(OpCode.BYE_SIGNAL, hello.channel());
                server().untilClosed(hello.channel());
                client.expectEnd();
            }
        }
    }

    /// The name that a client asks for (SNI) is for those who have several certificates; this
    /// server has one, and it is the client's affair whether that will do.
    @Test
    void aNameThatIsNoneOfOursIsTheClientsAffair() throws IOException {
        String address = listen(Secured.server());
        try (OpenSsl client =
                client(
                        address,
                        "-alpn",
                        "tofu/1",
                        "-servername",
                        "elsewhere.tofu.test",
                        "-verify_hostname",
                        "elsewhere.tofu.test")) {
            client.expect("ostname mismatch");
            client.expectEnd();
        }
        expectRefused(Status.TLS_CERTIFICATE_UNKNOWN);
    }

    @Test
    void aCertificateOfSomebodyUnknownIsRefused() throws IOException {
        String address = listen(Secured.server(ClientAuthentication.WANTED));
        try (OpenSsl client =
                client(
                        address,
                        "-alpn",
                        "tofu/1",
                        "-cert",
                        Secured.FILES.chain("stranger").toString(),
                        "-key",
                        Secured.FILES.key("stranger").toString())) {
            client.expect("alert certificate unknown");
        }
        expectRefused(Status.TLS_CERTIFICATE_UNKNOWN);
    }

    @Test
    void anotherProtocolIsRefused() throws IOException {
        String address = listen(Secured.server());
        try (OpenSsl client = client(address, "-alpn", "h2")) {
            client.expect("no application protocol");
        }
        expectRefused(Status.TLS_NOT_TOFU);
        try (OpenSsl client = client(address)) {
            client.expectEnd();
        }
        expectRefused(Status.TLS_NOT_TOFU);
    }

    @Test
    void withoutACertificateItIsRefusedWhereOneIsNeeded() throws IOException {
        String address = listen(Secured.server(ClientAuthentication.NEEDED));
        try (OpenSsl client = client(address, "-alpn", "tofu/1")) {
            client.expect("alert certificate required");
        }
        expectRefused(Status.TLS_CLIENT_CERTIFICATE_MISSING);
    }

    private void expectRefused(Status status) {
        Received notice = server().next();
        assertThat(notice.status()).as(notice.toString()).isEqualTo(status);
        server().expectClosed(notice.channel(), 0);
    }
}
