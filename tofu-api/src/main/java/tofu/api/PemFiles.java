package tofu.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// Keys and certificates from files as OpenSSL writes them (PEM, RFC 7468), for
/// [TlsSettings#of(Supplier)].
///
/// The files are read at once, and again for the next connection when one of them has another size
/// or time: a certificate is renewed by replacing the files. While they do not fit together, as
/// one of them has been replaced and another not yet, or cannot be read, the ones before go on
/// being used, and the log `tofu.tls` has a warning. Those that cannot be read are tried again for
/// each connection.
///
/// Threads: any.
public final class PemFiles implements Supplier<SSLContext> {
    private static final System.Logger LOG = System.getLogger("tofu.tls");

    private final @Nullable Path key;
    private final @Nullable Path chain;
    private final @Nullable Path authorities;

    /// Held while the files are read; never on a loop.
    private final ReentrantLock lock = new ReentrantLock();

    /// What the files looked like that were read, whether they were right or not.
    private List<Stamp> stamps;

    private volatile SSLContext context;

    /// What was said since the files were taken last.
    private final Set<String> warnings = new HashSet<>();

    /// How a file looks from outside.
    private record Stamp(long length, FileTime time) {
        static Stamp of(Path file) throws IOException {
            return new Stamp(Files.size(file), Files.getLastModifiedTime(file));
        }
    }

    private PemFiles(@Nullable Path key, @Nullable Path chain, @Nullable Path authorities) {
        this.key = key;
        this.chain = chain;
        this.authorities = authorities;
        try {
            this.stamps = look();
            this.context = read();
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot be read: " + e, e);
        }
    }

    /// For those who say who they are, and want to know who the peer is: for mutual TLS.
    ///
    /// @param key the private key, PKCS #8 and not encrypted (`BEGIN PRIVATE KEY`)
    /// @param chain the certificate of that key, then those who vouch for it, but for the last one
    /// @param authorities the certificates of those who are trusted, and nobody else is
    /// @return the files
    /// @throws IllegalArgumentException names the file that cannot be read or understood, or says
    ///     that the key and the certificate do not belong together
    public static PemFiles of(Path key, Path chain, Path authorities) {
        return new PemFiles(
                Objects.requireNonNull(key),
                Objects.requireNonNull(chain),
                Objects.requireNonNull(authorities));
    }

    /// For those who say who they are: for a server whose clients need no certificate. Peers are
    /// trusted as the JDK does.
    ///
    /// @param key the private key, PKCS #8 and not encrypted
    /// @param chain the certificate of that key, then those who vouch for it
    /// @return the files
    /// @throws IllegalArgumentException as [#of(Path, Path, Path)]
    public static PemFiles identity(Path key, Path chain) {
        return new PemFiles(Objects.requireNonNull(key), Objects.requireNonNull(chain), null);
    }

    /// For those who want to know who the peer is: for a client without a certificate.
    ///
    /// @param authorities the certificates of those who are trusted, and nobody else is
    /// @return the files
    /// @throws IllegalArgumentException as [#of(Path, Path, Path)]
    public static PemFiles trust(Path authorities) {
        return new PemFiles(null, null, Objects.requireNonNull(authorities));
    }

    /// The keys and certificates as they are now.
    ///
    /// @return a context for one connection or more
    @Override
    public SSLContext get() {
        lock.lock();
        try {
            List<Stamp> now = look();
            if (!now.equals(stamps)) {
                take(now);
            }
        } catch (IOException e) {
            // Not for ever: it may pass without a change of the files, as missing permissions do.
            warn(e);
        } finally {
            lock.unlock();
        }
        return context;
    }

    /// Files that are wrong in themselves are so until they change: they are not read again.
    private void take(List<Stamp> now) throws IOException {
        try {
            context = read();
            stamps = now;
            warnings.clear();
        } catch (IllegalArgumentException e) {
            stamps = now;
            warn(e);
        }
    }

    /// Once for each failure, however many connections there are, and also if two failures take
    /// turns.
    private void warn(Exception e) {
        String text = "the certificates stay as they were: " + e;
        if (warnings.add(text)) {
            LOG.log(System.Logger.Level.WARNING, text);
        }
    }

    private List<Stamp> look() throws IOException {
        List<Stamp> found = new ArrayList<>();
        for (Path file : Stream.of(key, chain, authorities).filter(Objects::nonNull).toList()) {
            found.add(Stamp.of(file));
        }
        return found;
    }

    private SSLContext read() throws IOException {
        return Pem.context(
                key == null ? null : Pem.read(key),
                chain == null ? null : Pem.read(chain),
                authorities == null ? null : Pem.read(authorities));
    }
}
