package tofu.bench.duel;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/// What the runner is asked to measure.
///
/// An option that is not given has the value that `--quick`, `--turns` or `--scale` and its like
/// have for it; else its own.
///
/// Somewhat long, as it is a list: each option with what it says of itself.
@Command(
        name = "Duel",
        usageHelpWidth = 100,
        description =
                "Measures tofu beside other systems: two processes, the same messages for all.",
        sortOptions = false)
final class DuelArguments {
    /// Which processors a side has.
    private enum Pin {
        HALVES,
        NONE
    }

    /// Values of options that are not given.
    ///
    /// @param warmUpSeconds goes before what is measured: the compiler shares a side's only
    ///     processor with what it compiles, and after three seconds it was still at it with every
    ///     system on the JVM
    private record Preset(
            List<String> systems,
            List<Mode> modes,
            List<Integer> sizes,
            List<String> transports,
            int rotations,
            double seconds,
            double warmUpSeconds) {}

    private static final Preset USUAL =
            new Preset(
                    List.of(),
                    List.of(Mode.ONE_WAY, Mode.ECHO, Mode.PING_PONG),
                    List.of(64, 1024, 16384, 60000),
                    List.of("tcp", "uds", "ipc", "udp"),
                    5,
                    1.5,
                    15);

    private static final Preset QUICK =
            new Preset(
                    List.of("tofu", "selector", "netty-nio-app", "jeromq"),
                    List.of(Mode.ONE_WAY, Mode.PING_PONG),
                    List.of(64),
                    List.of("tcp"),
                    2,
                    1.5,
                    1.5);

    /// What builds are compared in.
    private static final Preset TURNS =
            new Preset(
                    List.of("tofu"),
                    List.of(
                            Mode.ONE_WAY,
                            Mode.ONE_WAY_FROM_2,
                            Mode.ONE_WAY_FROM_4,
                            Mode.ECHO,
                            Mode.PING_PONG),
                    List.of(64, 1024, 4096, 16384, 60000),
                    List.of("tcp"),
                    15,
                    0.4,
                    5);

    @Option(
            names = "--quick",
            description =
                    "tofu, selector, netty-nio-app, jeromq; 64 B one way, round trip; a minute.")
    private boolean quick;

    @Option(
            names = "--scale",
            description = "Only 64 B one way: 1 channel, beside 5,000 idle ones; 10, 100, 1,000.")
    private boolean scale;

    @Option(names = "--clients", description = "Only servers of up to 5,000 clients in C.")
    private boolean clients;

    @Option(
            names = "--tls",
            description = "Only TLS, all with one key and one cipher suite; with handshakes.")
    private boolean tls;

    @Option(
            names = "--turns",
            arity = "2",
            paramLabel = "LABEL=CLASSPATH",
            description =
                    "Compares two builds of tofu by windows of 0.4 s, in which one runs and the"
                            + " other is stopped; --seconds and --rotations say how long and how"
                            + " many.")
    private Map<String, String> turns = new LinkedHashMap<>();

    @Option(
            names = "--systems",
            split = ",",
            paramLabel = "NAME",
            description = "All, if not said.")
    private @Nullable List<String> systems;

    @Option(
            names = "--modes",
            split = ",",
            paramLabel = "MODE",
            description = "What the sides do; one-way, echo and ping-pong, if not said.")
    private @Nullable List<Mode> modes;

    @Option(
            names = "--sizes",
            split = ",",
            paramLabel = "BYTES",
            description = "Of one-way messages; those that come back have 64 bytes.")
    private @Nullable List<Integer> sizes;

    @Option(
            names = "--transports",
            split = ",",
            paramLabel = "NAME",
            description = "tcp, uds, tls, ipc, udp.")
    private @Nullable List<String> transports;

    @Option(
            names = "--rotations",
            paramLabel = "N",
            description = "How often each system runs; 5, if not said.")
    private @Nullable Integer rotations;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "The measured window; 1.5, if not said.")
    private @Nullable Double seconds;

    @Option(
            names = "--warm-up",
            paramLabel = "S",
            description =
                    "What goes before it; 15, if not said. At most 1 for what is written in C.")
    private @Nullable Double warmUpSeconds;

    @Option(
            names = "--pin",
            paramLabel = "halves|none",
            description = "Whether each side has one half of the processors for itself.")
    private Pin pin = Pin.HALVES;

    @Option(
            names = "--jar",
            paramLabel = "LABEL=CLASSPATH",
            description = "Adds tofu@LABEL: the tofu that is found on that class path.")
    private Map<String, String> jars = new LinkedHashMap<>();

    @Option(
            names = "--variant",
            paramLabel = "LABEL=OPTION,OPTION",
            description =
                    "Adds tofu+LABEL: with those options; what starts with - is a JVM flag. With"
                            + " the label of a build (--jar, --turns) they are that build's.")
    private Map<String, String> variants = new LinkedHashMap<>();

    @Option(
            names = "--tofu-option",
            paramLabel = "NAME=VALUE",
            description = "An option for tofu in all its forms.")
    private List<String> tofuOptions = List.of();

    @Option(names = "--java", paramLabel = "FLAG", description = "A flag for every JVM.")
    private List<String> javaFlags = List.of();

    @Option(
            names = "--channels",
            split = ",",
            paramLabel = "N",
            description = "Numbers of busy channels, for those that can.")
    private List<Integer> channels = List.of(1);

    @Option(
            names = "--idle",
            split = ",",
            paramLabel = "N",
            description = "Numbers of idle channels beside them.")
    private List<Integer> idle = List.of(0);

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description = "Writes runs.csv and summary.json.")
    private @Nullable Path out;

    @Option(names = "--merge", description = "Keeps the runs that are there.")
    private boolean merges;

    @Option(
            names = "--page",
            paramLabel = "FILE.md",
            description =
                    "Writes the page and its plots, and --out to a folder of that name; measures"
                            + " --scale, --clients and --tls as well.")
    private @Nullable Path page;

    @Option(
            names = "--from",
            paramLabel = "runs.csv",
            description = "Measures nothing: makes the page from the runs in that file's folder.")
    private @Nullable Path from;

    @Option(names = "--help", usageHelp = true, description = "Says this, and measures nothing.")
    private boolean help;

    private DuelArguments() {}

    /// Understands the arguments.
    ///
    /// @throws ParameterException says what is wrong
    static DuelArguments of(String... args) {
        DuelArguments arguments = new DuelArguments();
        CommandLine line = commandLine(arguments);
        line.parseArgs(args);
        arguments.check(line);
        return arguments;
    }

    /// How they are given, for people.
    static String usage() {
        return commandLine(new DuelArguments()).getUsageMessage();
    }

    private static CommandLine commandLine(DuelArguments arguments) {
        return new CommandLine(arguments)
                .registerConverter(Mode.class, Mode::of)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOverwrittenOptionsAllowed(true); // the last one counts
    }

    private void check(CommandLine line) {
        if (!turns.isEmpty() && turns.size() != 2) {
            String labels = turns.keySet().toString();
            throw new ParameterException(line, "--turns needs two builds, not " + labels);
        }
        for (Map<String, String> labelled : List.of(turns, jars, variants)) {
            if (labelled.containsKey("")) {
                throw new ParameterException(line, "no label in " + labelled);
            }
        }
    }

    private Preset preset() {
        if (quick) {
            return QUICK;
        }
        return turns.isEmpty() ? USUAL : TURNS;
    }

    /// Whether nothing is asked for but [#usage()].
    boolean asksForHelp() {
        return help;
    }

    // ---- what is measured

    /// Whether the systems are measured beside each other.
    boolean compares() {
        return from == null && turns.isEmpty() && !scale && !clients && !tls;
    }

    /// Whether only [Scale] is measured.
    boolean scale() {
        return scale;
    }

    /// Whether they are measured with more channels.
    boolean scales() {
        return scale || (compares() && page != null);
    }

    /// Whether only [Clients] are measured.
    boolean clients() {
        return clients;
    }

    /// Whether servers are measured.
    boolean serves() {
        return clients || (compares() && page != null);
    }

    /// Whether the systems are measured over TLS beside each other, as [Tls] has it.
    boolean comparesTls() {
        return tls || (compares() && page != null);
    }

    /// Whether anything is measured over TLS.
    boolean secures() {
        return comparesTls() || transports().contains("tls");
    }

    /// The only part of the page that is measured, if it is only one.
    Optional<String> part() {
        if (scale) {
            return Optional.of("scale");
        }
        if (clients) {
            return Optional.of("clients");
        }
        return tls ? Optional.of("TLS") : Optional.empty();
    }

    /// Builds of tofu to compare by [Turns]: label and class path; else empty.
    Map<String, String> turns() {
        return turns;
    }

    // ---- who, how, and how long

    /// Names, none for all.
    List<String> systems() {
        if (systems != null) {
            return systems;
        }
        if (quick || !turns.isEmpty()) {
            return preset().systems;
        }
        if (from != null) {
            return List.of("tofu");
        }
        if (scale) {
            return Scale.SYSTEMS;
        }
        if (tls) {
            return Tls.SYSTEMS;
        }
        return clients ? Clients.SYSTEMS : preset().systems;
    }

    List<Mode> modes() {
        return modes == null ? preset().modes : modes;
    }

    List<Integer> sizes() {
        return sizes == null ? preset().sizes : sizes;
    }

    /// Those of messages to servers: what is given, if only these are measured.
    List<Integer> clientSizes() {
        return clients && sizes != null ? sizes : Clients.SIZES;
    }

    List<String> transports() {
        return transports == null ? preset().transports : transports;
    }

    int rotations() {
        return rotations == null ? preset().rotations : rotations;
    }

    double seconds() {
        return seconds == null ? preset().seconds : seconds;
    }

    double warmUpSeconds() {
        return warmUpSeconds == null ? preset().warmUpSeconds : warmUpSeconds;
    }

    long measureNanos() {
        return (long) (seconds() * 1e9);
    }

    long warmUpNanos() {
        return (long) (warmUpSeconds() * 1e9);
    }

    /// Whether each side has one half of the processors for itself.
    boolean pin() {
        return pin == Pin.HALVES;
    }

    /// Other builds of tofu: label and class path.
    Map<String, String> jars() {
        return jars;
    }

    /// Other options for tofu: label and options.
    Map<String, String> variants() {
        return variants;
    }

    List<String> tofuOptions() {
        return tofuOptions;
    }

    List<String> javaFlags() {
        return javaFlags;
    }

    /// Numbers of busy channels.
    List<Integer> channels() {
        return channels;
    }

    /// Numbers of idle channels beside them.
    List<Integer> idle() {
        return idle;
    }

    // ---- where it goes

    /// The folder that the figures go to, `null` for nowhere.
    @Nullable Path out() {
        if (out != null) {
            return out;
        }
        if (from != null) {
            Path folder = from.getParent();
            return folder == null ? Path.of("") : folder;
        }
        return page == null ? null : Path.of(page.toString().replaceFirst("\\.md$", ""));
    }

    /// Whether the runs that are there already count as well.
    boolean merges() {
        return merges;
    }

    /// The page to write, `null` for none.
    @Nullable Path page() {
        return page;
    }
}
