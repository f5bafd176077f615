package tofu.recipes;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.Options;
import tofu.api.Status;
import tofu.fixtures.TestAddresses;
import tofu.recipes.first.Failure;

/// Shows tofu at work and how fast it is here: a server and a client, each a process of its own,
/// talk over TCP, then over a Unix domain socket, then over TLS with keys that are made for it.
///
/// Each pair says hello, plays ping-pong, streams small and middling messages one way as fast as
/// it can, transfers 10 MB as one request in many parts with a checksum, and says bye. At the end
/// stands one table.
///
/// Usage: `Demo [SECONDS]`: how long one measurement lasts, default 2.5; the whole then takes
/// less than half a minute. The exit code is 0 if every check passed, 1 if not, 2 if the arguments
/// make no sense.
///
/// The processes are this same program: `Demo server tcp|uds|tls` ([DemoServer]) and `Demo client
/// ADDRESS SECONDS` ([DemoClient]), each with `--tls FOLDER` before it.
public final class Demo {
    private static final String USAGE = "usage: Demo [SECONDS]   (0.01 to 60, default 2.5)";
    private static final List<String> TRANSPORTS = List.of("tcp", "uds", "tls");

    private final PrintStream out;
    private final double seconds;

    private Demo(PrintStream out, double seconds) {
        this.out = out;
        this.seconds = seconds;
    }

    /// Runs the demo.
    ///
    /// @param args nothing, or the seconds that a measurement lasts
    /// @throws InterruptedException never, as nobody interrupts the main thread
    public static void main(String[] args) throws InterruptedException {
        if (args.length > 1) {
            DemoProcess.endWithParent();
        }
        System.exit(run(System.out, System.err, args));
    }

    /// Runs the demo, or one role of it, in the calling thread.
    ///
    /// @return the exit code
    static int run(PrintStream out, PrintStream err, String... args) throws InterruptedException {
        try {
            TlsFolder tls = TlsFolder.of(args);
            String[] rest = tls.array();
            if (isServer(rest)) {
                DemoServer.run(out, tls.options(), serverAddress(rest[1]));
            } else if (isClient(rest)) {
                runClient(out, tls.options(), rest[1], seconds(rest[2]));
            } else {
                new Demo(out, seconds(args)).runAll();
            }
            return 0;
        } catch (Failure e) {
            err.println("Demo: " + e.getMessage());
            return e.exitCode();
        } catch (AmpeException e) {
            if (e.status() != Status.SHUTDOWN_STARTED) { // else Ctrl-C: no news
                err.println("Demo: " + e.getMessage());
            }
            return 1;
        }
    }

    private static boolean isServer(String... args) {
        return args.length == 2 && args[0].equals("server");
    }

    private static boolean isClient(String... args) {
        return args.length == 3 && args[0].equals("client");
    }

    private static double seconds(String... args) {
        try {
            double seconds = args.length == 0 ? 2.5 : Double.parseDouble(args[0]);
            if (args.length <= 1 && seconds >= 0.01 && seconds <= 60) {
                return seconds;
            }
        } catch (NumberFormatException e) {
            // Falls through to the same words as a number out of range.
        }
        throw Failure.ofArguments("wrong: " + String.join(" ", args), USAGE);
    }

    private static Address.Server serverAddress(String transport) {
        return switch (transport) {
            case "uds" -> new Address.UdsServer(TestAddresses.temporaryUdsPath());
            case "tls" -> new Address.TlsServer("127.0.0.1", 0);
            default -> new Address.TcpServer("127.0.0.1", 0);
        };
    }

    private static void runClient(PrintStream out, Options options, String address, double seconds)
            throws InterruptedException {
        long nanos = (long) (seconds * 1e9);
        DemoFigures figures = DemoClient.run(out, options, Address.connectTo(address), nanos);
        out.println(figures.toLine());
    }

    private void runAll() throws InterruptedException {
        out.println("tofu demo: a server and a client, two processes of this machine");
        List<String> rows = new ArrayList<>();
        Path folder = TlsFolder.temporary();
        try {
            for (String transport : TRANSPORTS) {
                rows.add(runOn(transport, folder).toRow(transport));
            }
        } finally {
            TlsFolder.delete(folder);
        }
        out.println("\n" + DemoFigures.TABLE_HEAD);
        rows.forEach(out::println);
    }

    private DemoFigures runOn(String transport, Path keys) throws InterruptedException {
        Duration limit = Duration.ofMillis((long) (20_000 + 5_000 * seconds));
        try (DemoProcess server =
                DemoProcess.start(limit, TlsFolder.arguments(keys, "server", transport))) {
            String first = server.line();
            if (first == null || !first.startsWith(DemoServer.LISTENING)) {
                throw new Failure("the server does not listen over " + transport);
            }
            out.println(transport + ": " + first);
            String address = first.substring(DemoServer.LISTENING.length());
            try (DemoProcess client =
                    DemoProcess.start(
                            limit,
                            TlsFolder.arguments(
                                    keys, "client", address, Double.toString(seconds)))) {
                DemoFigures figures = follow(transport, client);
                int clientCode = client.exitCode();
                int serverCode = server.exitCode();
                if (figures == null || clientCode != 0 || serverCode != 0) {
                    throw new Failure(
                            "over %s the client ended with exit code %d, the server with %d"
                                    .formatted(transport, clientCode, serverCode));
                }
                return figures;
            }
        }
    }

    /// Shows what the client prints, until it ends; keeps the figures.
    private @Nullable DemoFigures follow(String transport, DemoProcess client) {
        DemoFigures figures = null;
        String line = client.line();
        while (line != null) {
            if (DemoFigures.isIn(line)) {
                figures = DemoFigures.of(line);
            } else {
                out.println(transport + ": " + line);
            }
            line = client.line();
        }
        return figures;
    }
}
