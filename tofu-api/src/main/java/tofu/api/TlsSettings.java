package tofu.api;

import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// How an engine speaks TLS, on channels whose address begins with `tls|`.
///
/// ```java
/// Options options =
///         Options.builder()
///                 .tls(TlsSettings.of(PemFiles.of(key, chain, authorities)))
///                 .build();
/// ```
///
/// What is not said here is safe: TLS 1.3 only, the JDK's cipher suites, and a client that checks
/// whether the server's certificate is for the host that it has connected to. Both sides speak
/// `tofu/1` inside of TLS (ALPN), and no other protocol. The JDK's `jdk.tls.disabledAlgorithms` and
/// its other properties count as ever.
///
/// Immutable; two are equal if they have the same supplier and the same values.
public final class TlsSettings {
    /// The name of the protocol inside of TLS (ALPN).
    public static final String PROTOCOL = "tofu/1";

    /// Whether a listener asks its clients who they are.
    public enum ClientAuthentication {
        /// It does not ask.
        NONE,
        /// It asks, and a client may show no certificate; one that it shows must be valid.
        WANTED,
        /// A client without a valid certificate is refused.
        NEEDED
    }

    private record Values(
            Supplier<SSLContext> context,
            ClientAuthentication clientAuthentication,
            boolean tls12,
            boolean anyHost,
            List<String> cipherSuites) {
        Values {
            Objects.requireNonNull(context, "context");
            Objects.requireNonNull(clientAuthentication, "clientAuthentication");
            cipherSuites = List.copyOf(cipherSuites);
        }
    }

    private final Values values;

    private TlsSettings(Values values) {
        this.values = values;
    }

    /// Settings with all defaults.
    ///
    /// @param context asked for each connection, so that certificates can be exchanged while the
    ///     engine runs: the connections that there are stay as they are. It is called on a thread
    ///     of the engine's that is no loop, by several at a time, and may take its time; should it
    ///     throw, or answer `null`, that one connection fails with [Status#TLS_FAILED].
    /// @return the settings
    public static TlsSettings of(Supplier<SSLContext> context) {
        return builder(context).build();
    }

    /// Starts from the defaults.
    ///
    /// @param context as for [#of(Supplier)]
    /// @return a new builder
    public static Builder builder(Supplier<SSLContext> context) {
        return new Builder(context);
    }

    /// Where the keys and certificates are.
    ///
    /// @return asked for each connection
    public Supplier<SSLContext> context() {
        return values.context;
    }

    /// Whether listeners ask their clients who they are.
    ///
    /// @return [ClientAuthentication#NONE] by default
    public ClientAuthentication clientAuthentication() {
        return values.clientAuthentication;
    }

    /// Whether TLS 1.2 will do, where the peer cannot do better.
    ///
    /// @return false by default
    public boolean allowsTls12() {
        return values.tls12;
    }

    /// Whether a client accepts a server's certificate that is valid, but for another host.
    ///
    /// @return false by default
    public boolean acceptsAnyHostName() {
        return values.anyHost;
    }

    /// The cipher suites that may be used.
    ///
    /// @return their standard names; empty, as by default, for those of the JDK
    public List<String> cipherSuites() {
        return values.cipherSuites;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TlsSettings settings && values.equals(settings.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    /// The values; of the context only its class, since it may be about keys.
    @Override
    public String toString() {
        return "TlsSettings["
                + ("context=" + values.context.getClass().getSimpleName())
                + (", clientAuthentication=" + values.clientAuthentication)
                + (", tls12=" + values.tls12)
                + (", anyHostName=" + values.anyHost)
                + (", cipherSuites=" + values.cipherSuites)
                + "]";
    }

    /// Collects settings.
    ///
    /// Threads: one at a time.
    public static final class Builder {
        private final Supplier<SSLContext> context;
        private ClientAuthentication clientAuthentication = ClientAuthentication.NONE;
        private boolean tls12;
        private boolean anyHost;
        private List<String> cipherSuites = List.of();

        private Builder(Supplier<SSLContext> context) {
            this.context = context;
        }

        /// Sets [TlsSettings#clientAuthentication()].
        ///
        /// @param clientAuthentication whether listeners ask
        /// @return this
        public Builder clientAuthentication(ClientAuthentication clientAuthentication) {
            this.clientAuthentication = clientAuthentication;
            return this;
        }

        /// Allows TLS 1.2 besides 1.3, for peers that cannot do better.
        ///
        /// @return this
        public Builder allowTls12() {
            this.tls12 = true;
            return this;
        }

        /// Makes clients accept a valid certificate whoever's it is. Anybody who has a certificate
        /// of an authority that is trusted can play the server then: it is for authorities that
        /// certify nobody else.
        ///
        /// @return this
        public Builder dangerouslyAcceptAnyHostName() {
            this.anyHost = true;
            return this;
        }

        /// Sets [TlsSettings#cipherSuites()]. One that the JDK does not know fails each connection.
        ///
        /// @param cipherSuites their standard names, the best first
        /// @return this
        public Builder cipherSuites(String... cipherSuites) {
            this.cipherSuites = List.of(cipherSuites);
            return this;
        }

        /// Makes the settings.
        ///
        /// @return the settings
        /// @throws NullPointerException if a value is `null`
        public TlsSettings build() {
            return new TlsSettings(
                    new Values(context, clientAuthentication, tls12, anyHost, cipherSuites));
        }
    }
}
