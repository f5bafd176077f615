package tofu.tests.rigs;

import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import tofu.api.TlsSettings;

/// The first bytes of honest peers, for dishonest ones.
public final class Hellos {
    private Hellos() {}

    /// The first flight of a client: one record.
    public static byte[] client() throws SSLException {
        SSLEngine engine = Secured.noFiles().get().createSSLEngine("localhost", 1);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {TlsSettings.PROTOCOL});
        engine.setSSLParameters(parameters);
        ByteBuffer bytes = ByteBuffer.allocate(20_000);
        engine.wrap(ByteBuffer.allocate(0), bytes);
        return Arrays.copyOf(bytes.array(), bytes.position());
    }
}
