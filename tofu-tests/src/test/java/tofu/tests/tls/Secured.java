package tofu.tests.tls;

import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import tofu.api.Options;
import tofu.api.PemFiles;
import tofu.api.TlsSettings;
import tofu.api.TlsSettings.ClientAuthentication;
import tofu.fixtures.TestCertificates;

/// Options of engines that speak TLS.
final class Secured {
    static final TestCertificates FILES = TestCertificates.shared();

    private Secured() {}

    /// Somebody who says who he is, and trusts those for whom the authority of the tests vouches.
    static Supplier<SSLContext> files(String name) {
        return PemFiles.of(FILES.key(name), FILES.chain(name), FILES.authorities());
    }

    /// Somebody who says nothing of himself.
    static Supplier<SSLContext> noFiles() {
        return PemFiles.trust(FILES.authorities());
    }

    static UnaryOperator<Options.Builder> by(TlsSettings settings) {
        return options -> options.tls(settings);
    }

    /// A server that asks its clients nothing.
    static UnaryOperator<Options.Builder> server() {
        return by(TlsSettings.of(files("server")));
    }

    /// A server that asks.
    static UnaryOperator<Options.Builder> server(ClientAuthentication asks) {
        return by(TlsSettings.builder(files("server")).clientAuthentication(asks).build());
    }

    /// A client without a certificate.
    static UnaryOperator<Options.Builder> client() {
        return by(TlsSettings.of(noFiles()));
    }

    /// A client with a certificate.
    static UnaryOperator<Options.Builder> client(String name) {
        return by(TlsSettings.of(files(name)));
    }
}
