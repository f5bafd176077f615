package tofu.tests.tls;

import java.io.InputStream;
import java.nio.file.Files;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import tofu.tests.rigs.CertificateMaker;
import tofu.tests.rigs.InsistentKeys;
import tofu.tests.rigs.Secured;

/// Contexts of peers that do what no decent one does, with the files of the tests.
final class Certificates {
    private Certificates() {}

    /// Shows a certificate to everybody, whether he would trust it or not.
    static SSLContext insistentOf(String name) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    new KeyManager[] {new InsistentKeys(key(name), chain(name))}, trusting(), null);
            return context;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /// Shows a chain of [CertificateMaker] to everybody.
    static SSLContext madeUp(X509Certificate[] chain) {
        try {
            PrivateKey key = CertificateMaker.keyOfAll().getPrivate();
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {new InsistentKeys(key, chain)}, trusting(), null);
            return context;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /// Somebody of the tests who trusts a chain's last authority, too.
    static SSLContext trustingToo(String name, X509Certificate[] chain) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    new KeyManager[] {new InsistentKeys(key(name), chain(name))},
                    trusting(chain[chain.length - 1]),
                    null);
            return context;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static TrustManager[] trusting(X509Certificate... more) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream in = Files.newInputStream(Secured.FILES.authorities())) {
            store.setCertificateEntry(
                    "root", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        for (int i = 0; i < more.length; i++) {
            store.setCertificateEntry("more-" + i, more[i]);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static PrivateKey key(String name) throws Exception {
        String text = Files.readString(Secured.FILES.key(name));
        String lines = text.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
        return KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(lines)));
    }

    private static X509Certificate[] chain(String name) throws Exception {
        try (var in = Files.newInputStream(Secured.FILES.chain(name))) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                    .map(X509Certificate.class::cast)
                    .toArray(X509Certificate[]::new);
        }
    }
}
