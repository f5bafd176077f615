package tofu.bench.duel;

import io.netty.handler.ssl.OpenSsl;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import tofu.bench.duel.Entrant.Ability;

/// The systems that can be measured here, and those that cannot.
final class Entrants {
    private static final String TOFU = "tofu";
    private static final Set<String> SOCKETS = Set.of("tcp", "uds");
    private static final Set<String> TCP = Set.of("tcp");

    private static final Set<String> TLS = Set.of("tls");
    private static final Set<String> ALL_SOCKETS = Set.of("tcp", "uds", "tls");
    private static final String OPENSSL = "netty-openssl";

    private static final Set<Ability> THREADED = EnumSet.allOf(Ability.class);

    /// The selector's end keeps its connections.
    private static final Set<Ability> LASTING =
            EnumSet.complementOf(EnumSet.of(Ability.HANDSHAKES));

    /// There is one event loop, so that all is sent by one thread; what lives on it does not wait
    /// for connections.
    private static final Set<Ability> EVENT_LOOP =
            EnumSet.complementOf(EnumSet.of(Ability.SENDERS, Ability.HANDSHAKES));

    /// Each with the libraries that it is linked with.
    private static final Map<String, List<String>> C_PROGRAMS =
            new TreeMap<>(
                    Map.of(
                            "c-limit", List.of(),
                            "libzmq", List.of("-lzmq"),
                            "nng", List.of("-lnng")));

    /// What Netty needs, see [NettyFlags].
    private static final List<String> NETTY_FLAGS =
            List.of(
                    NettyFlags.UNSAFE,
                    NettyFlags.NATIVE,
                    NettyFlags.OPEN_NIO,
                    NettyFlags.OPEN_MISC,
                    NettyFlags.OPEN_CHANNELS,
                    NettyFlags.USE_UNSAFE,
                    NettyFlags.USE_REFLECTION);

    /// What Aeron's own documentation asks for.
    private static final List<String> AERON_FLAGS =
            List.of(
                    "--sun-misc-unsafe-memory-access=allow",
                    "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");

    /// The load generator.
    private static final String CLIENTS = "clients";

    private final List<Entrant> found = new ArrayList<>();
    private final Map<String, String> missing = new LinkedHashMap<>();

    private @Nullable Entrant generator;

    private Entrants() {}

    /// Finds the systems that the arguments ask for, in their order, and compiles those in C.
    ///
    /// @throws IllegalArgumentException if there is no such system
    static Entrants of(DuelArguments arguments, CPrograms programs) throws InterruptedException {
        Map<String, Entrant> java = new LinkedHashMap<>();
        java(arguments).forEach(entrant -> java.put(entrant.name(), entrant));
        Set<String> names = new LinkedHashSet<>(arguments.systems());
        if (names.isEmpty()) {
            names.addAll(java.keySet());
            names.addAll(C_PROGRAMS.keySet());
        }
        java.keySet().stream().filter(name -> name.matches("tofu[@+].*")).forEach(names::add);
        Entrants entrants = new Entrants();
        if (arguments.serves() || arguments.modes().stream().anyMatch(Mode::isServer)) {
            entrants.compileGenerator(programs);
        }
        for (String name : names) {
            Entrant entrant = java.get(name);
            if (entrant != null) {
                entrants.find(entrant, arguments.secures());
            } else if (C_PROGRAMS.containsKey(name)) {
                entrants.compile(name, programs);
            } else {
                throw new IllegalArgumentException("no system " + name);
            }
        }
        return entrants;
    }

    /// What a build of tofu is called.
    static String nameOf(String label) {
        return TOFU + "@" + label;
    }

    /// What can be measured.
    List<Entrant> found() {
        return found;
    }

    /// What cannot be measured here, and why.
    Map<String, String> missing() {
        return missing;
    }

    /// Whether a system is measured there.
    boolean takesPart(Entrant entrant, Cell cell) {
        return entrant.takesPartIn(cell) && (!cell.mode().isServer() || generator != null);
    }

    /// The driver of a system in a mode: itself, but for a server.
    Entrant driving(Entrant entrant, Mode mode) {
        if (!mode.isServer() || generator == null) {
            return entrant;
        }
        String frames = entrant.isTofu() ? "tofu" : "prefix";
        return new Entrant(
                CLIENTS,
                generator.transports(),
                generator.abilities(),
                Stream.concat(generator.command().stream(), Stream.of(frames)).toList());
    }

    private void find(Entrant entrant, boolean secure) {
        if (secure && entrant.name().startsWith(OPENSSL) && !OpenSsl.isAvailable()) {
            String why = String.valueOf(OpenSsl.unavailabilityCause());
            missing.put(entrant.name(), "OpenSSL cannot be loaded: " + why);
        } else {
            found.add(entrant);
        }
    }

    private void compileGenerator(CPrograms programs) throws InterruptedException {
        try {
            generator = programs.compiled(CLIENTS, List.of());
        } catch (IOException e) {
            missing.put(CLIENTS, String.valueOf(e.getMessage()));
        }
    }

    private void compile(String name, CPrograms programs) throws InterruptedException {
        try {
            found.add(programs.compiled(name, C_PROGRAMS.getOrDefault(name, List.of())));
        } catch (IOException e) {
            missing.put(name, String.valueOf(e.getMessage()));
        }
    }

    private static List<Entrant> java(DuelArguments arguments) {
        List<Entrant> all = new ArrayList<>();
        all.add(tofu(TOFU, arguments, "", ""));
        Map<String, String> builds = new LinkedHashMap<>(arguments.jars());
        builds.putAll(arguments.turns());
        builds.forEach(Entrants::check);
        Map<String, String> variants = new LinkedHashMap<>(arguments.variants());
        builds.forEach(
                (l, jar) -> {
                    String own = Objects.requireNonNullElse(variants.remove(l), "");
                    all.add(tofu(nameOf(l), arguments, own, jar));
                });
        variants.forEach((l, v) -> all.add(tofu(TOFU + "+" + l, arguments, v, "")));
        List<String> flags = flags(arguments);
        all.add(Entrant.ofJava("selector", SOCKETS, LASTING, flags));
        all.add(Entrant.ofJava("sslengine", TLS, Set.of(Ability.HANDSHAKES), flags));
        List<String> netty = joined(flags, NETTY_FLAGS);
        Map<String, Set<String>> kinds = new LinkedHashMap<>();
        kinds.put("netty-nio", ALL_SOCKETS);
        kinds.put("netty-epoll", SOCKETS);
        kinds.put(OPENSSL, TLS);
        kinds.forEach(
                (kind, transports) -> {
                    all.add(Entrant.ofJava(kind + "-loop", transports, EVENT_LOOP, netty));
                    all.add(Entrant.ofJava(kind + "-app", transports, THREADED, netty));
                });
        all.add(Entrant.ofJava("jeromq", TCP, Set.of(Ability.MANY_ONE_WAY), flags));
        List<String> aeron = joined(flags, AERON_FLAGS);
        all.add(Entrant.ofJava("aeron", Set.of("ipc", "udp"), Set.of(), aeron));
        return all;
    }

    /// Whether there is a tofu on a class path, and no benchmark, which would run in place of ours.
    ///
    /// @throws IllegalArgumentException if not
    private static void check(String label, String classPath) {
        if (!has(classPath, "tofu/api/Ampe.class")) {
            throw new IllegalArgumentException("no tofu for " + label + " on " + classPath);
        }
        if (has(classPath, "tofu/bench/duel/Side.class")) {
            throw new IllegalArgumentException(
                    label + " must name tofu's own jars, without a benchmark: " + classPath);
        }
    }

    private static boolean has(String classPath, String name) {
        return Arrays.stream(classPath.split(File.pathSeparator, -1))
                .flatMap(Entrants::files)
                .anyMatch(file -> has(file, name));
    }

    /// The files that an entry stands for: `folder/*` for all jars of the folder.
    private static Stream<File> files(String entry) {
        if (!entry.endsWith("*")) {
            return Stream.of(new File(entry));
        }
        File[] all = new File(entry.substring(0, entry.length() - 1)).listFiles();
        return all == null ? Stream.empty() : Stream.of(all);
    }

    private static boolean has(File file, String name) {
        if (!file.isFile()) {
            return new File(file, name).exists();
        }
        try (ZipFile jar = new ZipFile(file)) {
            return jar.getEntry(name) != null;
        } catch (IOException e) {
            return false; // no jar: the JVM ignores it, too
        }
    }

    /// This library.
    ///
    /// @param variant options for this one only: `name=value`, or JVM flags, with commas between
    /// @param classPath where another build of it is, or empty
    private static Entrant tofu(
            String name, DuelArguments arguments, String variant, String classPath) {
        List<String> words =
                Stream.concat(arguments.tofuOptions().stream(), Arrays.stream(variant.split(",")))
                        .filter(word -> !word.isEmpty())
                        .toList();
        List<String> own = words.stream().filter(word -> word.startsWith("-")).toList();
        List<String> options = words.stream().filter(word -> !word.startsWith("-")).toList();
        List<String> flags = joined(flags(arguments), own);
        String property = "-D" + TofuOptions.PROPERTY + "=" + String.join(",", options);
        return Entrant.ofJava(
                name, TOFU, ALL_SOCKETS, THREADED, joined(flags, List.of(property)), classPath);
    }

    /// Those of every JVM.
    private static List<String> flags(DuelArguments arguments) {
        return arguments.secures()
                ? joined(Certificates.flags(), arguments.javaFlags())
                : arguments.javaFlags();
    }

    private static List<String> joined(List<String> some, List<String> more) {
        return Stream.concat(some.stream(), more.stream()).toList();
    }
}
