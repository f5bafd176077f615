package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tofu.fixtures.TestAddresses;
import tofu.tests.rigs.ChildProcess;

/// The programs of the README, as they stand there: compiled without a warning, and run in two
/// processes, on the module path and on the class path. Only the port is another.
class HelloTest {
    private static final Page README = Page.of("README.md");
    private static final String PORT = "7099";

    @ParameterizedTest
    @CsvSource({
        "true, HelloServer, HelloClient",
        "false, HelloServer, HelloClient",
        "true, RawServer, RawClient",
        "false, RawServer, RawClient",
        "true, HelloServer, RawClient",
        "true, RawServer, HelloClient"
    })
    void theClientPrintsWhatTheReadmeSays(
            boolean asModule, String serverName, String clientName, @TempDir Path folder)
            throws Exception {
        Path sources = writeSources(folder.resolve("src"), asModule);
        Path classes = Files.createDirectory(folder.resolve("classes"));
        compile(sources, classes, asModule);
        Process server = start(classes, asModule, serverName);
        try (BufferedReader said = server.inputReader()) {
            assertThat(said.readLine()).containsAnyOf("SUCCESS", "listening on");
            Process client = start(classes, asModule, clientName);
            List<String> printed = client.inputReader().lines().toList();
            assertThat(client.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(String.join("\n", printed).replaceAll(" (?=\n|$)", "") + "\n")
                    .isEqualTo(expected(clientName));
        } finally {
            server.destroyForcibly();
        }
    }

    @Test
    void theReadmeHasFourProgramsAndAModule() {
        assertThat(programs().stream().map(Page.Block::source))
                .containsExactly(
                        "hello/HelloServer.java",
                        "hello/HelloClient.java",
                        "hello/RawServer.java",
                        "hello/RawClient.java",
                        "module-info.java");
    }

    private static List<Page.Block> programs() {
        return README.blocks().stream().filter(block -> block.kind().equals("program")).toList();
    }

    private static String expected(String program) {
        return README.blocks().stream()
                .filter(block -> block.kind().equals("output") && block.source().equals(program))
                .map(Page.Block::text)
                .findFirst()
                .orElseThrow();
    }

    private static Path writeSources(Path folder, boolean asModule) throws IOException {
        String port = Integer.toString(TestAddresses.freeTcpPort());
        for (Page.Block program : programs()) {
            if (asModule || !program.source().equals("module-info.java")) {
                Path file = folder.resolve(program.source());
                Files.createDirectories(file.getParent());
                Files.writeString(file, program.text().replace(PORT, port));
            }
        }
        return folder;
    }

    static void compile(Path sources, Path classes, boolean asModule) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> command = new ArrayList<>(List.of("-Xlint:all", "-Werror", "-proc:none"));
        command.addAll(List.of("-d", classes.toString()));
        command.addAll(List.of(asModule ? "-p" : "-cp", path(ChildProcess.productRoots())));
        try (var files = Files.walk(sources)) {
            files.filter(Files::isRegularFile).map(Path::toString).forEach(command::add);
        }
        int result = compiler.run(null, null, null, command.toArray(String[]::new));
        assertThat(result).as("compiles without a warning: " + command).isZero();
    }

    private static Process start(Path classes, boolean asModule, String program)
            throws IOException {
        Set<Path> path = ChildProcess.productRoots();
        path.add(classes);
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(asModule ? "-p" : "-cp", path(path)));
        command.addAll(
                asModule ? List.of("-m", "hello/hello." + program) : List.of("hello." + program));
        return new ProcessBuilder(command).start();
    }

    static String path(Set<Path> roots) {
        return roots.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }
}
