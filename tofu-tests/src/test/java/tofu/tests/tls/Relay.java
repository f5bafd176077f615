package tofu.tests.tls;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Somebody between a client and a server, who sees the records of TLS and does with them what he
/// likes.
///
/// Owns its sockets and threads.
final class Relay implements AutoCloseable {
    private static final int HEADER_BYTES = 5;

    /// What becomes of the records of one direction.
    @FunctionalInterface
    interface Meddler {
        /// @param number of the record, from 0
        /// @return what goes on in its place; `null` ends both connections, cleanly
        @Nullable List<byte[]> onRecord(int number, byte[] record);
    }

    /// Passes everything on.
    static final Meddler HONEST = (number, record) -> List.of(record);

    private final ServerSocket door;
    private final int port;
    private final Meddler toServer;
    private final Meddler toClient;

    private Relay(ServerSocket door, int port, Meddler toServer, Meddler toClient) {
        this.door = door;
        this.port = port;
        this.toServer = toServer;
        this.toClient = toClient;
    }

    /// Stands before a listener of the loopback interface, for one connection.
    static Relay before(String address, Meddler toServer, Meddler toClient) throws IOException {
        ServerSocket door = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        int port = Integer.parseInt(address.split("\\|")[2]);
        Relay relay = new Relay(door, port, toServer, toClient);
        Thread.ofPlatform().daemon().start(relay::serve);
        return relay;
    }

    /// How a client connects to it.
    String address() {
        return "tls|127.0.0.1|" + door.getLocalPort();
    }

    private void serve() {
        try (Socket client = door.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
            Thread back = Thread.ofPlatform().daemon().start(() -> pump(server, client, toClient));
            pump(client, server, toServer);
            back.join();
        } catch (IOException e) {
            // One of them has gone.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pump(Socket from, Socket to, Meddler meddler) {
        try {
            DataInputStream in = new DataInputStream(from.getInputStream());
            OutputStream out = to.getOutputStream();
            for (int number = 0; ; number++) {
                List<byte[]> passed = meddler.onRecord(number, record(in));
                if (passed == null) {
                    from.shutdownOutput();
                    to.shutdownOutput();
                    return;
                }
                for (byte[] record : passed) {
                    out.write(record);
                }
            }
        } catch (IOException end) { // of this direction, well or not
            endQuietly(to);
        }
    }

    private static void endQuietly(Socket socket) {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            // It has ended already.
        }
    }

    private static byte[] record(DataInputStream in) throws IOException {
        byte[] header = new byte[HEADER_BYTES];
        in.readFully(header);
        int length = (header[3] & 0xFF) << 8 | (header[4] & 0xFF);
        byte[] record = Arrays.copyOf(header, HEADER_BYTES + length);
        in.readFully(record, HEADER_BYTES, length);
        return record;
    }

    @Override
    public void close() throws IOException {
        door.close();
    }
}
