package tofu.cli.top;

import java.io.IOException;
import java.lang.reflect.UndeclaredThrowableException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.management.InstanceNotFoundException;
import javax.management.JMX;
import javax.management.MBeanServerConnection;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tofu.cli.ExitCode;
import tofu.cli.Failure;
import tofu.cli.Terminal;
import tofu.management.AmpeMXBean;
import tofu.management.AmpeMXBean.Snapshot;

/// Shows what the engines of a running JVM do, and what stalls.
@Command(
        name = "top",
        mixinStandardHelpOptions = true,
        description = {
            "Shows the channels of all engines of a running JVM that it has registered by"
                    + " TofuMXBeans.register: first those whose messages had to wait longest since"
                    + " the last look, and why. Ends by Ctrl-C. Exit code 1 if there is no engine."
        },
        footer = {
            "",
            "WAITING is what is queued to be sent, and what came and was not taken.",
            "",
            "Examples:",
            "  tofuctl top 4711",
            "  tofuctl top --once -i 5s server.example:9010",
            "  tofuctl top --json 4711 | jq '.channels[0]'"
        })
public final class TopCommand implements Callable<Integer> {
    private static final ObjectName ENGINES = engines();

    private final Terminal terminal;

    @Parameters(
            paramLabel = "PID|HOST:PORT",
            converter = Target.Reader.class,
            description = "A process of this machine, or where a JVM listens for JMX.")
    private @Nullable Target target;

    @Option(
            names = {"-i", "--interval"},
            paramLabel = "TIME",
            description = "From one look to the next, 1s if not said.")
    private Duration interval = Duration.ofSeconds(1);

    @Option(
            names = {"-n", "--channels"},
            paramLabel = "N",
            description = "How many channels are shown, 20 if not said.")
    private int channels = 20;

    @Option(names = "--once", description = "Ends after the first interval.")
    private boolean once;

    @Option(
            names = "--json",
            description = "Prints an object of JSON with all channels after each interval.")
    private boolean json;

    /// Makes the command.
    ///
    /// @param terminal where it prints
    public TopCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    private static ObjectName engines() {
        try {
            return new ObjectName("tofu:type=Ampe,name=*");
        } catch (MalformedObjectNameException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public Integer call() throws Failure, InterruptedException {
        if (interval.isZero() || channels < 1) {
            throw new Failure(ExitCode.USAGE, "--interval is more than 0, --channels at least 1");
        }
        Target there = Objects.requireNonNull(target);
        CountDownLatch gone = new CountDownLatch(1);
        try (JMXConnector connector = there.connect()) {
            connector.addConnectionNotificationListener((_, _) -> gone.countDown(), null, null);
            watch(connector.getMBeanServerConnection(), gone);
        } catch (IOException _) {
            throw new Failure(ExitCode.BROKEN, "the connection to " + there + " has ended");
        }
        return ExitCode.DONE;
    }

    /// @param gone is there once the connection is not
    private void watch(MBeanServerConnection server, CountDownLatch gone)
            throws Failure, InterruptedException, IOException {
        long beganNanos = System.nanoTime();
        Map<String, Snapshot> earlier = look(server);
        long endedNanos = System.nanoTime();
        if (earlier.isEmpty()) {
            throw new Failure(
                    ExitCode.NO,
                    "no engine is registered in "
                            + target
                            + "; a program does that by TofuMXBeans.register");
        }
        do {
            if (gone.await(interval.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IOException();
            }
            long nextNanos = System.nanoTime();
            Map<String, Snapshot> later = look(server);
            long nowNanos = System.nanoTime();
            show(new View(earlier, later, nextNanos - endedNanos, nowNanos - beganNanos));
            earlier = later;
            beganNanos = nextNanos;
            endedNanos = nowNanos;
        } while (!once);
    }

    private void show(View view) {
        if (json) {
            terminal.println(view.json());
        } else if (once) {
            view.table(channels).forEach(terminal::println);
        } else {
            terminal.screen(view.table(channels));
        }
    }

    /// Asks all engines, by their names.
    private static Map<String, Snapshot> look(MBeanServerConnection server)
            throws Failure, IOException {
        Map<String, Snapshot> seen = new TreeMap<>();
        for (ObjectName engine : server.queryNames(ENGINES, null)) {
            AmpeMXBean bean = JMX.newMXBeanProxy(server, engine, AmpeMXBean.class);
            try {
                seen.put(bean.getName(), bean.getStatistics());
            } catch (UndeclaredThrowableException e) {
                switch (e.getCause()) {
                    case InstanceNotFoundException _ -> {} // it has gone in between
                    case IOException broken -> throw broken;
                    case null, default ->
                            throw new Failure(
                                    ExitCode.BROKEN,
                                    engine + " is of another edition: " + e.getCause());
                }
            }
        }
        return seen;
    }
}
