package tofu.bench.duel;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// A system as the runner sees it: what it can, and the command that starts one side of it.
///
/// @param name what the results call it
/// @param transports what it can be measured on
/// @param abilities what it can beside one channel and one thread that sends
/// @param command the command, up to the side's role
record Entrant(String name, Set<String> transports, Set<Ability> abilities, List<String> command) {
    /// What not all can.
    enum Ability {
        /// To flood many channels in turn.
        MANY_ONE_WAY,
        /// To talk on many channels, each of which keeps its own order.
        MANY_TALKS,
        /// To send from several threads on one channel.
        SENDERS,
        /// To serve the clients of `clients.c`.
        SERVER,
        /// To make one connection after the other.
        HANDSHAKES
    }

    /// A system that runs on Java, by its name in [Contestants].
    static Entrant ofJava(
            String name, Set<String> transports, Set<Ability> abilities, List<String> flags) {
        return ofJava(name, name, transports, abilities, flags, "");
    }

    /// A system that runs on Java.
    ///
    /// @param system its name in [Contestants]
    /// @param flags arguments for the JVM
    /// @param classPath a class path to put before this process's, or empty
    static Entrant ofJava(
            String name,
            String system,
            Set<String> transports,
            Set<Ability> abilities,
            List<String> flags,
            String classPath) {
        String own = System.getProperty("java.class.path");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.add("-cp");
        command.add(classPath.isEmpty() ? own : classPath + File.pathSeparator + own);
        command.add(Side.class.getName());
        command.add(system);
        return new Entrant(name, transports, abilities, List.copyOf(command));
    }

    /// Whether this system is measured there.
    boolean takesPartIn(Cell cell) {
        return transports.contains(cell.transport()) && abilities.containsAll(needed(cell));
    }

    private static Set<Ability> needed(Cell cell) {
        Set<Ability> needed = EnumSet.noneOf(Ability.class);
        Mode mode = cell.mode();
        if (mode.isServer()) {
            needed.add(Ability.SERVER);
        } else if (cell.isAboutScale()) {
            needed.add(mode.isOneWay() ? Ability.MANY_ONE_WAY : Ability.MANY_TALKS);
        }
        if (mode == Mode.HANDSHAKES) {
            needed.add(Ability.HANDSHAKES);
        }
        if (mode.senders() > 1) {
            needed.add(Ability.SENDERS);
        }
        return needed;
    }

    /// Whether it is compiled while it runs, so that it is slower at first.
    boolean warmsUp() {
        return command.contains(Side.class.getName());
    }

    /// Whether it is tofu, in whatever form.
    boolean isTofu() {
        return name.matches("tofu([@+].*)?");
    }

    /// The command that starts one side.
    List<String> side(String role, Task task, String... more) {
        List<String> whole = new ArrayList<>(command);
        whole.add(role);
        whole.addAll(task.toArguments());
        whole.addAll(List.of(more));
        return whole;
    }
}
