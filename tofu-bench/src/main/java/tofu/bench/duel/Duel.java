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
    private final Entrants entrants;
    private final Referee referee;
    private final List<Run> runs = new ArrayList<>();

    private Duel(DuelArguments arguments, CPrograms programs) throws InterruptedException {
        this.arguments = arguments;
        this.entrants = Entrants.of(arguments, programs);
        this.referee = new Referee(arguments.pin());
    }

    /// Runs all that the arguments ask for. The exit code is 0 if every run succeeded, 1 if not, 2
    /// if the arguments make no sense.
    ///
    /// @param args see the usage that is printed for none that makes sense
    public static void main(String... args) throws IOException, InterruptedException {
        System.exit(run(args));
    }

    private static int run(String... args) throws IOException, InterruptedException {
        try (CPrograms programs = new CPrograms()) {
            Duel duel = new Duel(DuelArguments.of(args), programs);
            duel.entrants.missing().forEach((name, why) -> skip(name, why));
            duel.measure();
            duel.write();
            return duel.runs.stream().anyMatch(Run::hasFailed) ? 1 : 0;
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + "\n" + DuelArguments.USAGE);
            return 2;
        }
    }

    private static void skip(String name, String why) {
        System.out.println(name + " is left out: " + why);
    }

    private void write() throws IOException {
        Path out = arguments.out();
        if (out != null) {
            Csv.write(out.resolve("runs.csv"), runs);
        }
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
            for (Entrant entrant : entrants.found()) {
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
