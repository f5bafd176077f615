package tofu.tests.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;
import tofu.api.TlsSettings;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Hellos;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Secured;

/// What a server of ours offers, asked for by `openssl s_client` one by one, and without regard to
/// what is safe. Skipped where there is no OpenSSL.
class OpenSslOffersScenario extends OpenSslServer {
    /// However unsafe.
    private static final List<String> ALL = List.of("-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0");

    /// Of TLS 1.3, which has no others that the JDK knows.
    private static final List<String> SUITES =
            List.of(
                    "TLS_AES_128_GCM_SHA256",
                    "TLS_AES_256_GCM_SHA384",
                    "TLS_CHACHA20_POLY1305_SHA256");

    /// Of TLS 1.2, with a key on a curve: each has forward secrecy.
    private static final List<String> OLD_SUITES =
            List.of(
                    "ECDHE-ECDSA-AES128-GCM-SHA256",
                    "ECDHE-ECDSA-AES128-SHA",
                    "ECDHE-ECDSA-AES128-SHA256",
                    "ECDHE-ECDSA-AES256-GCM-SHA384",
                    "ECDHE-ECDSA-AES256-SHA",
                    "ECDHE-ECDSA-AES256-SHA384",
                    "ECDHE-ECDSA-CHACHA20-POLY1305");

    /// Where a hello's session id has its length: after record, message, version and random.
    private static final int SESSION_ID = 5 + 4 + 2 + 32;

    private static UnaryOperator<Options.Builder> oldToo() {
        return Secured.by(TlsSettings.builder(Secured.files("server")).allowTls12().build());
    }

    /// Connects, and leaves after the handshake.
    ///
    /// @return what is said about it
    private String offer(String address, String... more) throws IOException {
        List<String> options = new ArrayList<>(List.of("-alpn", "tofu/1"));
        options.addAll(Arrays.asList(more));
        try (OpenSsl client = client(address, options.toArray(String[]::new))) {
            client.process().getOutputStream().close();
            client.expectEnd();
            return client.said();
        }
    }

    /// Which of them make a handshake, each by itself.
    private List<String> accepted(String address, String option, List<String> each, String... more)
            throws IOException {
        List<String> accepted = new ArrayList<>();
        for (String one : each) {
            List<String> options = new ArrayList<>(List.of(option, one));
            options.addAll(Arrays.asList(more));
            if (offer(address, options.toArray(String[]::new)).contains("New, TLSv1")) {
                accepted.add(one);
            }
        }
        return accepted;
    }

    /// What this OpenSSL can do, however unsafe.
    private static List<String> suites(String... filter) throws IOException {
        List<String> command = new ArrayList<>(List.of("openssl", "ciphers", "-s"));
        command.addAll(Arrays.asList(filter));
        Process process = new ProcessBuilder(command).start();
        String text = new String(process.getInputStream().readAllBytes(), ISO_8859_1).strip();
        return List.of(text.split(":"));
    }

    @Test
    void oneVersionIsOffered() throws IOException {
        String address = listen(Secured.server());
        server().ignoreRest();
        for (String version : List.of("-tls1", "-tls1_1", "-tls1_2")) {
            assertThat(offer(address, version, ALL.get(0), ALL.get(1)))
                    .as(version)
                    .contains("Cipher is (NONE)");
        }
        assertThat(offer(address, "-tls1_3")).contains("New, TLSv1.3, Cipher is TLS_");
    }

    @Test
    void suitesThatAreOfferedAreSafe() throws IOException {
        String address = listen(Secured.server());
        server().ignoreRest();
        List<String> known = new ArrayList<>(SUITES);
        known.addAll(List.of("TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"));
        assertThat(accepted(address, "-ciphersuites", known, "-tls1_3"))
                .containsExactlyInAnyOrderElementsOf(SUITES);
    }

    @Test
    @Tag("long") // some ninety handshakes
    void suitesThatAreOfferedToOldPeersAreSafe() throws IOException {
        String address = listen(oldToo());
        server().ignoreRest();
        List<String> known = suites("-tls1_2", ALL.get(1));
        assertThat(known).hasSizeGreaterThan(OLD_SUITES.size()).containsAll(OLD_SUITES);
        List<String> each = known.stream().map(suite -> suite + ":@SECLEVEL=0").toList();
        assertThat(accepted(address, "-cipher", each, "-tls1_2"))
                .map(suite -> suite.replace(":@SECLEVEL=0", ""))
                .containsExactlyInAnyOrderElementsOf(OLD_SUITES);
        for (String version : List.of("-tls1", "-tls1_1")) {
            assertThat(offer(address, version, ALL.get(0), ALL.get(1)))
                    .as(version)
                    .contains("Cipher is (NONE)");
        }
    }

    @Test
    void groupsThatAreOfferedAreSafe() throws IOException {
        String address = listen(oldToo());
        server().ignoreRest();
        List<String> safe = List.of("X25519", "X448", "P-256", "P-384", "P-521", "ffdhe2048");
        assertThat(accepted(address, "-groups", safe, "-tls1_3")).isEqualTo(safe);
        // None of these is of TLS 1.3.
        List<String> unsafe = List.of("P-192", "P-224", "secp256k1", "sect163k1", "sect283r1");
        assertThat(accepted(address, "-groups", unsafe, "-tls1_2", ALL.get(0), ALL.get(1)))
                .isEmpty();
    }

    /// The ticket says how much may be sent with the next hello. It comes with the first answer.
    @Test
    void noEarlyDataIsOffered() throws IOException {
        String address = listen(Secured.server());
        try (OpenSsl client = client(address, "-tls1_3", "-alpn", "tofu/1")) {
            OutputStream out = client.process().getOutputStream();
            out.write(Frame.concat(Frame.hello(1)));
            out.flush();
            Received hello = server().expect(OpCode.HELLO_REQUEST, 1);
            server().say(OpCode.BYE_SIGNAL, hello.channel());
            server().untilClosed(hello.channel());
            client.expect("Max Early Data: ");
            assertThat(client.said()).containsPattern("Max Early Data: 0\\R");
        }
    }

    /// TLS 1.3 has none, and an OpenSSL as distributions build it asks for none, so here it is the
    /// first bytes of a client that would have nothing else.
    @Test
    void noCompressionIsOffered() throws IOException {
        byte[] hello = Hellos.client();
        int suites = SESSION_ID + 1 + hello[SESSION_ID];
        int methods = suites + 2 + ((hello[suites] & 0xFF) << 8 | hello[suites + 1] & 0xFF);
        assertThat(hello[methods]).as("one method").isEqualTo((byte) 1);
        hello[methods + 1] = 1; // DEFLATE, RFC 3749
        String address = listen(oldToo());
        server().ignoreRest();
        RawPeer client = stage.raw(address.replace("tls|", "tcp|")).send(hello);
        byte[] answer = client.receive(SESSION_ID + 1);
        assertThat(answer[0]).as("a record of a handshake").isEqualTo((byte) 22);
        assertThat(answer[5]).as("a server's hello").isEqualTo((byte) 2);
        byte[] chosen = client.receive(answer[SESSION_ID] + 3); // with the suite
        assertThat(chosen[chosen.length - 1]).as("compression").isZero();
    }

    @Test
    void nobodyMayRenegotiate() throws IOException {
        String address = listen(oldToo());
        try (OpenSsl client =
                OpenSsl.commanding(stage, folder, address, "-tls1_2", "-alpn", "tofu/1")) {
            client.expect("New, TLSv1.2, Cipher is ECDHE-");
            OutputStream out = client.process().getOutputStream();
            out.write("R\n".getBytes(ISO_8859_1));
            out.flush();
            client.expect("RENEGOTIATING");
            client.expectEnd();
            assertThat(client.said()).doesNotContain("DONE");
        }
        expectRefused(Status.TLS_FAILED);
    }

    private void expectRefused(Status status) {
        Received notice = server().next();
        assertThat(notice.status()).as(notice.toString()).isEqualTo(status);
        server().expectClosed(notice.channel(), 0);
    }
}
