package tofu.bench;

import java.io.PrintStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tofu.api.Message;
import tofu.api.OpCode;
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
final class Churn extends PairProgram {
    private static final int REPORTS = 10;

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

    Churn(PrintStream out) {
        super(out);
    }

    /// Runs the program.
    ///
    /// @param args see `--help`
    public static void main(String... args) {
        System.exit(new Churn(System.out).commandLine().execute(args));
    }

    @Override
    void measure() throws InterruptedException {
        try (Pair pair = pair()) {
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
