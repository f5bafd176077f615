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
/// Immutable.
///
/// @param remoteAddress the peer's end, as [Channel#remoteAddress()] has it; `null` if it has no
///     name
/// @param credentials what the peer has proved; `null` for plain TCP, which proves nothing
public record PeerIdentity(@Nullable Address remoteAddress, @Nullable Credentials credentials) {
    /// What a peer has proved. More kinds may come: a `switch` over them needs a `default`.
    public sealed interface Credentials permits Tls, UnixUser {}

    /// What a handshake of TLS has proved.
    ///
    /// @param certificates the peer's own first, then those who vouch for it; verified. Empty for a
    ///     client that has shown none.
    /// @param protocol the version of TLS, `TLSv1.3` say
    /// @param cipherSuite by its standard name
    public record Tls(List<X509Certificate> certificates, String protocol, String cipherSuite)
            implements Credentials {
        /// Of subjectAltName (RFC 5280, section 4.2.1.6).
        private static final int DNS_NAME = 2;

        /// Keeps a copy of the list.
        public Tls {
            certificates = List.copyOf(certificates);
            Objects.requireNonNull(protocol, "protocol");
            Objects.requireNonNull(cipherSuite, "cipherSuite");
        }

        /// Whom the peer's certificate names.
        ///
        /// @return the distinguished name; `null` if there is no certificate
        public @Nullable X500Principal subject() {
            return certificates.isEmpty()
                    ? null
                    : certificates.getFirst().getSubjectX500Principal();
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
                        certificates.isEmpty()
                                ? null
                                : certificates.getFirst().getSubjectAlternativeNames();
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
    }

    /// The user who has opened the other end of a Unix domain socket, as the system says
    /// (`SO_PEERCRED`). Only where the JDK's module `jdk.net` is there, as it usually is, and the
    /// system knows such a thing, as Linux and macOS do.
    ///
    /// @param user the name of the user, or the number (uid) in decimal if there is no name for it
    /// @param group the name of the group, or the number (gid) likewise
    public record UnixUser(String user, String group) implements Credentials {
        /// Both are there.
        public UnixUser {
            Objects.requireNonNull(user, "user");
            Objects.requireNonNull(group, "group");
        }
    }
}
