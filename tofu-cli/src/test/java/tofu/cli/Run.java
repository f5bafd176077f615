package tofu.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One run of `tofuctl`, as a process of its own. Closing it ends the process.
final class Run implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern LISTENING = Pattern.compile("listening on (\\S+)");

    /// What runs in the background of a shell ignores Ctrl-C, and so would what we start. An
    /// `env` of another system than Linux is not asked.
    private static final List<String> WITH_CTRL_C =
            ignoresCtrlC() ? List.of("env", "--default-signal=INT") : List.of();

    private static boolean ignoresCtrlC() {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return false;
        }
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("SigIgn:"))
                    .map(line -> line.substring(line.length() - 1))
                    .anyMatch(digit -> (Integer.parseInt(digit, 16) & 0b10) != 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What a stream of the process has brought so far. Guarded by itself.
    private static final class Printed {
        private final StringBuilder text = new StringBuilder();
        private final Thread reader;

        Printed(InputStream in) {
            reader = Thread.startVirtualThread(() -> read(in));
        }

        /// What it is in the end.
        String all() throws InterruptedException {
            assertThat(reader.join(PATIENCE)).as("the end of the stream").isTrue();
            return now();
        }

        private void read(InputStream in) {
            byte[] part = new byte[8192];
            try {
                for (int n = in.read(part); n >= 0; n = in.read(part)) {
                    synchronized (this) {
                        text.append(new String(part, 0, n, StandardCharsets.ISO_8859_1));
                        notifyAll();
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        synchronized String now() {
            byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
            return new String(bytes, StandardCharsets.UTF_8);
        }

        synchronized byte[] bytes() {
            return text.toString().getBytes(StandardCharsets.ISO_8859_1);
        }

        synchronized String await(Predicate<String> there, Run run) throws InterruptedException {
            long endNanos = System.nanoTime() + PATIENCE.toNanos();
            while (!there.test(now())) {
                long restNanos = endNanos - System.nanoTime();
                assertThat(restNanos).as("not printed in time; " + run).isPositive();
                assertThat(run.process.isAlive() || there.test(now()))
                        .as("has ended; " + run)
                        .isTrue();
                TimeUnit.NANOSECONDS.timedWait(this, Math.min(restNanos, 100_000_000));
            }
            return now();
        }
    }

    private final List<String> command;
    private final Process process;
    private final Printed out;
    private final Printed err;

    private Run(List<String> command, Map<String, String> environment) throws IOException {
        this.command = command;
        List<String> words = new ArrayList<>(WITH_CTRL_C);
        words.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment().putAll(environment);
        process = builder.start();
        out = new Printed(process.getInputStream());
        err = new Printed(process.getErrorStream());
    }

    /// Starts a command; it may be given input.
    static Run start(String... arguments) throws IOException {
        return new Run(command(arguments), Map.of());
    }

    /// Starts any program.
    static Run start(List<String> command, Map<String, String> environment) throws IOException {
        return new Run(command, environment);
    }

    /// Runs a command without input to its end.
    static Run toEnd(String... arguments) throws Exception {
        Run run = start(arguments);
        run.input().close();
        run.exitCode();
        return run;
    }

    /// The command line that runs `tofuctl` as a module, where this JVM has its modules from.
    static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-ea", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(List.of("-p", System.getProperty("jdk.module.path")));
        command.addAll(List.of("-m", "tofu.cli/tofu.cli.Main"));
        command.addAll(List.of(arguments));
        return command;
    }

    /// The same for a shell.
    static String shell(List<String> command) {
        return command.stream()
                .map(word -> "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
    }

    OutputStream input() {
        return process.getOutputStream();
    }

    /// Waits until the standard output is as it should be.
    String awaitOut(Predicate<String> there) throws InterruptedException {
        return out.await(there, this);
    }

    /// Waits until the standard error is as it should be.
    String awaitErr(Predicate<String> there) throws InterruptedException {
        return err.await(there, this);
    }

    /// Waits until it says where it listens, on its standard output or error.
    String address() throws InterruptedException {
        Predicate<String> listens = text -> address(text) != null;
        String all = Stream.of(out.now(), err.now()).collect(Collectors.joining());
        if (!listens.test(all)) {
            // `echo` says it as its output, the others beside theirs.
            all = command.contains("echo") ? awaitOut(listens) : awaitErr(listens);
        }
        return Objects.requireNonNull(address(all));
    }

    private static @Nullable String address(String text) {
        Matcher matcher = LISTENING.matcher(text);
        return matcher.find() && text.indexOf('\n', matcher.end()) >= 0 ? matcher.group(1) : null;
    }

    /// The number of the process.
    String pid() {
        return Long.toString(process.pid());
    }

    /// Sends a signal, such as `INT`.
    void signal(String name) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, "" + process.pid()).start();
        assertThat(kill.waitFor()).isZero();
    }

    /// Waits for the end.
    int exitCode() throws InterruptedException {
        return exitCode(PATIENCE);
    }

    /// Waits for the end, and makes one if it does not come.
    int exitCode(Duration patience) throws InterruptedException {
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            close();
            throw new AssertionError("has not ended; " + this);
        }
        return process.exitValue();
    }

    /// All of the standard output, once the process has ended.
    String out() throws InterruptedException {
        exitCode();
        return out.all();
    }

    /// All of the standard error, once the process has ended.
    String err() throws InterruptedException {
        exitCode();
        return err.all();
    }

    byte[] outBytes() throws InterruptedException {
        out();
        return out.bytes();
    }

    @Override
    public String toString() {
        return command.subList(Math.max(0, command.size() - 6), command.size())
                + "\nout: "
                + out.now()
                + "\nerr: "
                + err.now();
    }

    /// Ends the process and what it has started.
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
