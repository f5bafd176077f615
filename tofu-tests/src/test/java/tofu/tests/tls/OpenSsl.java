package tofu.tests.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Secured;
import tofu.tests.rigs.Stage;

/// A running `openssl s_client`, with its output in a file.
record OpenSsl(Process process, Path output) implements AutoCloseable {
    /// Skips a test where there is none.
    static void assumeInstalled() {
        try {
            Process version =
                    new ProcessBuilder("openssl", "version")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            assumeTrue(version.waitFor() == 0, "openssl does not work");
        } catch (IOException e) {
            abort("openssl is not installed");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// What is sent to it goes to the server.
    static OpenSsl client(Stage stage, Path folder, String address, String... more)
            throws IOException {
        List<String> options = new ArrayList<>(List.of("-nocommands"));
        options.addAll(Arrays.asList(more));
        return commanding(stage, folder, address, options.toArray(String[]::new));
    }

    /// It hears commands.
    static OpenSsl commanding(Stage stage, Path folder, String address, String... more)
            throws IOException {
        List<String> command = new ArrayList<>(List.of("openssl", "s_client", "-connect"));
        command.add("127.0.0.1:" + address.split("\\|")[2]);
        command.addAll(List.of("-CAfile", Secured.FILES.authorities().toString()));
        command.add("-verify_return_error");
        command.addAll(Arrays.asList(more));
        Path output = folder.resolve("output-" + System.nanoTime());
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        stage.own(process::destroyForcibly);
        return new OpenSsl(process, output);
    }

    String said() {
        try {
            return Files.readString(output, ISO_8859_1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    void expect(String text) {
        Eventually.holds(text + " in " + output, () -> said().contains(text));
    }

    void expectEnd() {
        try {
            assertThat(process.waitFor(Peer.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
