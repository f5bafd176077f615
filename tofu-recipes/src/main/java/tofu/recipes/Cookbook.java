package tofu.recipes;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.fixtures.TestAddresses;
import tofu.recipes.first.Connect;
import tofu.recipes.first.Disconnect;
import tofu.recipes.first.EchoClients;
import tofu.recipes.first.Failure;
import tofu.recipes.first.IllegalMessages;
import tofu.recipes.first.Lifecycle;
import tofu.recipes.first.Listen;
import tofu.recipes.first.MultiHomed;
import tofu.recipes.first.Pool;
import tofu.recipes.first.Reconnect;
import tofu.recipes.first.UpdateReceiver;
import tofu.recipes.patterns.BackPressure;
import tofu.recipes.patterns.Chat;
import tofu.recipes.patterns.Heartbeat;
import tofu.recipes.patterns.PrintServer;
import tofu.recipes.patterns.Progress;
import tofu.recipes.patterns.PublishSubscribe;
import tofu.recipes.patterns.Requests;
import tofu.recipes.patterns.StreamFiles;
import tofu.recipes.patterns.VirtualThreads;
import tofu.recipes.patterns.Workers;

/// Runs any recipe by its name.
///
/// Usage: `Cookbook list`, or `Cookbook NAME [tcp|uds|ADDRESS [ARGUMENT…]]`. The address is where
/// the recipe listens; `tcp`, the default, and `uds` leave it to the system. Each recipe prints
/// what happens and, at last, its outcome: one line that is the same in every run. The exit code
/// is 0 then, 1 if the recipe failed, 2 if the arguments make no sense.
public final class Cookbook {
    private static final String USAGE =
            """
            usage: Cookbook list
                   Cookbook NAME [tcp|uds|ADDRESS [ARGUMENT...]]\
            """;

    /// What a recipe does.
    @FunctionalInterface
    private interface Dish {
        /// Runs the recipe.
        ///
        /// @param out for what happens
        /// @param where to listen
        /// @param args what else was given
        /// @return the outcome
        String cook(PrintStream out, Address.Server where, List<String> args) throws Exception;
    }

    /// A recipe, with what it shows.
    private record Entry(String name, String shows, Dish dish) {}

    /// The one recipe that wants to be talked to.
    static final String CHAT = "chat";

    private static final List<Entry> ENTRIES =
            List.of(
                    entry(
                            "engine",
                            "an engine is opened and closed",
                            (o, w, a) -> Lifecycle.engine(o)),
                    entry(
                            "group",
                            "a group is closed while somebody waits in it",
                            (o, w, a) -> Lifecycle.group(o)),
                    entry(
                            "pool",
                            "the smallest pool: empty, beyond, refilled",
                            (o, w, a) -> Pool.smallest(o)),
                    entry(
                            "pool-empty",
                            "an empty pool stops receiving, a refilled one goes on",
                            (o, w, a) -> Pool.refilled(o, w)),
                    entry(
                            "unprepared",
                            "a message is enqueued as it came from the pool",
                            (o, w, a) -> IllegalMessages.unprepared(o)),
                    entry(
                            "wrong-channel",
                            "channel numbers that are nobody's",
                            (o, w, a) -> IllegalMessages.wrongChannel(o)),
                    entry(
                            "hello-without-address",
                            "a hello that does not say where to",
                            (o, w, a) -> IllegalMessages.helloWithoutAddress(o)),
                    entry(
                            "hello-wrong-address",
                            "a hello to what is no address",
                            (o, w, a) -> IllegalMessages.helloWithWrongAddress(o, w)),
                    entry(
                            "hello-nobody",
                            "a hello where nobody listens",
                            (o, w, a) -> IllegalMessages.helloToNobody(o, w)),
                    entry(
                            "welcome-wrong-address",
                            "a welcome where one cannot listen",
                            (o, w, a) -> IllegalMessages.welcomeWithWrongAddress(o, w)),
                    entry(
                            "listen",
                            "a listener is opened, closed and opened again",
                            (o, w, a) -> Listen.run(o, w)),
                    entry(
                            "listen-twice",
                            "two listeners want one address",
                            (o, w, a) -> Listen.twice(o, w)),
                    entry(
                            "connect",
                            "a whole conversation, message by message",
                            (o, w, a) -> Connect.run(o, w)),
                    entry(
                            "disconnect",
                            "leaving without a word",
                            (o, w, a) -> Disconnect.run(o, w)),
                    entry(
                            "update-receiver",
                            "talking to the thread that receives",
                            (o, w, a) -> UpdateReceiver.run(o)),
                    entry(
                            "reconnect",
                            "back-off until the server is there, in one thread",
                            (o, w, a) -> Reconnect.inOneThread(o, w)),
                    entry(
                            "reconnect-threads",
                            "the server comes, goes and comes again",
                            (o, w, a) -> Reconnect.inThreads(o, w)),
                    entry(
                            "reconnect-connector",
                            "a connector beside other business",
                            (o, w, a) -> Reconnect.withConnector(o, w)),
                    entry(
                            "multi-homed",
                            "one server, five addresses, one thread",
                            (o, w, a) -> MultiHomed.run(o)),
                    entry(
                            "echo",
                            "many clients of one echo service [CLIENTS]",
                            (o, w, a) -> EchoClients.run(o, w, number(a, 20))),
                    entry(
                            "requests",
                            "fifty threads ask over one channel",
                            (o, w, a) -> Requests.run(o, w)),
                    entry(
                            "stream-files",
                            "a file there and back in constant memory [MEGABYTES]",
                            (o, w, a) -> StreamFiles.run(o, w, number(a, 32))),
                    entry(
                            "progress",
                            "signals on the way to a response",
                            (o, w, a) -> Progress.run(o, w)),
                    entry(
                            "heartbeat",
                            "a peer that hangs is found out",
                            (o, w, a) -> Heartbeat.run(o, w)),
                    entry(
                            "publish-subscribe",
                            "a broker, two topics, three subscribers",
                            (o, w, a) -> PublishSubscribe.run(o, w)),
                    entry(
                            "work-queue",
                            "workers, and one that deserts with its job",
                            (o, w, a) -> Workers.run(o, w)),
                    entry(
                            "print-server",
                            "a spooler, RIP workers, tickets, progress",
                            (o, w, a) -> PrintServer.run(o, w)),
                    entry(
                            "back-pressure",
                            "who sends too fast is told, and told when to go on",
                            (o, w, a) -> BackPressure.run(o, w)),
                    entry(
                            "virtual-threads",
                            "one virtual thread for each of 200 peers",
                            (o, w, a) -> VirtualThreads.run(o, w)),
                    entry(
                            CHAT,
                            "type in two terminals; tcp is port 7099 [NAME]",
                            (o, w, a) -> chat(o, w, a)));

    private Cookbook() {}

    private static Entry entry(String name, String shows, Dish dish) {
        return new Entry(name, shows, dish);
    }

    /// Runs a recipe, and ends the process.
    ///
    /// @param args the name of the recipe, and what it wants to know; all may stand in one argument
    public static void main(String[] args) {
        String[] words = String.join(" ", args).strip().split("\\s+");
        System.exit(run(System.out, System.err, words));
    }

    /// The names of all recipes.
    static List<String> names() {
        return ENTRIES.stream().map(Entry::name).toList();
    }

    /// Runs a recipe in the calling thread.
    ///
    /// @return the exit code
    static int run(PrintStream out, PrintStream err, String... args) {
        try {
            if (args[0].equals("list")) {
                list(out);
            } else {
                out.println(cook(out, args));
            }
            return 0;
        } catch (Failure e) {
            err.println("Cookbook: " + e.getMessage());
            return e.exitCode();
        }
    }

    private static void list(PrintStream out) {
        for (Entry entry : ENTRIES) {
            out.printf(Locale.ROOT, "%-22s %s%n", entry.name(), entry.shows());
        }
    }

    /// Runs a recipe.
    ///
    /// @return its outcome
    static String cook(PrintStream out, String... args) {
        Entry entry = find(args[0]);
        Address.Server where = where(args.length < 2 ? "tcp" : args[1]);
        List<String> rest = Arrays.asList(args).subList(Math.min(args.length, 2), args.length);
        try {
            return entry.dish().cook(out, where, rest);
        } catch (NumberFormatException e) {
            throw Failure.ofArguments("not a number: " + e.getMessage(), USAGE);
        } catch (Exception e) {
            throw new Failure(entry.name() + ": " + e, e);
        }
    }

    private static Entry find(String name) {
        for (Entry entry : ENTRIES) {
            if (entry.name().equals(name)) {
                return entry;
            }
        }
        throw Failure.ofArguments("there is no recipe '" + name + "'", USAGE);
    }

    private static Address.Server where(String text) {
        try {
            return switch (text) {
                case "tcp" -> new Address.TcpServer("127.0.0.1", 0);
                case "uds" -> new Address.UdsServer(TestAddresses.temporaryUdsPath());
                default -> Address.listenOn(text);
            };
        } catch (AmpeException e) {
            throw Failure.ofArguments(e.getMessage(), USAGE);
        }
    }

    /// A chat on an address that the second terminal can know.
    private static String chat(PrintStream out, Address.Server where, List<String> args)
            throws InterruptedException {
        Address.Server known =
                switch (where) {
                    case Address.TcpServer tcp when tcp.port() == 0 ->
                            new Address.TcpServer(tcp.host());
                    case Address.TlsServer tls when tls.port() == 0 ->
                            new Address.TlsServer(tls.host());
                    default -> where;
                };
        String name = args.isEmpty() ? System.getProperty("user.name") : args.getFirst();
        InputStreamReader keys = new InputStreamReader(System.in, Charset.defaultCharset());
        return Chat.run(out, new BufferedReader(keys), known, name);
    }

    private static int number(List<String> args, int otherwise) {
        return args.isEmpty() ? otherwise : Integer.parseInt(args.getFirst());
    }
}
