package tofu.cli;

import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tofu.api.Address;
import tofu.api.Options;
import tofu.api.PemFiles;
import tofu.api.TlsSettings;
import tofu.api.TlsSettings.ClientAuthentication;

/// How a command speaks TLS, to `tls` addresses only.
public final class TlsOptions {
    @Option(
            names = "--tls-trust",
            paramLabel = "FILE",
            description =
                    "Certificates (PEM) of those who vouch for the peer, and nobody else does;"
                            + " those of the JDK if not said. Who listens demands a certificate of"
                            + " its clients then.")
    private @Nullable Path trust;

    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description = "Our certificate (PEM), and those who vouch for it.")
    private @Nullable Path certificate;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            description = "Its private key (PEM), PKCS #8 and not encrypted.")
    private @Nullable Path key;

    /// None said.
    public TlsOptions() {}

    /// Options of an engine for some addresses.
    ///
    /// @param addresses that the command was given
    /// @return with what they need
    /// @throws Failure if the two do not go together, or a file is of no use
    public Options of(Collection<? extends Address> addresses) throws Failure {
        boolean any = trust != null || certificate != null || key != null;
        boolean secure = false;
        for (Address address : addresses) {
            secure |= isTls(address);
        }
        if (!secure) {
            if (any) {
                throw usage("--tls-trust, --tls-cert and --tls-key are for tls addresses");
            }
            return Options.defaults();
        }
        if ((certificate == null) != (key == null)) {
            throw usage("--tls-cert and --tls-key go together");
        }
        if (certificate == null
                && addresses.stream().anyMatch(Address.TlsServer.class::isInstance)) {
            throw usage("to listen on a tls address takes --tls-cert and --tls-key");
        }
        TlsSettings settings =
                TlsSettings.builder(context())
                        .clientAuthentication(
                                trust == null
                                        ? ClientAuthentication.NONE
                                        : ClientAuthentication.NEEDED)
                        .build();
        return Options.builder().tls(settings).build();
    }

    private static boolean isTls(Address address) {
        return address instanceof Address.TlsClient || address instanceof Address.TlsServer;
    }

    private static Failure usage(String message) {
        return new Failure(ExitCode.USAGE, message);
    }

    private Supplier<SSLContext> context() throws Failure {
        try {
            if (certificate != null && key != null) {
                return trust == null
                        ? PemFiles.identity(key, certificate)
                        : PemFiles.of(key, certificate, trust);
            }
            return trust == null ? ofJdk() : PemFiles.trust(trust);
        } catch (IllegalArgumentException e) {
            throw new Failure(ExitCode.FILE, "--tls: " + e.getMessage());
        }
    }

    private static Supplier<SSLContext> ofJdk() {
        try {
            SSLContext context = SSLContext.getDefault();
            return () -> context;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalArgumentException("the JDK trusts nobody: " + e.getMessage(), e);
        }
    }
}
