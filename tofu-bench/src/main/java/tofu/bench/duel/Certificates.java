package tofu.bench.duel;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLSession;
import tofu.api.PemFiles;
import tofu.fixtures.TestCertificates;

/// What all systems speak TLS with, so that none has it easier: one key (EC, P-256) and its chain,
/// one version, one cipher suite, and no session that is resumed.
///
/// The runner makes the files once; each side is told by a system property where they are.
///
/// @param folder where the files are
record Certificates(Path folder) {
    static final String PROTOCOL = "TLSv1.3";

    /// The one that BoringSSL takes on processors with instructions for AES: it takes no orders.
    static final String CIPHER_SUITE = "TLS_AES_128_GCM_SHA256";

    private static final String PROPERTY = "tofu.bench.certificates";

    /// Arguments for a side's JVM. A server that gives no tickets makes each handshake a full one;
    /// native OpenSSL's clients keep none by themselves.
    static List<String> flags() {
        Path folder = Objects.requireNonNull(TestCertificates.shared().authorities().getParent());
        return List.of("-D" + PROPERTY + "=" + folder, "-Djdk.tls.server.newSessionTicketCount=0");
    }

    static Certificates ofProperty() {
        return new Certificates(Path.of(System.getProperty(PROPERTY, "")));
    }

    Path key() {
        return folder.resolve("server.key");
    }

    Path chain() {
        return folder.resolve("server.crt");
    }

    Path authorities() {
        return folder.resolve("authorities.crt");
    }

    /// For the JDK's engine, on either side.
    PemFiles files() {
        return PemFiles.of(key(), chain(), authorities());
    }

    /// Checks what two sides have agreed upon.
    static void check(SSLSession session) {
        check(session.getProtocol(), session.getCipherSuite());
    }

    /// Checks what two sides have agreed upon.
    static void check(String protocol, String cipherSuite) {
        if (!protocol.equals(PROTOCOL) || !cipherSuite.equals(CIPHER_SUITE)) {
            throw new IllegalStateException(
                    protocol + " with " + cipherSuite + " is not what all others speak");
        }
    }
}
