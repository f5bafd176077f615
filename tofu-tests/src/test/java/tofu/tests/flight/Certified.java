package tofu.tests.flight;

import java.util.function.UnaryOperator;
import tofu.api.Options;
import tofu.api.PemFiles;
import tofu.api.TlsSettings;
import tofu.fixtures.TestCertificates;

/// Options of two engines that speak TLS with each other.
final class Certified {
    private static final TestCertificates FILES = TestCertificates.shared();

    private Certified() {}

    static UnaryOperator<Options.Builder> server() {
        return options ->
                options.tls(
                        TlsSettings.of(
                                PemFiles.of(
                                        FILES.key("server"),
                                        FILES.chain("server"),
                                        FILES.authorities())));
    }

    static UnaryOperator<Options.Builder> client() {
        return options -> options.tls(TlsSettings.of(PemFiles.trust(FILES.authorities())));
    }
}
