package tofu.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Secured;

/// A peer that speaks TLS by the JDK's own sockets, in its own way.
///
/// Owns its sockets, and the thread that accepts.
final class Foreign implements AutoCloseable {
    private final @Nullable SSLServerSocket door;
    private final @Nullable SSLSocket socket;
    private final BlockingQueue<List<SNIServerName>> asked = new LinkedBlockingQueue<>();

    private Foreign(@Nullable SSLServerSocket door, @Nullable SSLSocket socket) {
        this.door = door;
        this.socket = socket;
    }

    /// Connects; the handshake is yet to be made.
    ///
    /// @param address of an engine that listens on the loopback interface
    /// @param protocols what it offers inside of TLS; none: it does not say
    static Foreign connect(String address, String version, String... protocols) throws IOException {
        return connect(Secured.files("client").get(), address, version, protocols);
    }

    static Foreign connect(SSLContext context, String address, String version, String... protocols)
            throws IOException {
        int port = Integer.parseInt(address.split("\\|")[2]);
        SSLSocket socket =
                (SSLSocket)
                        context.getSocketFactory()
                                .createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setSSLParameters(adapted(socket.getSSLParameters(), version, protocols));
        socket.setSoTimeout((int) Peer.PATIENCE.toMillis());
        return new Foreign(null, socket);
    }

    /// Listens, and makes the handshake with whoever comes.
    static Foreign listen(String version, String... protocols) throws IOException {
        return listen(Secured.files("server").get(), version, protocols);
    }

    /// Listens, and wants to make another handshake with whoever has said something.
    static Foreign listenAndRenegotiate(String version, String... protocols) throws IOException {
        return listen(
                InetAddress.getLoopbackAddress(),
                Secured.files("server").get(),
                Foreign::renegotiate,
                version,
                protocols);
    }

    /// What becomes of a connection that was accepted.
    private interface Service {
        void serve(SSLSocket accepted) throws IOException;
    }

    static Foreign listen(SSLContext context, String version, String... protocols)
            throws IOException {
        return listen(InetAddress.getLoopbackAddress(), context, version, protocols);
    }

    /// @param where an address of the loopback interface
    static Foreign listen(
            InetAddress where, SSLContext context, String version, String... protocols)
            throws IOException {
        return listen(where, context, Foreign::read, version, protocols);
    }

    private static Foreign listen(
            InetAddress where,
            SSLContext context,
            Service service,
            String version,
            String... protocols)
            throws IOException {
        SSLServerSocket door =
                (SSLServerSocket) context.getServerSocketFactory().createServerSocket(0, 5, where);
        door.setSSLParameters(adapted(door.getSSLParameters(), version, protocols));
        Foreign foreign = new Foreign(door, null);
        Thread.ofPlatform().daemon().start(() -> foreign.serve(door, service));
        return foreign;
    }

    private static SSLParameters adapted(
            SSLParameters parameters, String version, String... protocols) {
        parameters.setProtocols(new String[] {version});
        parameters.setApplicationProtocols(protocols);
        return parameters;
    }

    private static void read(SSLSocket accepted) throws IOException {
        while (accepted.getInputStream().read() >= 0) {
            // whatever it is
        }
    }

    private static void renegotiate(SSLSocket accepted) throws IOException {
        accepted.getInputStream().read();
        accepted.startHandshake();
        read(accepted);
    }

    private void serve(SSLServerSocket door, Service service) {
        while (!door.isClosed()) {
            try (SSLSocket accepted = (SSLSocket) door.accept()) {
                accepted.startHandshake();
                asked.add(((ExtendedSSLSession) accepted.getSession()).getRequestedServerNames());
                service.serve(accepted);
            } catch (IOException e) {
                // The peer does not want it, or the door is closed.
            }
        }
    }

    /// How an engine connects to it.
    String address() {
        return address("127.0.0.1");
    }

    /// How an engine connects to it.
    ///
    /// @param host by which name or address
    String address(String host) {
        assertThat(door).isNotNull();
        return "tls|" + host + "|" + door.getLocalPort();
    }

    /// Whom the next one who has made a handshake has asked for (SNI, RFC 6066): no or one name.
    List<SNIServerName> asked() throws InterruptedException {
        List<SNIServerName> names = asked.poll(Peer.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(names).as("a handshake").isNotNull();
        return names;
    }

    SSLSocket socket() {
        assertThat(socket).isNotNull();
        return socket;
    }

    /// Expects an alert, in the handshake or just after it.
    void expectFailure(String alert) {
        assertThatThrownBy(() -> socket().getInputStream().read())
                .isInstanceOf(SSLException.class)
                .hasMessageContaining(alert);
    }

    /// Expects that the peer ends well.
    void expectEnd() throws IOException {
        assertThat(socket().getInputStream().read()).isEqualTo(-1);
    }

    @Override
    public void close() throws IOException {
        if (door != null) {
            door.close();
        }
        if (socket != null) {
            socket.close();
        }
    }
}
