package tofu.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Two plain sockets with a proxy between them: bytes that one side writes, the other one reads.
final class Talkers implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 30_000;

    /// One of the two sides.
    static final class Talker implements AutoCloseable {
        private final Socket socket;

        private Talker(Socket socket) throws IOException {
            this.socket = socket;
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.setTcpNoDelay(true);
        }

        void send(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
        }

        byte[] receive(int length) throws IOException {
            byte[] bytes = new byte[length];
            new DataInputStream(socket.getInputStream()).readFully(bytes);
            return bytes;
        }

        void expectEnd() throws IOException {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }

        /// Also what was sent before may be lost in a reset; the end is what counts.
        void expectReset() {
            try {
                int read = socket.getInputStream().read();
                assertThat(read).as("what was read in place of a reset").isEqualTo(-2);
            } catch (SocketException e) {
                assertThat(e).hasMessageContaining("reset");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        void finish() throws IOException {
            socket.shutdownOutput();
        }

        void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private final ServerSocket door;

    Talkers() throws IOException {
        door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        door.setSoTimeout(PATIENCE_MILLIS);
    }

    /// Where the proxy is to connect to.
    String address() {
        return "tcp|127.0.0.1|" + door.getLocalPort();
    }

    /// Connects to the proxy.
    static Talker client(Run proxy) throws Exception {
        return new Talker(new Socket(InetAddress.getLoopbackAddress(), port(proxy)));
    }

    static int port(Run proxy) throws Exception {
        String address = proxy.address();
        return Integer.parseInt(address.substring(address.lastIndexOf('|') + 1));
    }

    /// Takes the connection of the proxy.
    Talker server() throws IOException {
        return new Talker(door.accept());
    }

    /// A frame without text headers.
    static byte[] frame(int opCode, long id, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        ByteBuffer frame = ByteBuffer.allocate(16 + bytes.length);
        frame.putShort((short) 7).put((byte) opCode).put((byte) 0).putLong(id);
        frame.putShort((short) 0).putShort((short) bytes.length).put(bytes);
        return frame.array();
    }

    @Override
    public void close() throws IOException {
        door.close();
    }
}
