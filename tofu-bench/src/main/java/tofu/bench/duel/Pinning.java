package tofu.bench.duel;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Which processors the sides of a run may use.
///
/// @param halves whether each side has one half of them for itself
record Pinning(boolean halves) {
    /// Gives each side a half, if that is wanted and can be done here.
    static Pinning of(boolean wanted) {
        return new Pinning(
                wanted && processors() > 1 && Files.isExecutable(Path.of("/usr/bin/taskset")));
    }

    /// The command on the lower half.
    List<String> lower(List<String> command) {
        return pinned(0, command);
    }

    /// The command on the upper half.
    List<String> upper(List<String> command) {
        return pinned(1, command);
    }

    private List<String> pinned(int side, List<String> command) {
        if (!halves) {
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
