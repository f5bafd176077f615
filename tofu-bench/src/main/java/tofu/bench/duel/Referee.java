package tofu.bench.duel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Runs one system once: starts the receiver, then the driver, waits until both have measured, and
/// ends them.
///
/// Thread: one.
final class Referee {
    private static final long START_NANOS = 20_000_000_000L;

    private final boolean pins;

    /// Makes a referee.
    ///
    /// @param pin whether to give each side one half of the processors, where that can be done
    Referee(boolean pin) {
        pins = pin && processors() > 1 && Files.isExecutable(Path.of("/usr/bin/taskset"));
    }

    /// Whether each side has processors of its own.
    boolean pins() {
        return pins;
    }

    Run run(Entrant entrant, Task task, int rotation) throws InterruptedException {
        try {
            return measured(entrant, task, rotation);
        } catch (IOException e) {
            return new Run(
                    entrant.name(), task, rotation, null, null, String.valueOf(e.getMessage()));
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

    private Run measured(Entrant entrant, Task task, int rotation)
            throws IOException, InterruptedException {
        long patience = START_NANOS + task.warmUpNanos() + task.measureNanos();
        List<String> serve = entrant.side(Side.SERVE, task);
        try (Child receiver = Child.start(pinned(0, serve), task.folder().resolve("receiver"))) {
            String place =
                    receiver.line(Side.LISTENING, patience).substring(Side.LISTENING.length());
            List<String> drive = entrant.side(Side.DRIVE, task, place);
            try (Child driver = Child.start(pinned(1, drive), task.folder().resolve("driver"))) {
                Outcome received = Outcome.of(receiver.line(Outcome.FIRST_WORD, patience));
                Outcome driven = Outcome.of(driver.line(Outcome.FIRST_WORD, patience));
                return new Run(entrant.name(), task, rotation, received, driven, "");
            }
        }
    }

    /// The command with its half of the processors: the lower for side 0, the upper for side 1.
    private List<String> pinned(int side, List<String> command) {
        if (!pins) {
            return command;
        }
        int half = processors() / 2;
        int from = side * half;
        String list = from + "-" + (from + half - 1);
        return Stream.concat(Stream.of("taskset", "-c", list), command.stream()).toList();
    }

    private static int processors() {
        return Runtime.getRuntime().availableProcessors();
    }
}
