package tofu.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import tofu.fixtures.TestAddresses;

/// The image that the build has made: it runs where no JDK is, from wherever it lies.
@EnabledIfSystemProperty(named = "tofu.image", matches = ".+")
class ImageTest {
    private static final Path IMAGE = Path.of(System.getProperty("tofu.image"));

    private static Run run(Path program, String... arguments) throws Exception {
        // Nothing of this machine's Java, and no locale.
        String[] command = new String[arguments.length + 4];
        command[0] = "env";
        command[1] = "-i";
        command[2] = "PATH=/usr/bin:/bin";
        command[3] = program.toString();
        System.arraycopy(arguments, 0, command, 4, arguments.length);
        return Run.start(List.of(command), Map.of());
    }

    @Test
    void itTalksWithoutAJdk() throws Exception {
        Path tofuctl = IMAGE.resolve("bin/tofuctl");
        String address = "uds|" + TestAddresses.temporaryUdsPath();
        try (Run echo = run(tofuctl, "echo", address)) {
            assertThat(echo.address()).isEqualTo(address);
            try (Run ping = run(tofuctl, "ping", "-c", "2", "-i", "1ms", address)) {
                assertThat(ping.exitCode()).as(ping.toString()).isZero();
                assertThat(ping.out()).contains("2 sent, 2 answered, 0.0 % lost");
                assertThat(ping.err()).isEmpty();
            }
            try (Run cat = run(tofuctl, "cat", "-t", "request", address)) {
                cat.input().write("in UTF-8, whatever the locale: ü\n".getBytes(UTF_8));
                cat.input().close();
                assertThat(cat.out()).isEqualTo("in UTF-8, whatever the locale: ü\n");
            }
            echo.signal("INT");
            assertThat(echo.exitCode()).isEqualTo(130);
        }
    }

    /// The script sees where the output goes: Java sees a terminal only if the input is one, too.
    @Test
    void whatAPeerSendsDrawsNothingThoughTheInputIsAPipe() throws Exception {
        DrawingTest.assumeScript();
        Path tofuctl = IMAGE.resolve("bin/tofuctl");
        try (Run echo = run(tofuctl, "echo", "uds|" + TestAddresses.temporaryUdsPath())) {
            String cat =
                    "printf '\\033]0;title\\007\\n' | "
                            + Run.shell(
                                    List.of(
                                            tofuctl.toString(),
                                            "cat",
                                            "-t",
                                            "request",
                                            echo.address()));
            String all = cat + "; export TERM=dumb; " + cat + "; " + cat + " | cat -v";
            try (Run onTerminal =
                    Run.start(
                            List.of("script", "-qec", all, "/dev/null"), Map.of("TERM", "xterm"))) {
                assertThat(onTerminal.exitCode()).as(onTerminal.toString()).isZero();
                assertThat(onTerminal.out().lines().map(String::strip))
                        .as("to a terminal, to a dumb one, into a pipe")
                        .containsExactly(
                                "\\u{1b}]0;title\\u{7}", "\\u{1b}]0;title\\u{7}", "^[]0;title^G");
            }
        }
    }

    @Test
    void itLooksIntoAJvm() throws Exception {
        Path tofuctl = IMAGE.resolve("bin/tofuctl");
        try (Run program = TopTest.stalling(1)) {
            program.awaitOut(text -> text.contains("ready "));
            try (Run top = run(tofuctl, "top", "--once", "-i", "100ms", program.pid())) {
                assertThat(top.exitCode()).as(top.toString()).isZero();
                assertThat(top.out()).contains("front: 1 channels, ");
                assertThat(top.err()).isEmpty();
            }
        }
    }

    @Test
    void itStartsFromAnArchiveOfItsClasses() throws Exception {
        String classPath;
        try (Stream<Path> jars = Files.list(IMAGE.resolve("app"))) {
            classPath =
                    String.join(
                            ":",
                            jars.filter(jar -> jar.toString().endsWith(".jar"))
                                    .map(Path::toString)
                                    .sorted()
                                    .toList());
        }
        try (Run run =
                run(
                        IMAGE.resolve("bin/java"),
                        "-XX:+UseSerialGC",
                        "-XX:AOTMode=on", // fails if the archive does not fit
                        "-XX:AOTCache=" + IMAGE.resolve("app/tofuctl.aot"),
                        "-Xlog:class+load",
                        "-cp",
                        classPath,
                        "tofu.cli.Main",
                        "--version")) {
            assertThat(run.exitCode()).as(run.err()).isZero();
            assertThat(run.out())
                    .containsPattern("tofu\\.cli\\.Main source: shared objects file")
                    .containsPattern("tofu\\.engine\\.Engine source: shared objects file");
        }
    }

    @Test
    void itMayBeMovedAndLinkedTo(@TempDir Path folder) throws Exception {
        Path copy = folder.resolve("a copy");
        try (Run run =
                Run.start(List.of("cp", "-r", IMAGE.toString(), copy.toString()), Map.of())) {
            assertThat(run.exitCode()).isZero();
        }
        Path link =
                Files.createSymbolicLink(folder.resolve("tofuctl"), Path.of("a copy/bin/tofuctl"));
        try (Run run = run(link, "ping", "x")) {
            assertThat(run.exitCode()).isEqualTo(2);
            assertThat(run.err().lines())
                    .hasSize(1)
                    .allMatch(line -> line.startsWith("tofuctl ping"));
        }
    }
}
