package tofu.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// How long a run of `tofuctl` takes from its start to its end, as the build has made it.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5)
@Measurement(iterations = 30)
@Fork(1)
public class StartBenchmark {
    /// The image's folder.
    @Param("tofu-cli/target/tofuctl")
    public String image = "";

    private Path folder = Path.of("");
    private String address = "";
    private @Nullable Process echo;

    /// Starts a server to talk to.
    @Setup(Level.Trial)
    public void listen() throws IOException {
        folder = Files.createTempDirectory("tofu");
        address = "uds|" + folder.resolve("s");
        Process server = new ProcessBuilder(command("echo", "-q", address)).start();
        echo = server;
        String first = server.inputReader().readLine();
        if (first == null || !first.startsWith("listening on ")) {
            throw new IllegalStateException("no server: " + first);
        }
    }

    /// Ends it.
    @TearDown(Level.Trial)
    public void end() throws IOException, InterruptedException {
        Process server = Objects.requireNonNull(echo);
        server.destroy();
        server.waitFor();
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(StartBenchmark::delete);
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> command(String... arguments) {
        String program = Path.of(image, "bin", "tofuctl").toString();
        return Stream.concat(Stream.of(program), Stream.of(arguments)).toList();
    }

    private static int run(List<String> command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        int code = process.waitFor();
        if (code != 0) {
            throw new IllegalStateException(command + " ended with " + code);
        }
        return code;
    }

    /// What a JVM of the image takes to do nothing.
    @Benchmark
    public int jvm() throws IOException, InterruptedException {
        return run(List.of(Path.of(image, "bin", "java").toString(), "--version"));
    }

    /// Says which version it is.
    @Benchmark
    public int version() throws IOException, InterruptedException {
        return run(command("--version"));
    }

    /// Connects, asks once, and leaves.
    @Benchmark
    public int ping() throws IOException, InterruptedException {
        return run(command("ping", "-c", "1", address));
    }
}
