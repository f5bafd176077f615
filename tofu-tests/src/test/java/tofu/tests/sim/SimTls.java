package tofu.tests.sim;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import tofu.api.TlsSettings;
import tofu.tests.rigs.CertificateMaker;
import tofu.tests.rigs.InsistentKeys;

/// TLS of an engine of a world: the JDK's, whose bytes are random. How many they are is all that
/// the world sees of them, and that is always the same: with RSA a signature is as long as any
/// other.
///
/// Everybody trusts everybody: who is refused, and why, is to be seen over real sockets.
///
/// Thread: one.
final class SimTls extends SSLContextSpi {
    private static final KeyManager[] KEYS = {
        new InsistentKeys(CertificateMaker.keyOfAll().getPrivate(), CertificateMaker.chain(1, 0))
    };
    private static final TrustManager[] TRUST = {new Trusting()};

    private final SSLContext jdk;
    private final Supplier<Tap> taps;

    private SimTls(SSLContext jdk, Supplier<Tap> taps) {
        this.jdk = jdk;
        this.taps = taps;
    }

    /// Makes what an engine speaks TLS by; its sessions are its own.
    ///
    /// @param taps makes what looks at one connection
    static TlsSettings settings(Supplier<Tap> taps) {
        try {
            SSLContext jdk = SSLContext.getInstance("TLS");
            jdk.init(KEYS, TRUST, null);
            SSLContext tapped =
                    new SSLContext(new SimTls(jdk, taps), jdk.getProvider(), jdk.getProtocol()) {};
            return TlsSettings.of(() -> tapped);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
        return new TappedEngine(jdk.createSSLEngine(), taps.get());
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String host, int port) {
        return new TappedEngine(jdk.createSSLEngine(host, port), taps.get());
    }

    @Override
    protected void engineInit(
            KeyManager @Nullable [] keys,
            TrustManager @Nullable [] trust,
            @Nullable SecureRandom random) {
        throw new UnsupportedOperationException("is made ready");
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
        throw new UnsupportedOperationException("there are no sockets");
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
        throw new UnsupportedOperationException("there are no sockets");
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
        return jdk.getServerSessionContext();
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
        return jdk.getClientSessionContext();
    }

    private static final class Trusting extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
