package tofu.tests.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.PeerIdentity;
import tofu.api.Status;
import tofu.api.TlsSettings;
import tofu.api.TlsSettings.ClientAuthentication;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Secured;
import tofu.tests.rigs.Stage;

/// A peer that nobody here wrote: `openssl s_client`. Skipped where there is none.
class OpenSslScenario {
    @RegisterExtension final Stage stage = new Stage();
    @TempDir Path folder;
    private @Nullable Peer listening;

    @BeforeEach
    void isInstalled() {
        try {
            Process version =
                    new ProcessBuilder("openssl", "version")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            assumeTrue(version.waitFor() == 0, "openssl does not work");
        } catch (IOException e) {
            abort("openssl is not installed");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// A running `openssl s_client`, with its output in a file.
    private record Client(Process process, Path output) implements AutoCloseable {
        String said() {
            try {
                return Files.readString(output, ISO_8859_1);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        void expect(String text) {
            Eventually.holds(text + " in " + output, () -> said().contains(text));
        }

        void expectEnd() {
            try {
                assertThat(process.waitFor(Peer.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    private Client client(String address, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of("openssl", "s_client", "-connect"));
        command.add("127.0.0.1:" + address.split("\\|")[2]);
        command.addAll(List.of("-CAfile", Secured.FILES.authorities().toString()));
        command.addAll(List.of("-verify_return_error", "-nocommands"));
        command.addAll(Arrays.asList(more));
        Path output = folder.resolve("output-" + System.nanoTime());
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        stage.own(process::destroyForcibly);
        return new Client(process, output);
    }

    private String listen(UnaryOperator<Options.Builder> options) {
        listening = stage.peer(options);
        return server().listen("tls|127.0.0.1|0").address();
    }

    private Peer server() {
        return Objects.requireNonNull(listening);
    }

    @Test
    void itTalks() throws IOException {
        String address = listen(Secured.server(ClientAuthentication.NEEDED));
        try (Client client =
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
            OutputStream out = client.process.getOutputStream();
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
        try (Client client = client(address, "-tls1_2", "-alpn", "tofu/1")) {
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
            try (Client client = client(address, "-quiet", version, "-alpn", "tofu/1")) {
                OutputStream out = client.process.getOutputStream();
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
        try (Client client =
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
        try (Client client =
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
        try (Client client = client(address, "-alpn", "h2")) {
            client.expect("no application protocol");
        }
        expectRefused(Status.TLS_NOT_TOFU);
        try (Client client = client(address)) {
            client.expectEnd();
        }
        expectRefused(Status.TLS_NOT_TOFU);
    }

    @Test
    void withoutACertificateItIsRefusedWhereOneIsNeeded() throws IOException {
        String address = listen(Secured.server(ClientAuthentication.NEEDED));
        try (Client client = client(address, "-alpn", "tofu/1")) {
            client.expect("alert certificate required");
        }
        expectRefused(Status.TLS_CLIENT_CERTIFICATE_MISSING);
    }

    @Test
    void whatIsOfferedIsSafe() throws IOException {
        String address = listen(Secured.server());
        for (String offer : List.of("-tls1", "-tls1_1", "-tls1_2")) {
            try (Client client = client(address, offer, "-cipher", "ALL:@SECLEVEL=0")) {
                client.expectEnd();
                assertThat(client.said()).as(offer).doesNotContain("Cipher is TLS");
            }
            // Old versions are none in common, or what openssl itself refuses to say.
            Received notice = server().poll(Duration.ofSeconds(5));
            if (notice != null) {
                assertThat(notice.status())
                        .isIn(
                                Status.TLS_NO_COMMON_VERSION,
                                Status.TLS_FAILED,
                                Status.TLS_TRUNCATED);
                server().expectClosed(notice.channel(), 0);
            }
        }
        try (Client client =
                client(address, "-tls1_3", "-alpn", "tofu/1", "-early_data", "/dev/null")) {
            client.expect("Early data was not sent");
            client.expect("Compression: NONE");
        }
        server().ignoreRest();
    }

    private void expectRefused(Status status) {
        Received notice = server().next();
        assertThat(notice.status()).as(notice.toString()).isEqualTo(status);
        server().expectClosed(notice.channel(), 0);
    }
}
