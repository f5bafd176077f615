package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tofu.api.Options;
import tofu.api.PemFiles;
import tofu.api.TlsSettings;
import tofu.fixtures.TestAddresses;
import tofu.tests.guide.SecurityTest.Listening;
import tofu.tests.rigs.ChildProcess;

/// docs/guide/security.md as a newcomer reads it: its commands are run as they stand there, then
/// each step by itself and the two programs with the files that were made. Skipped where there is
/// no OpenSSL.
class SecurityPageTest {
    private static final Page PAGE = Page.of("docs/guide/security.md");
    private static final String PORT = "7099";
    private static final Set<String> ANYBODY = Set.of();

    @TempDir static Path folder;

    /// Step 1.
    @BeforeAll
    static void makeFiles() throws Exception {
        try {
            new ProcessBuilder("openssl", "version").start().destroyForcibly();
        } catch (IOException e) {
            abort("openssl is not installed");
        }
        List<Page.Block> commands =
                PAGE.blocks().stream().filter(block -> block.language().equals("sh")).toList();
        assertThat(commands).hasSize(1);
        Path log = folder.resolve("log");
        Process shell =
                new ProcessBuilder("sh", "-e", "-c", commands.getFirst().text())
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        assertThat(shell.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(shell.exitValue()).as(Files.readString(log)).isZero();
    }

    private static Path file(String name) {
        return folder.resolve(name);
    }

    private static Options server() {
        return SecurityTest.serverOptions(file("server.key"), file("server.crt"));
    }

    private static Options client() {
        return SecurityTest.clientOptions(file("authorities.crt"));
    }

    private static Options mutualServer() {
        return SecurityTest.mutualServer(
                file("server.key"), file("server.crt"), file("authorities.crt"));
    }

    private static Options alice() {
        return SecurityTest.mutualClient(
                file("alice.key"), file("alice.crt"), file("authorities.crt"));
    }

    /// Step 2, seen by a client that is none of ours, and does not look for whom it is.
    @Test
    void theServerShowsWhoItIs() throws Exception {
        try (Listening serving = SecurityTest.listen(server(), "tls|127.0.0.1|0");
                SSLSocket socket = connect(serving, PemFiles.trust(file("authorities.crt")))) {
            socket.startHandshake();
            assertThat(socket.getSession().getPeerPrincipal().getName()).isEqualTo("CN=server");
            assertThat(socket.getApplicationProtocol()).isEqualTo(TlsSettings.PROTOCOL);
        }
    }

    /// Step 3, by whom it keeps out: a server for whom another authority vouches, here itself.
    @Test
    void theServerIsNotWhoItSaysForSomebodyWhoTrustsAnotherAuthority() throws Exception {
        try (Listening serving = SecurityTest.listen(server(), "tls|127.0.0.1|0");
                SSLSocket socket = connect(serving, PemFiles.trust(file("alice.crt")))) {
            assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLException.class);
        }
        assertThat(
                        SecurityTest.hello(
                                server(), SecurityTest.clientOptions(file("alice.crt")), ANYBODY))
                .isEqualTo("HELLO_REQUEST TLS_CERTIFICATE_UNKNOWN");
    }

    private static SSLSocket connect(Listening serving, PemFiles files) throws IOException {
        int port = Integer.parseInt(serving.address().toString().split("\\|")[2]);
        SSLSocket socket =
                (SSLSocket)
                        files.get()
                                .getSocketFactory()
                                .createSocket(InetAddress.ofLiteral("127.0.0.1"), port);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {TlsSettings.PROTOCOL});
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(20_000);
        return socket;
    }

    /// Step 3.
    @Test
    void theClientLooks() throws InterruptedException {
        assertThat(SecurityTest.hello(server(), client(), ANYBODY))
                .isEqualTo("HELLO_RESPONSE SUCCESS");
    }

    /// Step 3, the host: the authority vouches for Alice, and not for her being at 127.0.0.1.
    @Test
    void theClientLooksForWhichHostTheCertificateIs() throws InterruptedException {
        Options pretender = SecurityTest.serverOptions(file("alice.key"), file("alice.crt"));
        assertThat(SecurityTest.hello(pretender, client(), ANYBODY))
                .isEqualTo("HELLO_REQUEST TLS_WRONG_HOST");
    }

    /// Step 4.
    @Test
    void theClientShowsWhoItIsToo() throws InterruptedException {
        assertThat(SecurityTest.hello(mutualServer(), alice(), ANYBODY))
                .isEqualTo("HELLO_RESPONSE SUCCESS");
        assertThat(SecurityTest.hello(mutualServer(), client(), ANYBODY))
                .endsWith("TLS_CLIENT_CERTIFICATE_MISSING");
    }

    /// Step 5.
    @Test
    void theApplicationDecidesAtTheHello() throws InterruptedException {
        assertThat(SecurityTest.hello(mutualServer(), alice(), Set.of("alice.example.org")))
                .isEqualTo("HELLO_RESPONSE SUCCESS");
        assertThat(SecurityTest.hello(mutualServer(), alice(), Set.of("bob.example.org")))
                .isEqualTo("BYE_RESPONSE SUCCESS, nobody I know");
    }

    // ---- all of it

    /// As they stand on the page; only the port is another.
    @Test
    void theProgramsTalk(@TempDir Path work) throws Exception {
        String port = Integer.toString(TestAddresses.freeTcpPort());
        Path sources = work.resolve("src");
        for (Page.Block block : PAGE.blocks()) {
            if (block.kind().equals("program")) {
                assertThat(block.text()).contains(PORT);
                Path file = sources.resolve(block.source());
                Files.createDirectories(file.getParent());
                Files.writeString(file, block.text().replace(PORT, port));
            }
        }
        Path classes = Files.createDirectory(work.resolve("classes"));
        HelloTest.compile(sources, classes, false);
        Process server = start(classes, "secure.SecureServer");
        try (BufferedReader said = server.inputReader()) {
            assertThat(said.readLine()).isEqualTo("listening on tls|127.0.0.1|" + port);
            Process client = start(classes, "secure.SecureClient");
            String printed = new String(client.getInputStream().readAllBytes());
            assertThat(client.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(printed).isEqualTo(expected());
        } finally {
            server.destroyForcibly();
        }
    }

    private static String expected() {
        return PAGE.blocks().stream()
                .filter(block -> block.kind().equals("output"))
                .map(Page.Block::text)
                .findFirst()
                .orElseThrow();
    }

    private static Process start(Path classes, String program) throws IOException {
        Set<Path> path = ChildProcess.productRoots();
        path.add(classes);
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new ProcessBuilder(java, "-cp", HelloTest.path(path), program)
                .directory(folder.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
