package tofu.recipes;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tofu.recipes.first.Failure;

/// A child process of the demo: the same program on the same Java, in another role.
///
/// A child lives no longer than its parent: its standard input is a pipe that the parent never
/// writes to, and when that ends, for whatever reason, so does the child ([#endWithParent()]).
///
/// Threads: one.
final class DemoProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader lines;
    private final Thread exitHook = new Thread(this::end, "child-exit");

    private DemoProcess(Process process) {
        this.process = process;
        this.lines = process.inputReader(StandardCharsets.UTF_8);
    }

    /// Starts a child; it shares this process's standard error.
    ///
    /// @param limit how long it may live
    /// @param args its arguments: a role, and what the role needs
    static DemoProcess start(Duration limit, String... args) {
        List<String> command = new ArrayList<>(sameJava());
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(Redirect.INHERIT);
        try {
            DemoProcess child = new DemoProcess(builder.start());
            Runtime.getRuntime().addShutdownHook(child.exitHook);
            CompletableFuture.delayedExecutor(limit.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(child::end);
            return child;
        } catch (IOException e) {
            throw new Failure("cannot start " + command, e);
        }
    }

    /// In a child: ends this process as soon as its parent has ended or lets it go.
    static void endWithParent() {
        Thread watch = new Thread(DemoProcess::awaitEndOfInput, "parent-watch");
        watch.setDaemon(true);
        watch.start();
    }

    /// Waits for the child's next line.
    ///
    /// @return the line, `null` if the child has ended
    @Nullable String line() {
        try {
            return lines.readLine();
        } catch (IOException e) {
            throw new Failure("cannot read what a child process says", e);
        }
    }

    /// Waits until the child has ended.
    ///
    /// @return its exit code
    int exitCode() throws InterruptedException {
        return process.waitFor();
    }

    /// Ends the child if it still runs.
    @Override
    public void close() {
        end();
        try {
            Runtime.getRuntime().removeShutdownHook(exitHook);
        } catch (IllegalStateException exiting) {
            // The hook runs already, and does the same.
        }
    }

    /// Lets the child end by itself, which takes its files away; kills it if it does not.
    private void end() {
        try {
            process.getOutputStream().close();
            if (process.waitFor(3, TimeUnit.SECONDS)) {
                return;
            }
        } catch (IOException e) {
            // The pipe is broken: the child has ended, or will not listen.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }

    /// The command that started this program, up to its arguments: on the module path or on the
    /// class path, as this one runs.
    static List<String> sameJava() {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Module module = Demo.class.getModule();
        String main = Demo.class.getName();
        if (!module.isNamed()) {
            return List.of(java, "-cp", System.getProperty("java.class.path"), main);
        }
        String path = System.getProperty("jdk.module.path");
        String moduleMain = module.getName() + "/" + main;
        return path == null
                ? List.of(java, "-m", moduleMain) // linked into the run-time image
                : List.of(java, "-p", path, "-m", moduleMain);
    }

    private static void awaitEndOfInput() {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            // As good as the end.
        }
        System.exit(1);
    }
}
