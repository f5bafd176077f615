package tofu.api;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;

/// Addresses for tests: where nobody listens yet.
///
/// Threads: safe for concurrent use.
public final class TestAddresses {
    private TestAddresses() {}

    /// Finds a free TCP port of the loopback interface. Somebody else may take it before it is
    /// listened on; a listener on port 0 ([Address.TcpServer]) has no such race.
    ///
    /// @return the port
    /// @throws UncheckedIOException if no port can be had
    public static int freeTcpPort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Makes a path for a Unix domain socket: in a new temporary folder, so that nobody else has
    /// it. Path and folder are deleted when the process ends.
    ///
    /// @return an absolute path where no file is yet
    /// @throws UncheckedIOException if the folder cannot be made
    public static String temporaryUdsPath() {
        try {
            Path folder = Files.createTempDirectory("tofu");
            Path path = folder.resolve("s");
            // Deleted in the reverse order of registration: the socket's file, then its folder.
            folder.toFile().deleteOnExit();
            path.toFile().deleteOnExit();
            return path.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
