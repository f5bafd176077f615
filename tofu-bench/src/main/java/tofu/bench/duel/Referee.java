package tofu.bench.duel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/// Runs one system once: starts the receiver, then the driver, waits until both have measured, and
/// ends them.
///
/// Thread: one.
final class Referee {
    private final Pinning pinning;

    Referee(Pinning pinning) {
        this.pinning = pinning;
    }

    /// Runs one system.
    ///
    /// @param driving the system whose driver it is, mostly the same
    Run run(Entrant entrant, Entrant driving, Task task, int rotation) throws InterruptedException {
        try (Sides sides = Sides.start(entrant, driving, task, pinning)) {
            return measured(sides, entrant.name(), task, rotation);
        } catch (IOException e) {
            return new Run(
                    entrant.name(), task, rotation, null, null, String.valueOf(e.getMessage()));
        }
    }

    private static Run measured(Sides sides, String name, Task task, int rotation)
            throws IOException, InterruptedException {
        long patience = Sides.patienceNanos(task);
        try {
            Outcome received = Outcome.of(sides.receiver().line(Outcome.FIRST_WORD, patience));
            Outcome driven = Outcome.of(sides.driver().line(Outcome.FIRST_WORD, patience));
            return new Run(name, task, rotation, received, driven, "");
        } catch (IOException e) {
            throw new IOException(e.getMessage() + "; " + sides.driver().lastWords(), e);
        }
    }

    /// Makes an empty folder for a run: in memory if the system has such a place, since Aeron's
    /// logs live there.
    static Path newFolder() {
        Path memory = Path.of("/dev/shm");
        try {
            return Files.isWritable(memory)
                    ? Files.createTempDirectory(memory, "duel")
                    : Files.createTempDirectory("duel");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Deletes the folder of a run that has ended.
    static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
