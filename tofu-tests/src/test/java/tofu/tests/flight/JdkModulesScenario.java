package tofu.tests.flight;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tofu.fixtures.TestAddresses;
import tofu.tests.rigs.ChildProcess;

/// With and without the JDK's module for the flight recorder: a JVM that is given only some modules
/// has what an image of those has.
class JdkModulesScenario {
    private static final String WITHOUT = "--limit-modules=java.base";

    /// The command line of a program on the class path that says hello.
    private static List<String> talking(String... options) {
        return with(
                List.of(options),
                ChildProcess.command(Talking.class, TestAddresses.temporaryUdsPath().toString()));
    }

    /// The same with tofu in modules.
    private static List<String> talkingInModules(String... options) {
        List<String> command = new ArrayList<>(List.of(options));
        command.add("--add-modules=tofu.engine");
        command.add("-p");
        command.add(
                ChildProcess.productRoots().stream()
                        .map(Path::toString)
                        .collect(Collectors.joining(":")));
        List<String> onClassPath = talking();
        int classPath = onClassPath.indexOf("-cp") + 1;
        onClassPath.set(classPath, ChildProcess.root(Talking.class).toString());
        return with(command, onClassPath);
    }

    private static List<String> with(List<String> options, List<String> command) {
        List<String> all = new ArrayList<>(command);
        all.addAll(1, options);
        return all;
    }

    private static String run(List<String> command) throws Exception {
        return ChildProcess.run("true", command).strip();
    }

    @Test
    void anEngineOnTheClassPathNeedsNoRecorder() throws Exception {
        assertThat(run(talking(WITHOUT))).isEqualTo("without a recorder: ok");
    }

    @Test
    void anEngineInAModuleNeedsNoRecorder() throws Exception {
        assertThat(run(talkingInModules(WITHOUT + ",tofu.engine,tofu.pool,tofu.api")))
                .isEqualTo("without a recorder: ok");
    }

    /// That takes the JDK tens of milliseconds.
    @Test
    void withoutARecordingNoEventIsMadeKnown(@TempDir Path folder) throws Exception {
        Path classes = folder.resolve("classes");
        assertThat(run(talking("-Xlog:class+load:file=" + classes)))
                .isEqualTo("with a recorder: ok");

        assertThat(Files.readString(classes))
                .contains("tofu.engine.JfrRecorder")
                .doesNotContain("jdk.jfr.internal.MetadataRepository");
    }

    /// Its events are seen though its packages are open to nobody.
    @Test
    void anEngineInAModuleIsRecorded(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("run.jfr");
        String recording =
                "-XX:StartFlightRecording:settings=default,settings="
                        + Settings.file()
                        + ",filename="
                        + file;
        assertThat(run(talkingInModules(recording, "-Xlog:jfr*=off", "-Xlog:startuptime=off")))
                .contains("with a recorder: ok");

        assertThat(RecordingFile.readAllEvents(file))
                .extracting(event -> event.getEventType().getName())
                .contains("jdk.JVMInformation", "tofu.Connect", "tofu.Handshake");
    }
}
