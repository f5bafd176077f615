package tofu.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TestAddressesTest {
    /// Somebody else may take a port before we do, but hardly each time.
    private static final int TRIES = 10;

    @Test
    void aFreePortCanBeListenedOn() {
        assertThat(canListenOnOneOf(TRIES)).isTrue();
    }

    @Test
    void aTemporaryPathIsAnAddressWhereNoFileIsYet() {
        String path = TestAddresses.temporaryUdsPath();

        assertThat(new Address.UdsServer(path).path()).isEqualTo(path);
        assertThat(Path.of(path)).isAbsolute().doesNotExist();
        assertThat(Path.of(path).getParent()).isEmptyDirectory();
    }

    @Test
    void aTemporaryPathCanBeListenedOn() throws IOException {
        listenOn(new Address.UdsServer(TestAddresses.temporaryUdsPath()));
    }

    @Test
    void theLongestPathCanBeListenedOn() throws IOException {
        String path = TestAddresses.temporaryUdsPath();
        String filling = "x".repeat(Address.MAX_UDS_PATH_BYTES - path.length());

        listenOn(new Address.UdsServer(path + filling));
    }

    @Test
    void noTwoTemporaryPathsAreTheSame() {
        assertThat(TestAddresses.temporaryUdsPath()).isNotEqualTo(TestAddresses.temporaryUdsPath());
    }

    private static void listenOn(Address.UdsServer address) throws IOException {
        try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.bind(address.unresolved());
            assertThat(Path.of(address.path())).exists();
        } finally {
            Files.deleteIfExists(Path.of(address.path()));
        }
    }

    private static boolean canListenOnOneOf(int tries) {
        for (int i = 0; i < tries; i++) {
            int port = new Address.TcpClient("127.0.0.1", TestAddresses.freeTcpPort()).port();
            try (ServerSocket socket =
                    new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort() == port;
            } catch (IOException taken) {
                // somebody was faster: the next one
            }
        }
        return false;
    }
}
