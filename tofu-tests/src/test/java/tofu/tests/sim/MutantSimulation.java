package tofu.tests.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tofu.tests.rigs.ProjectRoot;

/// Shows that the simulation would find bugs, by planting them: each [Mutant] is compiled, and put
/// in front of the class path of a [Simulation].
class MutantSimulation {
    private static final String SEEDS = "4000";
    private static final Pattern FOUND = Pattern.compile("(?m)^seed (\\d+): (.*)$");

    @TempDir Path folder;

    static Mutant[] mutants() {
        return Mutant.all();
    }

    @Test
    void everyMutantHasItsPlace() throws IOException {
        for (Mutant mutant : mutants()) {
            assertThat(mutant.in(source(mutant))).isNotEqualTo(source(mutant));
        }
    }

    @ParameterizedTest
    @MethodSource("mutants")
    @Tag("long")
    @Timeout(600)
    void everyPlantedBugIsFound(Mutant mutant) throws Exception {
        Path classes = compile(mutant);
        Path output = folder.resolve("output");
        Process simulation =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-ea",
                                "-cp",
                                classes + File.pathSeparator + classPath(),
                                Simulation.class.getName(),
                                "--secure",
                                mutant.wires() == World.Wires.PLAIN ? "0" : "1",
                                "--seeds",
                                SEEDS)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            assertThat(simulation.waitFor(9, TimeUnit.MINUTES)).as("it ends").isTrue();
        } finally {
            simulation.destroyForcibly();
        }
        Matcher found = FOUND.matcher(Files.readString(output));
        assertThat(found.find()).as("found within " + SEEDS + " seeds").isTrue();
        System.out.println("| " + mutant + " | " + found.group(1) + " | " + found.group(2) + " |");
    }

    private Path compile(Mutant mutant) throws IOException {
        String name = Path.of(mutant.file()).getFileName().toString();
        Path source = Files.writeString(folder.resolve(name), mutant.in(source(mutant)));
        Path classes = Files.createDirectory(folder.resolve("classes"));
        List<String> arguments =
                List.of(
                        "-proc:none",
                        "-nowarn",
                        "-cp",
                        classPath(),
                        "-d",
                        classes.toString(),
                        source.toString());
        int code =
                ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, arguments.toArray(String[]::new));
        assertThat(code).as("exit code of the compiler").isZero();
        return classes;
    }

    private static String source(Mutant mutant) throws IOException {
        return Files.readString(ProjectRoot.find().resolve(mutant.file()));
    }

    /// All that this JVM has, as a class path.
    private static String classPath() {
        return System.getProperty("jdk.module.path", "")
                + File.pathSeparator
                + System.getProperty("java.class.path");
    }
}
