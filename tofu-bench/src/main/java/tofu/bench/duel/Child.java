package tofu.bench.duel;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/// One side of a run as a process of its own, which lives no longer than this one: it ends when
/// its standard input does.
///
/// Thread: one.
final class Child implements AutoCloseable {
    private static final int LAST_WORDS = 2_000;

    private final Process process;
    private final BufferedReader lines;
    private final Path complaints;

    private Child(Process process, Path complaints) {
        this.process = process;
        this.lines = process.inputReader(StandardCharsets.UTF_8);
        this.complaints = complaints;
    }

    /// Starts a process.
    ///
    /// @param complaints the file that takes its standard error
    static Child start(List<String> command, Path complaints) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(Redirect.to(complaints.toFile()));
        return new Child(builder.start(), complaints);
    }

    /// Waits for the line that starts with these words.
    ///
    /// @return the whole line
    /// @throws IOException if the process ended before, with what it had to say
    String line(String start, long timeoutNanos) throws IOException, InterruptedException {
        CompletableFuture<String> line = CompletableFuture.supplyAsync(() -> find(start));
        try {
            return line.get(timeoutNanos, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new IOException(
                    complaints.getFileName() + ": no line '" + start + "' in time; " + lastWords(),
                    e);
        } catch (ExecutionException e) {
            throw new IOException(
                    complaints.getFileName() + ": it ended without '" + start + "'; " + lastWords(),
                    e);
        }
    }

    long pid() {
        return process.pid();
    }

    /// Processor time of all threads that live, in nanoseconds.
    long cpuNanos() throws IOException {
        long sum = 0;
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid()), "task"))) {
            for (Path thread : threads.toList()) {
                sum += cpuNanos(thread);
            }
        }
        return sum;
    }

    private static long cpuNanos(Path thread) throws IOException {
        try {
            String words = Files.readAllLines(thread.resolve("schedstat")).getFirst();
            return Long.parseLong(words.substring(0, words.indexOf(' ')));
        } catch (NoSuchFileException e) {
            return 0; // it has ended since
        }
    }

    private String find(String start) {
        return lines.lines().filter(line -> line.startsWith(start)).findFirst().orElseThrow();
    }

    /// The start of its standard error.
    String lastWords() throws IOException {
        String words = Files.readString(complaints).strip();
        return words.substring(0, Math.min(words.length(), LAST_WORDS));
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (process.waitFor(2, TimeUnit.SECONDS)) {
                return;
            }
        } catch (IOException e) {
            // The pipe is broken: it has ended already.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }
}
