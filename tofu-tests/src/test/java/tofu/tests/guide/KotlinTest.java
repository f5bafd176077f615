package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tofu.fixtures.TestAddresses;
import tofu.tests.rigs.ChildProcess;
import tofu.tests.rigs.Compilers;
import tofu.tests.rigs.ProjectRoot;

/// The Kotlin program of the guide: compiled without a warning and without `!!`, and run. Kotlin
/// knows what may be null, and refuses to use it unseen.
@Timeout(600)
@Execution(ExecutionMode.SAME_THREAD)
class KotlinTest {
    private static final Path PROGRAM =
            ProjectRoot.find().resolve("tofu-tests/src/test/resources/kotlin/Lexicon.kt");

    private static final List<String> LIBRARIES =
            List.of("kotlin-stdlib", "kotlinx-coroutines-core-jvm");

    @Test
    void itNeedsNoTwoExclamationMarksAndRuns(@TempDir Path folder) throws Exception {
        assertThat(Files.readString(PROGRAM)).doesNotContain("!!");
        assertThat(compile(PROGRAM, folder)).isEmpty();
        Set<String> path = path();
        path.add(folder.toString());
        List<String> run = java("-cp", String.join(":", path), "lexicon.LexiconKt");
        run.add("uds|" + TestAddresses.temporaryUdsPath());
        assertThat(ChildProcess.run(":", run).lines())
                .containsExactly("bean curd", "no such word", "bean curd");
    }

    @Tag("long") // another ten seconds of a processor
    @Test
    void whatMayBeNullIsRefused(@TempDir Path folder) throws Exception {
        Path careless = folder.resolve("Careless.kt");
        Files.writeString(
                careless,
                """
                import java.time.Duration
                import tofu.api.*

                fun received(group: ChannelGroup) = group.waitReceive(Duration.ZERO).body()
                fun channel(group: ChannelGroup): Channel = group.channel(1)
                fun nothing(group: ChannelGroup) = group.enqueueToPeer(null)
                fun name(message: Message): Int = message.headers().first("name").length
                fun pooled(ampe: Ampe) = ampe.get(AllocationStrategy.POOL_ONLY).close()
                fun fine(ampe: Ampe) = ampe.get().close()
                """);
        assertThat(compile(careless, folder).lines())
                .filteredOn(line -> line.contains(": error: "))
                .extracting(line -> line.replaceFirst(".*Careless.kt:(\\d+):.*", "$1"))
                .containsExactly("4", "5", "6", "7", "8");
    }

    private static String compile(Path source, Path classes) throws Exception {
        List<String> command =
                java("-cp", Compilers.path(), "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler");
        command.addAll(List.of("-Werror", "-no-stdlib", "-no-reflect", "-jvm-target", "25"));
        command.addAll(List.of("-jdk-home", System.getProperty("java.home")));
        Set<String> path = path();
        path.add(Compilers.jar("jspecify")); // to compile only
        command.addAll(List.of("-classpath", String.join(":", path)));
        command.addAll(List.of("-d", classes.toString(), source.toString()));
        return ChildProcess.run(":", command);
    }

    private static List<String> java(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        // Kotlin's compiler wants both, and would be warned of otherwise.
        command.add("--sun-misc-unsafe-memory-access=allow");
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(List.of(arguments));
        return command;
    }

    /// Kotlin's own library, and ours.
    private static Set<String> path() throws IOException {
        Set<String> path =
                ChildProcess.productRoots().stream()
                        .map(Path::toString)
                        .collect(Collectors.toCollection(TreeSet::new));
        for (String name : LIBRARIES) {
            path.add(Compilers.jar(name));
        }
        return path;
    }
}
