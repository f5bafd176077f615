package tofu.bench.duel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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
            duel.write(args);
            return duel.runs.stream().anyMatch(Run::hasFailed) ? 1 : 0;
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + "\n" + DuelArguments.USAGE);
            return 2;
        }
    }

    private static void skip(String name, String why) {
        System.out.println(name + " is left out: " + why);
    }

    private void write(String... args) throws IOException {
        Path out = arguments.out();
        if (out == null) {
            return;
        }
        Path csv = out.resolve("runs.csv");
        List<Run> all = new ArrayList<>();
        if (arguments.merges() && Files.exists(csv)) {
            all.addAll(Csv.parse(Files.readAllLines(csv)));
        }
        all.addAll(runs);
        List<Table> tables = Table.of(all);
        Files.createDirectories(out);
        Files.write(csv, Csv.lines(all));
        Files.writeString(out.resolve("summary.json"), Json.of(tables));
        Path page = arguments.page();
        if (page != null) {
            Page.write(page, out, tables, facts(all, args));
        }
    }

    /// What the page says about this measurement.
    private Map<String, String> facts(List<Run> all, String... args) {
        Map<String, String> facts = Environment.facts();
        facts.put("processors of each side", referee.pins() ? "one half of them" : "all of them");
        facts.put(
                "rotations",
                Integer.toString(all.stream().mapToInt(Run::rotation).max().orElse(0)));
        facts.put(
                "one measurement",
                "%.1f s, after %.1f s of warm-up"
                        .formatted(arguments.seconds(), arguments.warmUpSeconds()));
        facts.put("command", "`./mvnw -q -Dbench=\"" + String.join(" ", args) + "\"`");
        facts.put(
                "left out",
                entrants.missing().isEmpty() ? "nothing" : String.valueOf(entrants.missing()));
        return facts;
    }

    private void measure() throws InterruptedException {
        for (Mode mode : arguments.modes()) {
            List<Integer> sizes = mode == Mode.ONE_WAY ? arguments.sizes() : List.of(TALK_SIZE);
            for (int size : sizes) {
                for (String transport : arguments.transports()) {
                    for (int channels : arguments.channels()) {
                        for (int idle : arguments.idle()) {
                            measure(new Cell(mode, transport, size, channels, idle));
                        }
                    }
                }
            }
        }
    }

    private void measure(Cell cell) throws InterruptedException {
        List<Run> done = new ArrayList<>();
        for (int rotation = 1; rotation <= arguments.rotations(); rotation++) {
            for (Entrant entrant : entrants.found()) {
                if (entrant.takesPartIn(cell)) {
                    done.add(run(entrant, cell, rotation));
                }
            }
        }
        Table.of(done).forEach(table -> System.out.println(TextTable.of(table)));
        runs.addAll(done);
    }

    private Run run(Entrant entrant, Cell cell, int rotation) throws InterruptedException {
        Path folder = Referee.newFolder();
        Task task = cell.task(arguments.warmUpNanos(), arguments.measureNanos(), folder);
        Run run = referee.run(entrant, task, rotation);
        Referee.delete(folder);
        if (run.hasFailed()) {
            System.err.println(entrant.name() + " failed: " + run.failure());
        }
        return run;
    }
}
