package tofu.bench;

import java.io.PrintStream;
import java.util.Arrays;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tofu.api.Message;
import tofu.api.OpCode;

/// Opens channels that do nothing, and measures what each costs in memory, and whether an echo on
/// one more channel gets slower.
///
/// `java -cp tofu-bench/target/benchmarks.jar tofu.bench.IdleChannels TRANSPORT CHANNELS`
@Command(
        name = "IdleChannels",
        usageHelpWidth = 100,
        description =
                "Opens channels that do nothing, and measures what each costs in memory, and"
                        + " whether an echo on one more channel gets slower.")
final class IdleChannels extends PairProgram {
    private static final int WARM_UP = 30_000;
    private static final int ECHOES = 20_000;
    private static final int ROUNDS = 5;

    @Parameters(
            index = "1",
            paramLabel = "CHANNELS",
            converter = Count.class,
            description = "How many idle channels.")
    private int channels;

    IdleChannels(PrintStream out) {
        super(out);
    }

    /// Runs the program.
    ///
    /// @param args see `--help`
    public static void main(String... args) {
        System.exit(new IdleChannels(System.out).commandLine().execute(args));
    }

    @Override
    void measure() throws InterruptedException {
        double[] without = new double[ROUNDS];
        double[] with = new double[ROUNDS];
        // Both in turn, each round with new engines: the machine's speed drifts.
        for (int round = 0; round < ROUNDS; round++) {
            try (Pair pair = pair()) {
                int busy = open(pair);
                echo(pair, busy, WARM_UP);
                without[round] = echo(pair, busy, ECHOES);
                Vitals before = Vitals.now();
                for (int i = 0; i < channels; i++) {
                    open(pair);
                }
                Vitals after = Vitals.now();
                with[round] = echo(pair, busy, ECHOES);
                out.printf(
                        "echo p50 %.1f us without, %.1f us with %,d idle channels;"
                                + " %.0f bytes of heap for each end of a channel,"
                                + " %.0f of direct buffers%n",
                        without[round] / 1e3,
                        with[round] / 1e3,
                        channels,
                        (after.heapBytes() - before.heapBytes()) / 2.0 / channels,
                        (after.directBytes() - before.directBytes()) / 2.0 / channels);
            }
        }
        double[] ratios = new double[ROUNDS];
        Arrays.setAll(ratios, i -> with[i] / without[i]);
        Arrays.sort(ratios);
        out.printf(
                "ratio with/without: median %.2f (%.2f to %.2f)%n",
                ratios[ROUNDS / 2], ratios[0], ratios[ROUNDS - 1]);
    }

    private static int open(Pair pair) throws InterruptedException {
        int channel = pair.hello();
        try (Message answer = pair.receive()) {
            if (answer.opCode() != OpCode.HELLO_RESPONSE || answer.channel() != channel) {
                throw new IllegalStateException("unexpected " + answer);
            }
        }
        return channel;
    }

    /// Sends requests one at a time.
    ///
    /// @return the median round trip, in nanoseconds
    private static double echo(Pair pair, int channel, int count) throws InterruptedException {
        long[] nanos = new long[count];
        byte[] body = new byte[64];
        for (int i = 0; i < count; i++) {
            long start = System.nanoTime();
            Message request = pair.message();
            request.opCode(OpCode.REQUEST).channel(channel).body().append(body);
            pair.talking().enqueueToPeer(request);
            pair.receive().close();
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        return nanos[count / 2];
    }
}
