package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tofu.tests.rigs.ChildProcess;

/// Two network namespaces of Linux with a wire between them that loses packets, some from the
/// beginning or all from one moment on.
///
/// The first loses one in a hundred and delays the others by 20 ms each way, by `netem`. Where the
/// kernel has none, it is a narrow bottleneck with a short queue, by `tbf`, which loses what does
/// not fit. The second sends all to a machine that is not there.
///
/// Owns the namespaces, which end with it. Skips the test where they are not permitted.
final class BadWire implements AutoCloseable {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final String NETEM = "netem delay 20ms loss 1%";
    private static final String BOTTLENECK = "tbf rate 100mbit burst 16kb limit 48kb";
    private static final Pattern DROPPED = Pattern.compile("dropped (\\d+)");

    private final String[] names = new String[2];
    private String kind = "";

    private BadWire() {
        String prefix = "tofu" + ProcessHandle.current().pid() + "n" + NUMBERS.getAndIncrement();
        names[0] = prefix + "a";
        names[1] = prefix + "b";
    }

    /// A wire that loses some.
    static BadWire open() {
        BadWire wire = uncut();
        boolean done = false;
        try {
            wire.worsen();
            done = true;
        } finally {
            if (!done) {
                wire.close();
            }
        }
        return wire;
    }

    /// A wire that loses nothing until [#cut()].
    static BadWire uncut() {
        BadWire wire = new BadWire();
        boolean done = false;
        try {
            wire.lay();
            done = true;
        } finally {
            if (!done) {
                wire.close();
            }
        }
        return wire;
    }

    private void lay() {
        for (String name : names) {
            assumeTrue(
                    succeeds("ip netns add " + name),
                    "needs `ip netns add`: Linux, iproute2, and root");
        }
        assumeTrue(
                succeeds(
                        ("ip link add v0 netns " + names[0])
                                + (" type veth peer name v0 netns " + names[1])),
                "needs veth");
        for (int side = 0; side < 2; side++) {
            String in = "ip -n " + names[side];
            assumeTrue(
                    succeeds(in + " addr add " + host(side) + "/24 dev v0")
                            && succeeds(in + " link set v0 up"),
                    "needs addresses in a namespace");
        }
    }

    private void worsen() {
        for (int side = 0; side < 2; side++) {
            String add = "tc -n " + names[side] + " qdisc add dev v0 root ";
            kind = succeeds(add + NETEM) ? NETEM : BOTTLENECK;
            assumeTrue(
                    kind.equals(NETEM) || succeeds(add + BOTTLENECK), "needs tc with netem or tbf");
        }
    }

    /// Swallows everything from now on, in both directions: each end takes the other's address for
    /// that of a network card that nobody has. Neither end can see it.
    void cut() {
        for (int side = 0; side < 2; side++) {
            assertThat(
                            succeeds(
                                    ("ip -n " + names[side] + " neigh replace " + host(1 - side))
                                            + " lladdr 02:00:00:00:00:99 dev v0 nud permanent"))
                    .as("the wire is cut")
                    .isTrue();
        }
    }

    /// The address of one end.
    String host(int side) {
        return "10.77.77." + (side + 1);
    }

    /// What loses packets.
    String kind() {
        return kind;
    }

    /// Starts a program at one end.
    Process start(int side, Class<?> program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", names[side]));
        command.addAll(ChildProcess.command(program, arguments));
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    /// How many packets were lost until now, as far as the system counts them.
    long lost() throws IOException, InterruptedException {
        long lost = 0;
        for (String name : names) {
            Process tc = run("tc -s -n " + name + " qdisc show dev v0");
            Matcher dropped =
                    DROPPED.matcher(
                            new String(tc.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            lost += dropped.find() ? Long.parseLong(dropped.group(1)) : 0;
            tc.waitFor();
        }
        return lost;
    }

    private static boolean succeeds(String command) {
        try {
            Process process = run(command);
            process.getInputStream().readAllBytes();
            return process.waitFor() == 0;
        } catch (IOException e) {
            return false; // there is no such program
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    private static Process run(String command) throws IOException {
        return new ProcessBuilder(command.split(" ")).redirectErrorStream(true).start();
    }

    @Override
    public void close() {
        for (String name : names) {
            succeeds("ip netns del " + name);
        }
    }
}
