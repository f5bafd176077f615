package tofu.api;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/// Who the peer of a channel is, as far as its connection proves it.
///
/// ```java
/// boolean isAlice =
///         channel.peer().credentials() instanceof PeerIdentity.Tls tls
///                 && tls.isFor("alice.example.org");
/// ```
///
/// Immutable; two are equal if they have the same values, and so are two [Credentials].
public final class PeerIdentity {
    /// What a peer has proved. More kinds may come: a `switch` over them needs a `default`.
    public sealed interface Credentials permits Tls, UnixUser {}

    private record Values(@Nullable Address remoteAddress, @Nullable Credentials credentials) {}

    private final Values values;

    private PeerIdentity(Values values) {
        this.values = values;
    }

    /// An identity as an engine makes it; also for a test of one's own rules for who may come in.
    ///
    /// @param remoteAddress the peer's end; `null` if it has no name
    /// @param credentials what the peer has proved; `null` if that is nothing
    /// @return the identity
    public static PeerIdentity of(
            @Nullable Address remoteAddress, @Nullable Credentials credentials) {
        return new PeerIdentity(new Values(remoteAddress, credentials));
    }

    /// The peer's end, as [Channel#remoteAddress()] has it.
    ///
    /// @return the address; `null` if it has no name
    public @Nullable Address remoteAddress() {
        return values.remoteAddress;
    }

    /// What the peer has proved.
    ///
    /// @return the credentials; `null` for plain TCP, which proves nothing
    public @Nullable Credentials credentials() {
        return values.credentials;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PeerIdentity identity && values.equals(identity.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return "PeerIdentity["
                + ("remoteAddress=" + values.remoteAddress)
                + (", credentials=" + values.credentials)
                + "]";
    }

    /// What a handshake of TLS has proved.
    public static final class Tls implements Credentials {
        /// Of subjectAltName (RFC 5280, section 4.2.1.6).
        private static final int DNS_NAME = 2;

        private record Handshake(
                List<X509Certificate> certificates, String protocol, String cipherSuite) {
            Handshake {
                certificates = List.copyOf(certificates);
                Objects.requireNonNull(protocol, "protocol");
                Objects.requireNonNull(cipherSuite, "cipherSuite");
            }
        }

        private final Handshake values;

        private Tls(Handshake values) {
            this.values = values;
        }

        /// Credentials as an engine makes them, which verifies the certificates; also for a test
        /// of one's own rules for who may come in, and nothing is verified there.
        ///
        /// @param certificates the peer's own first, then those who vouch for it; copied
        /// @param protocol the version of TLS
        /// @param cipherSuite by its standard name
        /// @return the credentials
        public static Tls of(
                List<X509Certificate> certificates, String protocol, String cipherSuite) {
            return new Tls(new Handshake(certificates, protocol, cipherSuite));
        }

        /// The peer's certificates, verified.
        ///
        /// @return its own first, then those who vouch for it; empty for a client that has shown
        ///     none
        public List<X509Certificate> certificates() {
            return values.certificates;
        }

        /// The version of TLS.
        ///
        /// @return `TLSv1.3`, say
        public String protocol() {
            return values.protocol;
        }

        /// The cipher suite.
        ///
        /// @return its standard name
        public String cipherSuite() {
            return values.cipherSuite;
        }

        /// Whom the peer's certificate names.
        ///
        /// @return the distinguished name; `null` if there is no certificate
        public @Nullable X500Principal subject() {
            return values.certificates.isEmpty()
                    ? null
                    : values.certificates.getFirst().getSubjectX500Principal();
        }

        /// The subject alternative names of the peer's certificate that are text: of hosts,
        /// addresses, mail addresses and URIs.
        ///
        /// @return each with its kind before it as OpenSSL writes it: `DNS:alice.example.org`,
        ///     `IP:127.0.0.1`, `email:` or `URI:`; empty if there are none, or they cannot be
        ///     understood
        public List<String> alternativeNames() {
            List<String> names = new ArrayList<>();
            for (List<?> name : rawNames()) {
                String kind = kind((Integer) name.get(0));
                if (kind != null && name.get(1) instanceof String text) {
                    names.add(kind + text);
                }
            }
            return List.copyOf(names);
        }

        private Iterable<List<?>> rawNames() {
            try {
                var names =
                        values.certificates.isEmpty()
                                ? null
                                : values.certificates.getFirst().getSubjectAlternativeNames();
                return names == null ? List.of() : names;
            } catch (CertificateParsingException unreadable) {
                return List.of(); // it names nobody
            }
        }

        private static @Nullable String kind(int type) {
            return switch (type) {
                case 1 -> "email:";
                case DNS_NAME -> "DNS:";
                case 6 -> "URI:";
                case 7 -> "IP:";
                default -> null;
            };
        }

        /// Whether the peer's certificate has a DNS name, letter by letter but for upper and lower
        /// case. A certificate for `*.example.org` is for nobody in particular.
        ///
        /// @param name the name, without a wildcard
        /// @return true if it is one of [#alternativeNames()]
        public boolean isFor(String name) {
            return !name.contains("*")
                    && alternativeNames().stream()
                            .map(known -> known.toLowerCase(Locale.ROOT))
                            .anyMatch(("DNS:" + name).toLowerCase(Locale.ROOT)::equals);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Tls tls && values.equals(tls.values);
        }

        @Override
        public int hashCode() {
            return values.hashCode();
        }

        /// The values; of the certificates only whom the peer's own names, since each as text is a
        /// page.
        @Override
        public String toString() {
            return "Tls["
                    + ("subject=" + subject())
                    + (", protocol=" + values.protocol)
                    + (", cipherSuite=" + values.cipherSuite)
                    + "]";
        }
    }

    /// The user who has opened the other end of a Unix domain socket, as the system says
    /// (`SO_PEERCRED`). Only where the JDK's module `jdk.net` is there, as it usually is, and the
    /// system knows such a thing, as Linux and macOS do.
    public static final class UnixUser implements Credentials {
        private record Names(String user, String group) {
            Names {
                Objects.requireNonNull(user, "user");
                Objects.requireNonNull(group, "group");
            }
        }

        private final Names values;

        private UnixUser(Names values) {
            this.values = values;
        }

        /// Credentials as an engine makes them; also for a test of one's own rules for who may
        /// come in.
        ///
        /// @param user the name of the user, or the number (uid)
        /// @param group the name of the group, or the number (gid)
        /// @return the credentials
        public static UnixUser of(String user, String group) {
            return new UnixUser(new Names(user, group));
        }

        /// The user.
        ///
        /// @return the name, or the number (uid) in decimal if there is no name for it
        public String user() {
            return values.user;
        }

        /// The user's group.
        ///
        /// @return the name, or the number (gid) likewise
        public String group() {
            return values.group;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof UnixUser user && values.equals(user.values);
        }

        @Override
        public int hashCode() {
            return values.hashCode();
        }

        @Override
        public String toString() {
            return "UnixUser[user=" + values.user + ", group=" + values.group + "]";
        }
    }
}
