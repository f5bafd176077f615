package tofu.bench.duel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.ParameterException;

/// Measures tofu beside other systems: two processes, one connection, the same messages for all.
///
/// `java -cp tofu-bench/target/benchmarks.jar tofu.bench.duel.Duel --quick`
///
/// The systems take turns, A B C A B C, since the speed of a machine drifts; the median and the
/// spread of each are shown.
public final class Duel {
    private static final int TALK_SIZE = 64;

    /// What a run takes besides what it measures: two processes that start one after the other.
    private static final double SECONDS_TO_START = 1.5;

    /// How long those go on at most before anything counts that are no faster later.
    private static final long SETTLING_NANOS = 1_000_000_000;

    private final DuelArguments arguments;
    private final Entrants entrants;
    private final Pinning pinning;
    private final Referee referee;
    private final String commandLine;

    /// What is there already, if it counts, and what is measured.
    private final Results results;

    private Duel(DuelArguments arguments, String commandLine, CPrograms programs)
            throws IOException, InterruptedException {
        this.arguments = arguments;
        this.commandLine = commandLine;
        Path out = arguments.out();
        boolean adds = arguments.merges() || !arguments.compares();
        this.results = out != null && adds ? Results.read(out) : new Results();
        this.entrants = Entrants.of(arguments, programs);
        this.pinning = Pinning.of(arguments.pin());
        this.referee = new Referee(pinning);
    }

    /// Runs all that the arguments ask for. The exit code is 0 if there is a result for everything,
    /// 1 if not, 2 if the arguments make no sense.
    ///
    /// @param args see `--help`
    public static void main(String... args) throws IOException, InterruptedException {
        System.exit(run(args));
    }

    private static int run(String... args) throws IOException, InterruptedException {
        try (CPrograms programs = new CPrograms()) {
            DuelArguments arguments = DuelArguments.of(args);
            if (arguments.asksForHelp()) {
                say(DuelArguments.usage());
                return 0;
            }
            Duel duel = new Duel(arguments, String.join(" ", args), programs);
            duel.entrants.missing().forEach((name, why) -> say(name + " is left out: " + why));
            boolean complete = duel.measure();
            duel.keep();
            duel.writePage();
            return complete ? 0 : 1;
        } catch (IllegalArgumentException | ParameterException e) {
            System.err.println(e.getMessage() + "\n" + DuelArguments.usage());
            return 2;
        }
    }

    private static void say(String line) {
        System.out.println(line);
    }

    /// Writes what there is so far: a run of an hour that breaks off has not been for nothing.
    private void keep() throws IOException {
        Path out = arguments.out();
        if (out == null) {
            return;
        }
        if (!arguments.turns().isEmpty()) {
            return; // these have a file of their own
        }
        if (arguments.compares()) {
            String before = results.facts().getOrDefault("command", "");
            results.facts().putAll(facts());
            results.facts().merge("command", before, Duel::both);
        } else if (results.facts().isEmpty()) {
            results.facts().put("machine and versions", "not recorded with these runs");
        }
        results.facts().putAll(results.windowFacts());
        arguments
                .part()
                .ifPresent(part -> results.facts().put("command, " + part, asMaven(commandLine)));
        results.write(out);
    }

    private void writePage() throws IOException {
        Path out = arguments.out();
        Path page = arguments.page();
        if (out != null && page != null) {
            Page.write(page, out, results);
        }
    }

    /// What the page says about this measurement.
    private Map<String, String> facts() {
        Map<String, String> facts = Environment.facts();
        facts.put("processors of each side", pinning.halves() ? "one half of them" : "all of them");
        facts.put("command", asMaven(commandLine));
        facts.put(
                "asked for, but could not run",
                entrants.missing().isEmpty() ? "nothing" : String.valueOf(entrants.missing()));
        return facts;
    }

    /// Runs that are merged come from more than one command.
    private static String both(String command, String before) {
        if (before.isEmpty()) {
            return command;
        }
        return before.contains(command) ? before : before + ", then " + command;
    }

    private static String asMaven(String commandLine) {
        return "`./mvnw -q -Dbench=\"" + commandLine + "\"`";
    }

    /// Measures everything.
    ///
    /// @return whether there is a result for each system in each cell and rotation
    private boolean measure() throws IOException, InterruptedException {
        if (!arguments.turns().isEmpty()) {
            takeTurns();
            return true;
        }
        List<Cell> cells = arguments.compares() ? cells() : List.of();
        List<Cell> scale = arguments.scales() ? Scale.CELLS : List.of();
        List<Cell> clients =
                arguments.serves() ? Clients.cells(arguments.clientSizes()) : List.of();
        List<Cell> tls = arguments.comparesTls() ? Tls.CELLS : List.of();
        List<Entrant> all = entrants.found();
        List<Entrant> scaling = arguments.scale() ? all : named(Scale.SYSTEMS);
        List<Entrant> serving = arguments.clients() ? all : named(Clients.SYSTEMS);
        int runs = arguments.rotations();
        runs *= runs(cells, all) + runs(scale, scaling) + runs(clients, serving) + runs(tls, all);
        double each = arguments.warmUpSeconds() + arguments.seconds() + SECONDS_TO_START;
        if (runs > 0) {
            say("%d runs, at most about %s".formatted(runs, minutes(runs * each)));
        }
        long start = System.nanoTime();
        boolean complete = true;
        for (Cell cell : cells) {
            complete &= measure(List.of(cell), all, results.runs());
            keep();
        }
        if (!scale.isEmpty()) {
            results.scale().clear();
            complete &= measure(scale, scaling, results.scale());
            keep();
        }
        complete &= measureEach(clients, serving, results.clients());
        complete &= measureEach(tls, all, results.tls());
        if (runs > 0) {
            say("took " + minutes((System.nanoTime() - start) / 1e9));
        }
        return complete;
    }

    /// Measures cells one after the other, in place of what is there.
    private boolean measureEach(List<Cell> cells, List<Entrant> systems, List<Run> runs)
            throws IOException, InterruptedException {
        boolean complete = true;
        if (!cells.isEmpty()) {
            runs.clear();
        }
        for (Cell cell : cells) {
            complete &= measure(List.of(cell), systems, runs);
            keep();
        }
        return complete;
    }

    /// Those of the names that are there, and all forms of tofu.
    private List<Entrant> named(List<String> names) {
        return entrants.found().stream()
                .filter(entrant -> entrant.isTofu() || names.contains(entrant.name()))
                .toList();
    }

    private int runs(List<Cell> cells, List<Entrant> systems) {
        return cells.stream()
                .mapToInt(
                        cell ->
                                (int)
                                        systems.stream()
                                                .filter(it -> entrants.takesPart(it, cell))
                                                .count())
                .sum();
    }

    /// Compares two builds, cell by cell.
    private void takeTurns() throws IOException, InterruptedException {
        List<Entrant> builds =
                arguments.turns().keySet().stream()
                        .map(Entrants::nameOf)
                        .flatMap(this::found)
                        .toList();
        List<List<String>> records = new ArrayList<>(List.of(Turns.HEAD));
        for (Cell cell : cells()) {
            try (Turns turns = new Turns(builds, cell, arguments)) {
                List<Turns.Window> windows =
                        turns.run(arguments.rotations(), arguments.measureNanos());
                Turns.records(cell, windows).forEach(records::add);
                String base = builds.getFirst().name();
                String other = builds.getLast().name();
                say(new TurnsReport(cell, base, other, windows).text());
            }
            if (arguments.out() != null) {
                Files.createDirectories(arguments.out());
                Files.writeString(arguments.out().resolve("turns.csv"), Csv.text(records));
            }
        }
    }

    private Stream<Entrant> found(String name) {
        return entrants.found().stream().filter(entrant -> entrant.name().equals(name));
    }

    private static String minutes(double seconds) {
        Duration whole = Duration.ofSeconds(Math.round(seconds));
        return whole.toMinutes() + " min " + whole.toSecondsPart() + " s";
    }

    private List<Cell> cells() {
        List<Cell> cells = new ArrayList<>();
        for (Mode mode : arguments.modes()) {
            List<Integer> sizes = mode == Mode.ONE_WAY ? arguments.sizes() : List.of(TALK_SIZE);
            for (int size : sizes) {
                for (String transport : arguments.transports()) {
                    for (int channels : arguments.channels()) {
                        for (int idle : arguments.idle()) {
                            cells.add(new Cell(mode, transport, size, channels, idle));
                        }
                    }
                }
            }
        }
        return cells;
    }

    /// Measures cells in rotation.
    private boolean measure(List<Cell> cells, List<Entrant> systems, List<Run> runs)
            throws InterruptedException {
        List<Run> done = new ArrayList<>();
        boolean complete = true;
        for (int rotation = 1; rotation <= arguments.rotations(); rotation++) {
            for (Cell cell : cells) {
                for (Entrant entrant : systems) {
                    if (entrants.takesPart(entrant, cell)) {
                        complete &= run(entrant, cell, rotation, done);
                    }
                }
            }
        }
        say(Table.of(done).stream().map(TextTable::of).collect(Collectors.joining()));
        runs.addAll(done);
        return complete;
    }

    /// Runs one system, and once again if that fails. Both runs are kept.
    private boolean run(Entrant entrant, Cell cell, int rotation, List<Run> done)
            throws InterruptedException {
        for (int attempt = 1; attempt <= 2; attempt++) {
            Path folder = Referee.newFolder();
            long warmUp = arguments.warmUpNanos();
            if (!entrant.warmsUp()) {
                warmUp = Math.min(warmUp, SETTLING_NANOS);
            }
            Task task = cell.task(warmUp, arguments.measureNanos(), folder);
            Entrant driving = entrants.driving(entrant, cell.mode());
            Run run = referee.run(entrant, driving, task, rotation);
            Referee.delete(folder);
            done.add(run);
            if (!run.hasFailed()) {
                return true;
            }
            System.err.println(entrant.name() + ", " + cell + ", failed: " + run.failure());
        }
        return false;
    }
}
