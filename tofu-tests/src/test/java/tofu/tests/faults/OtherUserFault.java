package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tofu.fixtures.TestAddresses;
import tofu.tests.rigs.ChildProcess;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Stage;

/// Another user, in a process of his own, at a Unix domain socket: the mode of its file decides
/// whether he may connect, the mode of a folder whether he may listen there.
///
/// Root alone can become somebody else; what any other user can try is in
/// [tofu.tests.scenarios.OwnershipScenario].
class OtherUserFault {
    private static final String NOBODY = "65534";

    @RegisterExtension final Stage stage = new Stage();

    @ParameterizedTest
    @CsvSource({
        "rw-------, COMMUNICATION_FAILED",
        "rw-rw----, COMMUNICATION_FAILED",
        "rw-rw-rw-, SUCCESS"
    })
    void theModesDecide(String mode, String expected) throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "needs root");
        Path file = Path.of(TestAddresses.temporaryUdsPath());
        Files.setPosixFilePermissions(
                file.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
        var permissions = PosixFilePermissions.fromString(mode);
        try (Responder server =
                new Responder(stage.engine(o -> o.udsPermissions(permissions)), "uds|" + file)) {
            List<String> tried =
                    ChildProcess.command(OtherUser.class, server.address(), server.address() + "2");
            assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "needs setpriv");
            Path classes = ChildProcess.root(OtherUser.class);
            assumeTrue(
                    asNobody(List.of("ls", classes.toString())) != null,
                    "nobody must be able to read " + classes);
            String result = asNobody(tried);
            assertThat(result).as("what it has printed, if it did not fail").isNotNull();
            assertThat(result.strip()).isEqualTo(expected + " LISTEN_FAILED");
        }
        assertThat(file.getParent()).isEmptyDirectory();
    }

    /// Runs a program as nobody.
    ///
    /// @return what it has printed; `null` if it failed
    private static @Nullable String asNobody(List<String> program) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of("setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"));
        command.addAll(program);
        Process process = new ProcessBuilder(command).directory(Path.of("/").toFile()).start();
        try {
            byte[] output = process.getInputStream().readAllBytes();
            boolean ended = process.waitFor(Peer.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            return ended && process.exitValue() == 0
                    ? new String(output, StandardCharsets.UTF_8)
                    : null;
        } finally {
            process.destroyForcibly();
        }
    }
}
