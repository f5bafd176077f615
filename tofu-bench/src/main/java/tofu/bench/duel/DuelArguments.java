package tofu.bench.duel;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What the runner is asked to measure.
///
/// @param systems names, none for all
/// @param modes what the sides do
/// @param sizes payload lengths of one-way messages; those that come back have 64 bytes
/// @param transports `tcp`, `uds`, `tls`, …
/// @param rotations how often each system runs
/// @param seconds the measured window
/// @param warmUpSeconds what goes before it
/// @param pin whether each side has one half of the processors for itself
/// @param jars other builds of tofu: label and class path
/// @param variants other options for tofu: label and options
/// @param tofuOptions options for tofu in all its forms
/// @param javaFlags flags for every JVM
/// @param channels numbers of busy channels
/// @param idle numbers of idle channels beside them
/// @param out the folder that the figures go to, `null` for nowhere
/// @param merges whether the runs that are there already count as well
/// @param page the page to write, `null` for none
/// @param scale whether only [Scale] is measured
/// @param clients whether only [Clients] are measured
/// @param tls whether only [Tls] is measured
/// @param turns builds of tofu to compare by [Turns]: label and class path; else empty
/// @param from the runs that a page is made from instead of measuring, `null` for none
record DuelArguments(
        List<String> systems,
        List<Mode> modes,
        List<Integer> sizes,
        List<String> transports,
        int rotations,
        double seconds,
        double warmUpSeconds,
        boolean pin,
        Map<String, String> jars,
        Map<String, String> variants,
        List<String> tofuOptions,
        List<String> javaFlags,
        List<Integer> channels,
        List<Integer> idle,
        @Nullable Path out,
        boolean merges,
        @Nullable Path page,
        boolean scale,
        boolean clients,
        boolean tls,
        Map<String, String> turns,
        @Nullable Path from) {

    static final String USAGE =
            """
            usage: Duel [--quick] [--systems A,B] [--modes one-way,echo,ping-pong]
                        [--sizes 64,1024,16384,60000] [--transports tcp,uds,tls,ipc,udp]
                        [--rotations N] [--seconds S] [--warm-up S] [--pin halves|none]
                        [--jar LABEL=CLASSPATH]... [--variant LABEL=OPTION,OPTION]...
                        [--tofu-option NAME=VALUE]... [--java FLAG]... [--channels 1,N] [--idle 0,N]
                        [--out FOLDER] [--merge] [--page FILE.md] [--from runs.csv]
                        [--scale] [--clients] [--tls]
                        [--turns LABEL=CLASSPATH LABEL=CLASSPATH]
              --quick    tofu, selector, netty-nio-app, jeromq; 64 B one way, round trip; a minute
              --scale    only 64 B one way: 1 channel, beside 5,000 idle ones; 10, 100, 1,000
              --clients  only servers of up to 5,000 clients in C
              --tls      only TLS, all with one key and one cipher suite; with handshakes
              --turns    compares two builds of tofu by windows of 0.4 s, in which one runs and
                         the other is stopped; --seconds and --rotations say how long and how many
              --jar      adds tofu@LABEL: the tofu that is found on that class path
              --variant  adds tofu+LABEL: with those options; what starts with - is a JVM flag
              --channels --idle   numbers of busy, and of idle channels, for those that can
              --out      writes runs.csv and summary.json; --merge keeps the runs that are there
              --page     writes the page and its plots, and --out to a folder of that name;
                         measures --scale, --clients and --tls as well
              --from     measures nothing: makes the page from the runs in that file's folder
            """;

    /// Seconds. The compiler shares a side's only processor with what it compiles: after three
    /// seconds it was still at it with every system on the JVM.
    private static final String WARM_UP = "5";

    private static final Map<String, String> QUICK =
            Map.of(
                    "--systems", "tofu,selector,netty-nio-app,jeromq",
                    "--modes", "one-way,ping-pong",
                    "--sizes", "64",
                    "--transports", "tcp",
                    "--rotations", "2",
                    "--seconds", "1.5",
                    "--warm-up", "1.5");

    private static final Set<String> FLAGS = Set.of("--merge", "--scale", "--clients", "--tls");

    /// What builds are compared in, if the arguments do not say.
    private static final Map<String, String> TURNS =
            Map.of(
                    "--modes", "one-way,one-way-from-2,one-way-from-4,echo,ping-pong",
                    "--sizes", "64,1024,4096,16384,60000",
                    "--transports", "tcp",
                    "--rotations", "15",
                    "--seconds", "0.4");

    /// Understands the arguments.
    ///
    /// @throws IllegalArgumentException says what is wrong
    static DuelArguments of(String... args) {
        Words words = new Words();
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("--quick")) {
                QUICK.forEach(words::add);
            } else if (FLAGS.contains(args[i])) {
                words.add(args[i], "yes");
            } else if (args[i].equals("--turns") && i + 2 < args.length) {
                words.add("--turns", args[i + 1]);
                words.add("--turns", args[i + 2]);
                i += 2;
            } else if (i + 1 < args.length) {
                words.add(args[i], args[i + 1]);
                i++;
            } else {
                throw new IllegalArgumentException("what about " + args[i] + "?");
            }
        }
        return words.toArguments();
    }

    /// Whether the systems are measured beside each other.
    boolean compares() {
        return from == null && turns.isEmpty() && !scale && !clients && !tls;
    }

    /// Whether they are measured with more channels.
    boolean scales() {
        return scale || (compares() && page != null);
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
        return comparesTls() || transports.contains("tls");
    }

    long measureNanos() {
        return (long) (seconds * 1e9);
    }

    long warmUpNanos() {
        return (long) (warmUpSeconds * 1e9);
    }

    /// Collects values by option; the last one counts, or all where there may be many.
    private static final class Words {
        private static final List<String> ONCE =
                List.of(
                        "--systems",
                        "--modes",
                        "--sizes",
                        "--transports",
                        "--rotations",
                        "--seconds",
                        "--warm-up",
                        "--pin",
                        "--out",
                        "--channels",
                        "--idle",
                        "--merge",
                        "--page",
                        "--scale",
                        "--clients",
                        "--tls",
                        "--from");
        private static final List<String> OFTEN =
                List.of("--jar", "--variant", "--turns", "--tofu-option", "--java");

        private final Map<String, String> last = new LinkedHashMap<>();
        private final Map<String, List<String>> all = new LinkedHashMap<>();

        void add(String option, String value) {
            if (!ONCE.contains(option) && !OFTEN.contains(option)) {
                throw new IllegalArgumentException("no option " + option);
            }
            last.put(option, value);
            all.merge(
                    option,
                    List.of(value),
                    (some, more) -> Stream.concat(some.stream(), more.stream()).toList());
        }

        DuelArguments toArguments() {
            if (last.containsKey("--turns")) {
                TURNS.forEach(last::putIfAbsent);
            }
            Path from = path("--from", null);
            return new DuelArguments(
                    many("--systems", systems(), Function.identity()),
                    many("--modes", "one-way,echo,ping-pong", Mode::of),
                    many("--sizes", "64,1024,16384,60000", Integer::parseInt),
                    many("--transports", "tcp,uds,ipc,udp", Function.identity()),
                    one("--rotations", "5", Integer::parseInt),
                    one("--seconds", "1.5", Double::parseDouble),
                    one("--warm-up", WARM_UP, Double::parseDouble),
                    one("--pin", "halves", Words::halves),
                    labelled("--jar"),
                    labelled("--variant"),
                    all.getOrDefault("--tofu-option", List.of()),
                    all.getOrDefault("--java", List.of()),
                    many("--channels", "1", Integer::parseInt),
                    many("--idle", "0", Integer::parseInt),
                    path("--out", from == null ? folderOf(last.get("--page")) : folderWith(from)),
                    last.containsKey("--merge"),
                    path("--page", null),
                    last.containsKey("--scale"),
                    last.containsKey("--clients"),
                    last.containsKey("--tls"),
                    turns(),
                    from);
        }

        /// The systems that are measured if nobody says which; none for all.
        private String systems() {
            if (last.containsKey("--from") || last.containsKey("--turns")) {
                return "tofu";
            }
            if (last.containsKey("--scale")) {
                return String.join(",", Scale.SYSTEMS);
            }
            if (last.containsKey("--tls")) {
                return String.join(",", Tls.SYSTEMS);
            }
            return last.containsKey("--clients") ? String.join(",", Clients.SYSTEMS) : "";
        }

        private Map<String, String> turns() {
            Map<String, String> builds = labelled("--turns");
            if (!builds.isEmpty() && builds.size() != 2) {
                throw new IllegalArgumentException(
                        "--turns needs two builds, not " + builds.keySet());
            }
            return builds;
        }

        private <T> T one(String option, String otherwise, Function<String, T> parse) {
            return parse.apply(last.getOrDefault(option, otherwise));
        }

        private <T> List<T> many(String option, String otherwise, Function<String, T> parse) {
            return Arrays.stream(last.getOrDefault(option, otherwise).split(","))
                    .filter(word -> !word.isEmpty())
                    .map(parse)
                    .toList();
        }

        private Map<String, String> labelled(String option) {
            Map<String, String> labelled = new LinkedHashMap<>();
            for (String word : all.getOrDefault(option, List.of())) {
                int equals = word.indexOf('=');
                if (equals < 1) {
                    throw new IllegalArgumentException(option + " needs LABEL=…, not " + word);
                }
                labelled.put(word.substring(0, equals), word.substring(equals + 1));
            }
            return labelled;
        }

        private @Nullable Path path(String option, @Nullable Path otherwise) {
            String path = last.get(option);
            return path == null ? otherwise : Path.of(path);
        }

        /// The folder beside a page that has the page's name.
        private static @Nullable Path folderOf(@Nullable String page) {
            return page == null ? null : Path.of(page.replaceFirst("\\.md$", ""));
        }

        private static Path folderWith(Path file) {
            Path folder = file.getParent();
            return folder == null ? Path.of("") : folder;
        }

        private static boolean halves(String word) {
            return switch (word) {
                case "halves" -> true;
                case "none" -> false;
                default -> throw new IllegalArgumentException("--pin halves or none, not " + word);
            };
        }
    }
}
