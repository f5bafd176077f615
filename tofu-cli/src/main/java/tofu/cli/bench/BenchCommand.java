package tofu.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tofu.api.Address;
import tofu.api.BinaryHeader;
import tofu.api.Body;
import tofu.api.Options;
import tofu.cli.ExitCode;
import tofu.cli.Failure;
import tofu.cli.Quantities;
import tofu.cli.Terminal;
import tofu.cli.TlsOptions;
import tofu.kit.Server;

/// Measures how fast a server is that answers requests.
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = {
            "Measures a server that answers requests and takes signals, as tofuctl echo does: every"
                    + " mode with every size and every number of connections."
        },
        footer = {
            "",
            "Modes: one-way (signals; the server says how many it has received), echo (a window of",
            "requests on their way on each connection), ping-pong (one at a time).",
            "",
            "Examples:",
            "  tofuctl bench 'tcp|127.0.0.1|7099'",
            "  tofuctl bench --size 64,1k,16k --connections 1,10 --html report.html ADDRESS"
        })
public final class BenchCommand implements Callable<Integer> {
    private static final int BAR_COLUMNS = 16;
    private static final int MAX_WINDOW = 1_000;
    private static final int MAX_CONNECTIONS = 10_000;

    private final Terminal terminal;

    @Parameters(paramLabel = "ADDRESS", description = "Where to connect to.")
    private Address.@Nullable Client address;

    @Option(
            names = {"-m", "--mode"},
            paramLabel = "MODE",
            split = ",",
            description = "one-way, echo, ping-pong; all of them if not said.")
    private Set<Mode> modes = EnumSet.allOf(Mode.class);

    @Option(
            names = {"-s", "--size"},
            paramLabel = "BYTES",
            split = ",",
            converter = Quantities.Bytes.class,
            description = "Of each body, 0 to 65535; 64 and 4k if not said.")
    private List<Long> sizes = List.of(64L, 4096L);

    @Option(
            names = {"-c", "--connections"},
            paramLabel = "N",
            split = ",",
            description = "At the same time, 1 to 10000; 1 if not said.")
    private List<Integer> connections = List.of(1);

    @Option(
            names = {"-w", "--window"},
            paramLabel = "N",
            description =
                    "Requests on their way on each connection, for echo; 1 to 1000, 256 if"
                            + " not said. Fewer if they are large: of 65535 bytes 126 at most.")
    private int window = 256;

    @Option(
            names = {"-d", "--duration"},
            paramLabel = "TIME",
            description = "Of each measurement, 3s if not said.")
    private Duration duration = Duration.ofSeconds(3);

    @Option(
            names = "--warm-up",
            paramLabel = "TIME",
            description = "Before each measurement, 1s if not said.")
    private Duration warmUp = Duration.ofSeconds(1);

    @Option(names = "--csv", paramLabel = "FILE", description = "Writes a table.")
    private @Nullable Path csv;

    @Option(names = "--json", paramLabel = "FILE", description = "Writes all that was measured.")
    private @Nullable Path json;

    @Option(
            names = "--html",
            paramLabel = "FILE",
            description = "Writes a report with plots, in one file.")
    private @Nullable Path html;

    @Mixin private final TlsOptions tls = new TlsOptions();

    /// Makes the command.
    ///
    /// @param terminal where it prints
    public BenchCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws Failure, IOException, InterruptedException {
        check();
        Address.Client there = Objects.requireNonNull(address);
        Options options = tls.of(List.of(there));
        List<Cell> cells = cells();
        List<Result> results = new ArrayList<>();
        String at = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        for (Cell cell : cells) {
            Result result =
                    measure(there, options, cell, "[" + (results.size() + 1) + "/" + cells.size());
            if (results.isEmpty()) {
                terminal.println(Lines.HEAD);
            }
            results.add(result);
            terminal.println(Lines.of(result));
        }
        Report report = new Report(there.toString(), at, warmUp, results);
        write(csv, report.csv());
        write(json, report.json());
        write(html, report.html());
        return ExitCode.DONE;
    }

    private void check() throws Failure {
        for (long size : sizes) {
            within("--size", size, 0, Body.MAX_LENGTH);
        }
        for (int count : connections) {
            within("--connections", count, 1, MAX_CONNECTIONS);
        }
        within("--window", window, 1, MAX_WINDOW);
        within("--duration in ms", duration.toMillis(), 1, Duration.ofDays(1).toMillis());
        for (Path file : new Path[] {csv, json, html}) {
            Path folder = file == null ? null : file.toAbsolutePath().getParent();
            if (folder != null && !Files.isDirectory(folder)) {
                throw new Failure(ExitCode.FILE, "there is no folder " + folder);
            }
        }
    }

    private static void within(String what, long value, long least, long most) throws Failure {
        if (value < least || value > most) {
            throw new Failure(
                    ExitCode.USAGE, what + " is " + least + " to " + most + ", not " + value);
        }
    }

    private List<Cell> cells() {
        List<Cell> cells = new ArrayList<>();
        for (Mode mode : Mode.values()) {
            for (long size : modes.contains(mode) ? sizes : List.<Long>of()) {
                for (int count : connections) {
                    int onTheirWay =
                            switch (mode) {
                                case ONE_WAY -> 0;
                                case ECHO -> Math.min(window, most((int) size, count));
                                case PING_PONG -> 1;
                            };
                    cells.add(new Cell(mode, (int) size, count, onTheirWay));
                }
            }
        }
        return cells;
    }

    /// How many answers a server of the kit keeps, with its defaults, for each of some clients that
    /// are busy sending; it ends a connection for which there are more.
    private static int most(int size, int connections) {
        Options options = Options.defaults();
        long bytes = Math.min(options.sendQueueBytes(), options.maxLogBytes() / 2 / connections);
        long length = (long) BinaryHeader.LENGTH + size;
        long waiting =
                Math.min(Server.DEFAULT_MAX_BACKLOG, Server.DEFAULT_MAX_BACKLOG_BYTES / length);
        return (int) (waiting + bytes / length);
    }

    private Result measure(Address.Client there, Options options, Cell cell, String place)
            throws Failure, InterruptedException {
        try (Load load = new Load(there, options, cell)) {
            load.connect();
            long startNanos = System.nanoTime();
            Meter meter = new Meter(warmUp, duration);
            load.run(meter, m -> terminal.live(progress(m.result(cell), place, startNanos)));
            return meter.result(cell);
        } finally {
            terminal.live("");
        }
    }

    private String progress(Result soFar, String place, long startNanos) {
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        double all = warmUp.plus(duration).toNanos() / 1e9;
        int done = (int) Math.clamp(BAR_COLUMNS * seconds / all, 0, BAR_COLUMNS);
        return String.format(
                Locale.ROOT,
                "%s] %s  %s%s  %,.0f msg/s",
                place,
                soFar.cell(),
                "#".repeat(done),
                "-".repeat(BAR_COLUMNS - done),
                soFar.messagesPerSecond());
    }

    private void write(@Nullable Path file, String text) throws IOException {
        if (file != null) {
            Files.writeString(file, text);
            terminal.say("written: " + file);
        }
    }
}
