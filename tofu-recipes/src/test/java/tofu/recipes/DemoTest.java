package tofu.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class DemoTest {
    @Test
    void everyCheckPassesTheTableHasAllTransportsAndNoSocketFileIsLeft() throws Exception {
        RunningRecipe demo = RunningRecipe.start(Demo::run, "0.01");
        Path socket = Path.of(demo.awaitLine("uds: listening on uds|"));
        assertThat(demo.exitCode()).as(demo.errors()).isZero();
        assertThat(demo.errors()).isEmpty();
        assertThat(demo.output()).filteredOn(line -> line.contains("checksum right")).hasSize(3);
        assertThat(demo.output().subList(demo.output().size() - 3, demo.output().size()))
                .satisfiesExactly(
                        row -> assertThat(row).startsWith("tcp   |"),
                        row -> assertThat(row).startsWith("uds   |"),
                        row -> assertThat(row).startsWith("tls   |"));
        assertThat(socket).doesNotExist();
        assertThat(socket.getParent()).doesNotExist();
    }

    @Test
    void itRunsOnTheClassPathToo() throws Exception {
        String modulePath = System.getProperty("jdk.module.path");
        String classPath = System.getProperty("java.class.path");
        List<String> command =
                List.of(
                        DemoProcess.sameJava().getFirst(),
                        "-cp",
                        modulePath == null ? classPath : modulePath,
                        "tofu.recipes.Demo",
                        "0.01");
        Process demo = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (BufferedReader lines = demo.inputReader()) {
            List<String> output = lines.lines().toList();
            assertThat(demo.waitFor()).as(output::toString).isZero();
        } finally {
            demo.destroyForcibly();
        }
    }

    @Test
    void whoKillsTheDemoKillsItsProcesses() throws Exception {
        Process demo = new ProcessBuilder(DemoProcess.sameJava()).redirectErrorStream(true).start();
        try (BufferedReader lines = demo.inputReader()) {
            String line = lines.readLine();
            while (line != null && !line.equals("tcp: connected")) {
                line = lines.readLine();
            }
            List<ProcessHandle> children = demo.descendants().toList();
            assertThat(children).hasSize(2);
            demo.destroyForcibly();
            for (ProcessHandle child : children) {
                child.onExit().get(30, TimeUnit.SECONDS);
            }
        } finally {
            demo.destroyForcibly();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"soon", "0", "61", "1 2", "server", "client x", "client a 1 2"})
    void badArgumentsAreExplained(String args) throws Exception {
        RunningRecipe demo = RunningRecipe.start(Demo::run, args.split(" ", -1));
        assertThat(demo.exitCode()).isEqualTo(2);
        assertThat(demo.errors()).startsWith("Demo: wrong: " + args).contains("usage: Demo");
    }

    @Test
    void figuresTravelAsOneLine() {
        DemoFigures figures = new DemoFigures(41_234, 98_765, 8_123_456.7, 2.5e9);
        assertThat(DemoFigures.isIn(figures.toLine())).isTrue();
        assertThat(DemoFigures.of(figures.toLine())).isEqualTo(figures);
        assertThat(DemoFigures.isIn("connected")).isFalse();
        assertThat(figures.toRow("tcp"))
                .isEqualTo("tcp   |      41.2        98.8 |     8,123,457 |        2,500.0");
    }
}
