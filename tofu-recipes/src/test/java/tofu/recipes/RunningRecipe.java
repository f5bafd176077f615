package tofu.recipes;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A recipe that runs in a thread of its own; what it prints can be waited for.
final class RunningRecipe {
    private static final long PATIENCE_SECONDS = 60;

    private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final List<String> seen = new ArrayList<>();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
    private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();

    private RunningRecipe() {}

    /// The `run` of a recipe.
    interface Recipe {
        int run(PrintStream out, PrintStream err, String... args) throws InterruptedException;
    }

    static RunningRecipe start(Recipe recipe, String... args) {
        RunningRecipe running = new RunningRecipe();
        PrintStream out = new PrintStream(new Lines(running.lines), true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(running.errors, true, StandardCharsets.UTF_8);
        Thread.ofPlatform()
                .daemon()
                .name("recipe")
                .start(
                        () -> {
                            try {
                                running.exitCode.complete(recipe.run(out, err, args));
                            } catch (Throwable e) {
                                running.exitCode.completeExceptionally(e);
                            }
                        });
        return running;
    }

    /// Waits for a line.
    ///
    /// @return what follows `start` in the next line that starts with it
    String awaitLine(String start) throws InterruptedException {
        while (true) {
            String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (line == null) {
                throw new AssertionError("no line starts with '" + start + "', but: " + seen);
            }
            seen.add(line);
            if (line.startsWith(start)) {
                return line.substring(start.length());
            }
        }
    }

    /// Waits for the end.
    int exitCode() throws InterruptedException {
        try {
            return exitCode.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("the recipe did not return; it printed " + output(), e);
        }
    }

    /// The lines that were printed so far.
    List<String> output() {
        lines.drainTo(seen);
        return seen;
    }

    /// What was printed as errors so far.
    String errors() {
        return errors.toString(StandardCharsets.UTF_8);
    }

    /// Cuts a stream of bytes into lines.
    private static final class Lines extends OutputStream {
        private final LinkedBlockingQueue<String> lines;
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();

        Lines(LinkedBlockingQueue<String> lines) {
            this.lines = lines;
        }

        @Override
        public void write(int b) {
            if (b == '\n') {
                lines.add(line.toString(StandardCharsets.UTF_8));
                line.reset();
            } else {
                line.write(b);
            }
        }
    }
}
