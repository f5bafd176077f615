package tofu.tests.rigs;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;
import org.hamcrest.Matcher;
import org.junit.jupiter.api.extension.Extension;
import tofu.api.Ampe;
import tofu.api.Message;
import tofu.fixtures.TestAddresses;
import tofu.kit.Dispatcher;

/// A program of the tests in a JVM of its own, on the class path, wherever this JVM found its
/// classes.
public final class ChildProcess {
    /// One class of each library that a class of the tests extends.
    private static final List<Class<?>> LIBRARIES =
            List.of(
                    Assertions.class,
                    Awaitility.class,
                    Matcher.class,
                    Extension.class,
                    SpanExporter.class);

    private static final String CLASS_PATH = classPath();

    private ChildProcess() {}

    /// Runs a program to its end and expects it to print "ok" and nothing else.
    ///
    /// @param shell what a shell does before it becomes the program
    public static void expectOk(String shell, Class<?> program, String... arguments)
            throws Exception {
        assertThat(run(shell, program, arguments)).isEqualToIgnoringNewLines("ok");
    }

    /// Runs a program to its end.
    ///
    /// @param shell what a shell does before it becomes the program
    /// @return what it has printed
    public static String run(String shell, Class<?> program, String... arguments) throws Exception {
        return run(shell, command(program, arguments));
    }

    /// Runs a command to its end.
    ///
    /// @param shell what a shell does before it becomes the command
    /// @return what it has printed
    public static String run(String shell, List<String> program) throws Exception {
        List<String> command = new ArrayList<>();
        command.addAll(List.of("/bin/sh", "-c", shell + " && exec \"$0\" \"$@\""));
        command.addAll(program);
        Path output = Files.createTempFile("tofu", ".out");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            boolean ended = process.waitFor(5, TimeUnit.MINUTES);
            String printed = Files.readString(output);
            assertThat(ended).as("ended; printed " + printed).isTrue();
            return printed;
        } finally {
            process.destroyForcibly();
            Files.delete(output);
        }
    }

    /// Starts a program that is spoken to through its input and output; its errors go where ours
    /// go.
    ///
    /// @return the process, the caller's to end
    public static Process start(Class<?> program, String... arguments) throws IOException {
        return new ProcessBuilder(command(program, arguments))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /// The command line of a program; a JVM for it starts as fast as one can.
    public static List<String> command(Class<?> program, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-ea", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(List.of("-cp", CLASS_PATH, program.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    /// Copies the classes of a program to where every user can read them.
    ///
    /// @param command of [#command(Class, String...)]
    /// @return the command of the copy
    public static List<String> readableByAll(List<String> command, Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        StringJoiner copies = new StringJoiner(":");
        for (Path root : roots()) {
            Path parent = Files.createDirectory(folder.resolve("" + copies.length()));
            Path copy = parent.resolve(root.getFileName());
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file : files.toList()) {
                    Files.copy(file, copy.resolve(root.relativize(file)));
                }
            }
            copies.add(copy.toString());
        }
        return command.stream().map(word -> word.equals(CLASS_PATH) ? "" + copies : word).toList();
    }

    /// Loads all classes of tofu that are in folders: later there may be no descriptor to open
    /// their files with.
    public static void loadAllClasses() throws IOException, ReflectiveOperationException {
        for (Path root : roots()) {
            if (Files.isDirectory(root)) {
                load(root);
            }
        }
    }

    private static void load(Path root) throws IOException, ReflectiveOperationException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.toList()) {
                String name = root.relativize(file).toString().replace('/', '.');
                if (name.startsWith("tofu.") && name.endsWith(".class")) {
                    String type = name.substring(0, name.length() - ".class".length());
                    Class.forName(type, false, ChildProcess.class.getClassLoader());
                }
            }
        }
    }

    private static String classPath() {
        return String.join(":", roots().stream().map(Path::toString).toList());
    }

    private static Set<Path> roots() {
        Set<Path> roots = new LinkedHashSet<>(productRoots());
        roots.add(root(ChildProcess.class));
        roots.add(root(TestAddresses.class));
        for (Class<?> library : LIBRARIES) {
            roots.add(root(library));
        }
        return roots;
    }

    /// Where the classes of API, kit, pool and engine are: folders or jars.
    public static Set<Path> productRoots() {
        Set<Path> roots = new LinkedHashSet<>();
        roots.add(root(Ampe.class));
        roots.add(root(Dispatcher.class));
        try (Ampe engine = Ampe.open();
                Message message = engine.get()) {
            roots.add(root(engine.getClass()));
            roots.add(root(message.getClass()));
        }
        return roots;
    }

    /// All that this JVM could load, from its class path and its module path alike.
    public static String testPath() {
        return Stream.of("jdk.module.path", "java.class.path")
                .map(System::getProperty)
                .filter(Objects::nonNull)
                .collect(Collectors.joining(File.pathSeparator));
    }

    /// Where a class is: a folder or a jar.
    public static Path root(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        try {
            return Path.of(source.getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
