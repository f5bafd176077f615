package tofu.bench.duel;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Measures tofu beside other systems: two processes, one connection, the same messages for all.
///
/// `java -cp tofu-bench/target/benchmarks.jar tofu.bench.duel.Duel --quick`
///
/// The systems take turns, A B C A B C, since the speed of a machine drifts; the median and the
/// spread of each are shown.
public final class Duel {
    private static final int TALK_SIZE = 64;

    private final DuelArguments arguments;
    private final List<Entrant> entrants;
    private final Referee referee;
    private final List<Run> runs = new ArrayList<>();

    private Duel(DuelArguments arguments) {
        this.arguments = arguments;
        this.entrants = Entrants.of(arguments);
        this.referee = new Referee(arguments.pin());
    }

    /// Runs all that the arguments ask for.
    ///
    /// @param args see the usage that is printed for none that makes sense
    public static void main(String... args) throws IOException, InterruptedException {
        Duel duel;
        try {
            duel = new Duel(DuelArguments.of(args));
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + "\n" + DuelArguments.USAGE);
            System.exit(2);
            return;
        }
        duel.measure();
        Path out = duel.arguments.out();
        if (out != null) {
            Csv.write(out.resolve("runs.csv"), duel.runs);
        }
        System.exit(duel.runs.stream().anyMatch(Run::hasFailed) ? 1 : 0);
    }

    private void measure() throws InterruptedException {
        for (Mode mode : arguments.modes()) {
            List<Integer> sizes = mode == Mode.ONE_WAY ? arguments.sizes() : List.of(TALK_SIZE);
            for (int size : sizes) {
                for (String transport : arguments.transports()) {
                    measure(mode, size, transport);
                }
            }
        }
    }

    private void measure(Mode mode, int size, String transport) throws InterruptedException {
        List<Run> cell = new ArrayList<>();
        for (int rotation = 1; rotation <= arguments.rotations(); rotation++) {
            for (Entrant entrant : entrants) {
                if (entrant.transports().contains(transport)) {
                    cell.add(run(entrant, mode, size, transport, rotation));
                }
            }
        }
        if (!cell.isEmpty()) {
            System.out.println(TextTable.of(cell));
            runs.addAll(cell);
        }
    }

    private Run run(Entrant entrant, Mode mode, int size, String transport, int rotation)
            throws InterruptedException {
        Path folder = Referee.newFolder();
        Task task =
                new Task(
                        transport,
                        mode,
                        size,
                        arguments.warmUpNanos(),
                        arguments.measureNanos(),
                        folder);
        Run run = referee.run(entrant, task, rotation);
        Referee.delete(folder);
        if (run.hasFailed()) {
            System.err.println(entrant.name() + " failed: " + run.failure());
        }
        return run;
    }
}
