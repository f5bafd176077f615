package tofu.tests.rigs;

import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import tofu.api.Options;
import tofu.api.PemFiles;
import tofu.api.TlsSettings;
import tofu.api.TlsSettings.ClientAuthentication;
import tofu.fixtures.TestCertificates;

/// Options of engines that speak TLS.
public final class Secured {
    /// Certificates and keys, by name.
    public static final TestCertificates FILES = TestCertificates.shared();

    private Secured() {}

    /// Somebody who says who he is, and trusts those for whom the authority of the tests vouches.
    public static Supplier<SSLContext> files(String name) {
        return PemFiles.of(FILES.key(name), FILES.chain(name), FILES.authorities());
    }

    /// Somebody who says nothing of himself.
    public static Supplier<SSLContext> noFiles() {
        return PemFiles.trust(FILES.authorities());
    }

    /// Somebody with settings of his own.
    public static UnaryOperator<Options.Builder> by(TlsSettings settings) {
        return options -> options.tls(settings);
    }

    /// A server that asks its clients nothing.
    public static UnaryOperator<Options.Builder> server() {
        return by(TlsSettings.of(files("server")));
    }

    /// A server that asks.
    public static UnaryOperator<Options.Builder> server(ClientAuthentication asks) {
        return by(TlsSettings.builder(files("server")).clientAuthentication(asks).build());
    }

    /// A client without a certificate.
    public static UnaryOperator<Options.Builder> client() {
        return by(TlsSettings.of(noFiles()));
    }

    /// A client with a certificate.
    public static UnaryOperator<Options.Builder> client(String name) {
        return by(TlsSettings.of(files(name)));
    }
}
