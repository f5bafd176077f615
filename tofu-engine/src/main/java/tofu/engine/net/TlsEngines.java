package tofu.engine.net;

import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import tofu.api.TlsSettings;

/// Makes the JDK's engines, one for each connection, as the settings say.
///
/// Threads: any but a loop, since it asks the application for its keys.
///
/// @param settings the application's
record TlsEngines(TlsSettings settings) {
    private static final String[] SAFE_ONLY = {"TLSv1.3"};
    private static final String[] OLD_TOO = {"TLSv1.3", "TLSv1.2"};

    /// By this name the JDK knows the check of RFC 2818, which is right for any protocol.
    private static final String CHECK_OF_HOST_NAME = "HTTPS";

    /// Makes a client's engine.
    ///
    /// @param host whom the server's certificate must be for
    /// @throws SSLException if the settings are none that the JDK takes
    SSLEngine client(String host, int port) throws SSLException {
        SSLEngine engine = context().createSSLEngine(host, port); // with the name to be told (SNI)
        engine.setUseClientMode(true);
        SSLParameters parameters = parameters(engine);
        if (!settings.acceptsAnyHostName()) {
            parameters.setEndpointIdentificationAlgorithm(CHECK_OF_HOST_NAME);
        }
        engine.setSSLParameters(parameters);
        engine.beginHandshake();
        return engine;
    }

    /// Makes a server's engine.
    ///
    /// @throws SSLException if the settings are none that the JDK takes
    SSLEngine server() throws SSLException {
        SSLEngine engine = context().createSSLEngine();
        engine.setUseClientMode(false);
        SSLParameters parameters = parameters(engine);
        switch (settings.clientAuthentication()) {
            case NONE -> parameters.setWantClientAuth(false);
            case WANTED -> parameters.setWantClientAuth(true);
            case NEEDED -> parameters.setNeedClientAuth(true);
        }
        engine.setSSLParameters(parameters);
        engine.beginHandshake();
        return engine;
    }

    private SSLContext context() throws SSLException {
        SSLContext context = settings.context().get();
        if (context == null) {
            throw new SSLException("the supplier of the SSLContext has answered null");
        }
        return context;
    }

    private SSLParameters parameters(SSLEngine engine) {
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(settings.allowsTls12() ? OLD_TOO : SAFE_ONLY);
        parameters.setApplicationProtocols(new String[] {TlsSettings.PROTOCOL});
        List<String> cipherSuites = settings.cipherSuites();
        if (!cipherSuites.isEmpty()) {
            parameters.setCipherSuites(cipherSuites.toArray(String[]::new));
        }
        return parameters;
    }
}
