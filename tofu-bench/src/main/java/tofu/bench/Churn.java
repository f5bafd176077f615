package tofu.bench;

import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;

/// Connects, says hello and bye, closes; again and again, and prints what the process holds:
/// nothing may grow.
///
/// `java -cp tofu-bench/target/benchmarks.jar tofu.bench.Churn TRANSPORT CYCLES [CONCURRENT]`
final class Churn {
    private static final int REPORTS = 10;

    private Churn() {}

    /// Runs the cycles.
    ///
    /// @param args transport (`tcp` or `uds`), cycles, and how many channels at a time (64)
    public static void main(String[] args) throws InterruptedException {
        int cycles = Integer.parseInt(args[1]);
        int concurrent = args.length > 2 ? Integer.parseInt(args[2]) : 64;
        try (Pair pair = new Pair(args[0], Options.defaults())) {
            long start = System.nanoTime();
            int done = 0;
            for (int report = 1; report <= REPORTS; report++) {
                int until = (int) ((long) cycles * report / REPORTS);
                run(pair, until - done, concurrent);
                done = until;
                double seconds = (System.nanoTime() - start) / 1e9;
                System.out.printf("%,d cycles, %,.0f/s: %s%n", done, done / seconds, Vitals.now());
            }
        }
        System.out.println("closed: " + Vitals.now());
    }

    private static void run(Pair pair, int cycles, int concurrent) throws InterruptedException {
        int begun = 0;
        int ended = 0;
        while (ended < cycles) {
            while (begun < cycles && begun - ended < concurrent) {
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
