package tofu.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tofu.fixtures.TestCertificates;

/// Commands that talk over TLS.
class TlsTest {
    private static final String HERE = "tls|127.0.0.1|0";

    private static List<String> identity(TestCertificates files, String name) {
        return List.of(
                "--tls-cert",
                files.chain(name).toString(),
                "--tls-key",
                files.key(name).toString());
    }

    private static List<String> identity(String name) {
        return identity(TestCertificates.shared(), name);
    }

    private static List<String> trust() {
        return List.of("--tls-trust", TestCertificates.shared().authorities().toString());
    }

    @SafeVarargs
    private static String[] words(List<String>... parts) {
        List<String> words = new ArrayList<>();
        for (List<String> part : parts) {
            words.addAll(part);
        }
        return words.toArray(String[]::new);
    }

    private static Run echo(TestCertificates files) throws Exception {
        return Run.start(words(List.of("echo"), identity(files, "server"), List.of(HERE)));
    }

    @Test
    @Tag("long")
    void catAndPingAndBenchTrustWhomTheyAreTold() throws Exception {
        try (Run echo = echo(TestCertificates.shared());
                Run cat =
                        Run.toEnd(
                                words(
                                        List.of("cat", "-t", "request", "-d", "hello"),
                                        trust(),
                                        List.of(echo.address())));
                Run ping =
                        Run.toEnd(
                                words(
                                        List.of("ping", "-c", "2", "-i", "1ms"),
                                        trust(),
                                        List.of(echo.address())));
                Run bench =
                        Run.toEnd(
                                words(
                                        List.of("bench", "-m", "echo", "-s", "64"),
                                        List.of("-d", "100ms", "--warm-up", "1ms"),
                                        trust(),
                                        List.of(echo.address())))) {
            assertThat(cat.out()).as(cat.toString()).isEqualTo("hello\n");
            assertThat(cat.exitCode()).isZero();
            assertThat(ping.exitCode()).as(ping.toString()).isZero();
            assertThat(bench.exitCode()).as(bench.toString()).isZero();
        }
    }

    @Test
    void whoIsNotTrustedIsSaidInOneLine(@TempDir Path folder) throws Exception {
        try (Run echo = echo(new TestCertificates(folder));
                Run cat = Run.toEnd("cat", "-d", "hello", echo.address())) {
            assertThat(cat.exitCode()).as(cat.toString()).isEqualTo(3);
            assertThat(cat.err())
                    .isEqualTo(
                            "tofuctl cat: cannot connect to "
                                    + echo.address()
                                    + ": TLS_CERTIFICATE_UNKNOWN, nobody who is trusted vouches for"
                                    + " it\n");
        }
    }

    @Test
    @Tag("long")
    void whoListensAndTrustsSomeDemandsACertificate() throws Exception {
        List<String> listen = List.of("cat", "--listen", "--once", HERE);
        try (Run server = Run.start(words(listen, identity("server"), trust()));
                Run stranger =
                        Run.toEnd(words(List.of("cat", "-d", "no", server.address()), trust()));
                Run client =
                        Run.toEnd(
                                words(
                                        List.of("cat", "-d", "hello", server.address()),
                                        identity("client"),
                                        trust()))) {
            assertThat(stranger.exitCode()).as(stranger.toString()).isNotZero();
            assertThat(client.exitCode()).as(client.toString()).isZero();
            assertThat(server.exitCode()).as(server.toString()).isZero();
            assertThat(server.out()).isEqualTo("hello\n");
        }
    }

    @Test
    @Tag("long")
    void whoDoesNotSpeakTlsIsSaid() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var greeter = Executors.newVirtualThreadPerTaskExecutor()) {
            greeter.submit(
                    () -> {
                        try (Socket peer = socket.accept()) {
                            peer.getOutputStream().write("220 hello\r\n".getBytes(US_ASCII));
                            peer.getInputStream().transferTo(OutputStream.nullOutputStream());
                        }
                        return null;
                    });
            String address = "tls|127.0.0.1|" + socket.getLocalPort();
            try (Run ping = Run.toEnd(words(List.of("ping"), trust(), List.of(address)))) {
                assertThat(ping.exitCode()).as(ping.toString()).isEqualTo(3);
                assertThat(ping.err()).contains("TLS_PLAINTEXT, the peer does not speak TLS");
            }
        }
    }
}
