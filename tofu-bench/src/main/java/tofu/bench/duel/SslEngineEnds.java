package tofu.bench.duel;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/// The JDK's [SSLEngine] over a socket and nothing else: what Java can do at best with TLS.
final class SslEngineEnds implements Ends {
    private static final int BACKLOG = 8_192;

    private record Accepting(ServerSocketChannel listener, SSLContext context)
            implements SslEngineEnd.Connector {
        @Override
        public SslConnection connect() throws IOException {
            SSLEngine engine = context.createSSLEngine();
            engine.setUseClientMode(false);
            engine.setSSLParameters(parameters(engine));
            return new SslConnection(listener.accept(), engine);
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }

    private record Connecting(InetSocketAddress address, SSLContext context)
            implements SslEngineEnd.Connector {
        @Override
        public SslConnection connect() throws IOException {
            String host = address.getAddress().getHostAddress();
            SSLEngine engine = context.createSSLEngine(host, address.getPort());
            engine.setUseClientMode(true);
            SSLParameters parameters = parameters(engine);
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            engine.setSSLParameters(parameters);
            return new SslConnection(SocketChannel.open(address), engine);
        }

        @Override
        public void close() {
            // There is nothing but the connections.
        }
    }

    @Override
    public End listen(Task task, Consumer<String> listening) throws IOException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        ServerSocketChannel listener = ServerSocketChannel.open().bind(any, BACKLOG);
        listening.accept(Integer.toString(listener.socket().getLocalPort()));
        return new SslEngineEnd(
                new Accepting(listener, Certificates.ofProperty().files().get()), null);
    }

    @Override
    public End connect(Task task, String place) throws IOException {
        InetSocketAddress address =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(place));
        Connecting connector = new Connecting(address, Certificates.ofProperty().files().get());
        return new SslEngineEnd(connector, connector.connect());
    }

    private static SSLParameters parameters(SSLEngine engine) {
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(new String[] {Certificates.PROTOCOL});
        parameters.setCipherSuites(new String[] {Certificates.CIPHER_SUITE});
        return parameters;
    }
}
