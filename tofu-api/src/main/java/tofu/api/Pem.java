package tofu.api;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/// A text with keys and certificates in it (PEM, RFC 7468), and what the JDK makes of several.
///
/// Text outside of the blocks is ignored, as OpenSSL writes some there.
///
/// Errors: an [IllegalArgumentException] that names the text, and never has anything of a key.
///
/// @param name the file it is from
/// @param text its content
record Pem(String name, String text) {
    /// Larger than all that an operating system trusts.
    private static final long LONGEST = 4 << 20;

    private static final String BEGIN = "-----BEGIN ";

    private static final String DASHES = "-----";

    /// What a chain's certificate may be called, by RFC 7468 and by its ancestors.
    private static final Set<String> CERTIFICATE = Set.of("CERTIFICATE", "X509 CERTIFICATE");

    /// What a pair of keys is tried with.
    private static final byte[] SAMPLE = "tofu".getBytes(StandardCharsets.US_ASCII);

    /// Reads a file.
    ///
    /// @throws IllegalArgumentException if it is far too large
    static Pem read(Path file) throws IOException {
        if (Files.size(file) > LONGEST) {
            throw new IllegalArgumentException(
                    file + " is larger than " + LONGEST + " bytes: no PEM file");
        }
        return new Pem(
                file.toString(), new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
    }

    /// Makes a context of a key with its certificates, and of those who are trusted.
    ///
    /// @param key `null` for one who has no certificate
    /// @param chain `null` likewise
    /// @param authorities `null` for those that the JDK trusts
    static SSLContext context(@Nullable Pem key, @Nullable Pem chain, @Nullable Pem authorities) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    key == null || chain == null ? null : keyManagers(key, chain),
                    authorities == null ? null : trustManagers(authorities),
                    null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("the JDK takes no such keys: " + e, e);
        }
    }

    private static KeyManager[] keyManagers(Pem key, Pem chain)
            throws GeneralSecurityException, IOException {
        List<X509Certificate> certificates = chain.certificates();
        PublicKey ours = certificates.getFirst().getPublicKey();
        PrivateKey secret = key.privateKey(ours.getAlgorithm());
        if (!belongTogether(secret, ours)) {
            throw new IllegalArgumentException(
                    key.name + " is not the key of the first certificate of " + chain.name);
        }
        KeyStore store = emptyStore();
        char[] noPassword = {}; // it never leaves the heap
        store.setKeyEntry("own", secret, noPassword, certificates.toArray(X509Certificate[]::new));
        KeyManagerFactory factory =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, noPassword);
        return factory.getKeyManagers();
    }

    private static TrustManager[] trustManagers(Pem authorities)
            throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        int number = 0;
        for (X509Certificate certificate : authorities.certificates()) {
            store.setCertificateEntry("authority-" + number++, certificate);
        }
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    /// Whether what one key signs the other one verifies.
    private static boolean belongTogether(PrivateKey secret, PublicKey open)
            throws GeneralSecurityException {
        String algorithm =
                switch (open.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> open.getAlgorithm();
                };
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(secret);
        signature.update(SAMPLE);
        byte[] signed = signature.sign();
        signature.initVerify(open);
        signature.update(SAMPLE);
        return signature.verify(signed);
    }

    /// All certificates, in order.
    ///
    /// @throws IllegalArgumentException if there is none, or one that cannot be understood
    List<X509Certificate> certificates() {
        List<X509Certificate> found = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (Block block : blocks()) {
                if (CERTIFICATE.contains(block.label)) {
                    found.add(
                            (X509Certificate)
                                    factory.generateCertificate(
                                            new ByteArrayInputStream(decoded(block))));
                }
            }
        } catch (CertificateException e) {
            throw new IllegalArgumentException(
                    name + ": certificate " + (found.size() + 1) + " cannot be understood", e);
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException(name + " has no block BEGIN CERTIFICATE");
        }
        return List.copyOf(found);
    }

    /// The only private key.
    ///
    /// @param algorithm that of the public key
    /// @throws IllegalArgumentException if there is not exactly one, or it is of another kind
    PrivateKey privateKey(String algorithm) {
        List<Block> keys =
                blocks().stream().filter(block -> block.label.endsWith("PRIVATE KEY")).toList();
        if (keys.size() != 1) {
            throw new IllegalArgumentException(
                    name + " has " + keys.size() + " blocks BEGIN PRIVATE KEY, must have 1");
        }
        Block only = keys.getFirst();
        if (!only.label.equals("PRIVATE KEY")) {
            throw new IllegalArgumentException(
                    name
                            + (" has a block BEGIN " + only.label)
                            + ", must have BEGIN PRIVATE KEY (PKCS #8, not encrypted):"
                            + (" openssl pkcs8 -topk8 -nocrypt -in " + name));
        }
        try {
            return KeyFactory.getInstance(algorithm)
                    .generatePrivate(new PKCS8EncodedKeySpec(decoded(only)));
        } catch (GeneralSecurityException e) {
            // Neither cause nor text: they may quote the key.
            throw new IllegalArgumentException(
                    name + " has no key of the certificate's kind, " + algorithm);
        }
    }

    private record Block(String label, String lines) {}

    private List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        int begin = text.indexOf(BEGIN);
        while (begin >= 0) {
            int labelStart = begin + BEGIN.length();
            int labelEnd = text.indexOf(DASHES, labelStart);
            String label = labelEnd < 0 ? "" : text.substring(labelStart, labelEnd);
            String end = "-----END " + label + DASHES;
            int linesEnd = text.indexOf(end, labelStart);
            if (labelEnd < 0 || linesEnd < labelEnd) {
                throw new IllegalArgumentException(name + " has a BEGIN line without its END");
            }
            blocks.add(new Block(label, text.substring(labelEnd + DASHES.length(), linesEnd)));
            begin = text.indexOf(BEGIN, linesEnd + end.length());
        }
        return blocks;
    }

    private byte[] decoded(Block block) {
        try {
            return Base64.getDecoder().decode(block.lines.replaceAll("\\s", ""));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    name + " has a block BEGIN " + block.label + " that is no Base64");
        }
    }
}
