package tofu.bench;

import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;

/// Connects, says hello and bye, closes; again and again, and prints what the process holds:
/// nothing may grow.
///
/// `java -cp tofu-bench/target/benchmarks.jar tofu.bench.Churn TRANSPORT CYCLES [CONCURRENT]`
@Command(
        name = "Churn",
        usageHelpWidth = 100,
        description =
                "Connects, says hello and bye, closes; again and again, and prints what the process"
                        + " holds: nothing may grow.")
final class Churn implements Callable<Integer> {
    private static final int REPORTS = 10;

    private final PrintStream out;

    @Parameters(index = "0", paramLabel = "TRANSPORT", description = "tcp, uds or tls.")
    private Pair.Transport transport = Pair.Transport.TCP;

    @Parameters(
            index = "1",
            paramLabel = "CYCLES",
            converter = Count.class,
            description = "How many channels, one after the other.")
    private int cycles;

    @Parameters(
            index = "2",
            arity = "0..1",
            paramLabel = "CONCURRENT",
            defaultValue = "64",
            converter = Count.class,
            description = "How many of them at a time; ${DEFAULT-VALUE}, if not said.")
    private int concurrent;

    @Option(names = "--help", usageHelp = true, description = "Says this, and measures nothing.")
    boolean help;

    private Churn(PrintStream out) {
        this.out = out;
    }

    /// Runs the cycles. The exit code is 0; 1 if they failed, 2 if the arguments make no sense.
    ///
    /// @param args see `--help`
    public static void main(String... args) {
        System.exit(commandLine(System.out).execute(args));
    }

    /// Understands the arguments, and does what they say.
    ///
    /// @param out where the figures go
    static CommandLine commandLine(PrintStream out) {
        return new CommandLine(new Churn(out)).setCaseInsensitiveEnumValuesAllowed(true);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (Pair pair = new Pair(transport, Options.defaults())) {
            long start = System.nanoTime();
            int done = 0;
            for (int report = 1; report <= REPORTS; report++) {
                int until = (int) ((long) cycles * report / REPORTS);
                run(pair, until - done);
                done = until;
                double seconds = (System.nanoTime() - start) / 1e9;
                out.printf("%,d cycles, %,.0f/s: %s%n", done, done / seconds, Vitals.now());
            }
        }
        out.println("closed: " + Vitals.now());
        return 0;
    }

    private void run(Pair pair, int count) throws InterruptedException {
        int begun = 0;
        int ended = 0;
        while (ended < count) {
            while (begun < count && begun - ended < concurrent) {
                pair.hello();
                begun++;
            }
            try (Message message = pair.receive()) {
                if (message.opCode() == OpCode.HELLO_RESPONSE
                        && message.status() == Status.SUCCESS) {
                    pair.say(OpCode.BYE_REQUEST, message.channel());
                } else if (message.status() == Status.CHANNEL_CLOSED) {
                    ended++;
                } else if (message.opCode() != OpCode.BYE_RESPONSE) {
                    throw new IllegalStateException("unexpected " + message);
                }
            }
        }
    }
}
