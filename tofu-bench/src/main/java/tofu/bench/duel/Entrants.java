package tofu.bench.duel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// All systems that can be measured here.
final class Entrants {
    private static final String TOFU = "tofu";
    private static final Set<String> SOCKETS = Set.of("tcp", "uds");
    private static final Set<String> TCP = Set.of("tcp");

    /// What Netty needs to use `Unsafe` and its native library on a JDK 25, as it does elsewhere.
    private static final List<String> NETTY_FLAGS =
            List.of(
                    "--sun-misc-unsafe-memory-access=allow",
                    "--enable-native-access=ALL-UNNAMED",
                    "--add-opens=java.base/java.nio=ALL-UNNAMED",
                    "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                    "-Dio.netty.noUnsafe=false",
                    "-Dio.netty.tryReflectionSetAccessible=true");

    private Entrants() {}

    /// Finds the systems that the arguments ask for, in their order.
    static List<Entrant> of(DuelArguments arguments) {
        List<Entrant> all = all(arguments);
        if (arguments.systems().isEmpty()) {
            return all;
        }
        List<Entrant> chosen = new ArrayList<>();
        for (String name : arguments.systems()) {
            chosen.add(
                    all.stream()
                            .filter(entrant -> entrant.name().equals(name))
                            .findFirst()
                            .orElseThrow(() -> new IllegalArgumentException("no system " + name)));
        }
        all.stream()
                .filter(entrant -> entrant.name().matches("tofu[@+].*"))
                .filter(entrant -> !chosen.contains(entrant))
                .forEach(chosen::add);
        return chosen;
    }

    private static List<Entrant> all(DuelArguments arguments) {
        List<Entrant> all = new ArrayList<>();
        all.add(tofu(TOFU, arguments, "", ""));
        arguments.jars().forEach((l, jar) -> all.add(tofu(TOFU + "@" + l, arguments, "", jar)));
        arguments.variants().forEach((l, v) -> all.add(tofu(TOFU + "+" + l, arguments, v, "")));
        List<String> flags = arguments.javaFlags();
        all.add(Entrant.ofJava("selector", SOCKETS, flags));
        for (String variant : List.of("nio-loop", "nio-app", "epoll-loop", "epoll-app")) {
            all.add(Entrant.ofJava("netty-" + variant, SOCKETS, joined(flags, NETTY_FLAGS)));
        }
        all.add(Entrant.ofJava("jeromq", TCP, flags));
        return all;
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
        List<String> flags = joined(arguments.javaFlags(), own);
        String property = "-D" + TofuOptions.PROPERTY + "=" + String.join(",", options);
        return Entrant.ofJava(name, TOFU, SOCKETS, joined(flags, List.of(property)), classPath);
    }

    private static List<String> joined(List<String> some, List<String> more) {
        return Stream.concat(some.stream(), more.stream()).toList();
    }
}
