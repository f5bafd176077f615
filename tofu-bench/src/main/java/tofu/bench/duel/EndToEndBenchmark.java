package tofu.bench.duel;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.GroupThreads;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.Control;

/// Messages from thread to thread, through a socket: one way, from one, two or four threads, and as
/// echoes of which 256 are on their way. Client and server are in one JVM.
///
/// `java -jar tofu-bench/target/benchmarks.jar 'EndToEnd|PingPong' -prof gc`
///
/// What counts is the rate of `receive` or `ask`; that of the whole group is the sum of both sides.
@BenchmarkMode(org.openjdk.jmh.annotations.Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {
            NettyFlags.UNSAFE,
            NettyFlags.NATIVE,
            NettyFlags.OPEN_NIO,
            NettyFlags.OPEN_MISC,
            NettyFlags.OPEN_CHANNELS,
            NettyFlags.USE_UNSAFE,
            NettyFlags.USE_REFLECTION
        })
public class EndToEndBenchmark {
    private static final int UNDER_WAY = 256;

    /// The connections.
    @State(Scope.Group)
    public static class Wires extends Wire {
        /// How many there are; messages go to each in turn.
        @Param({"1", "100"})
        int channels;

        /// Connects, and sends the first echoes.
        ///
        /// @param params says which group this is
        @Setup
        public void open(BenchmarkParams params) throws IOException, InterruptedException {
            Mode mode = mode(params.getBenchmark());
            open(mode, channels);
            for (int i = 0; mode == Mode.ECHO && i < Math.max(UNDER_WAY, channels); i++) {
                if (!client().send(i % channels, payload())) {
                    throw new IllegalStateException("no room for message " + i);
                }
            }
        }

        /// Closes all.
        @TearDown
        public void end() {
            close();
        }

        private static Mode mode(String benchmark) {
            String group = benchmark.substring(benchmark.lastIndexOf('.') + 1);
            return switch (group) {
                case "oneWay" -> Mode.ONE_WAY;
                case "oneWayFrom2" -> Mode.ONE_WAY_FROM_2;
                case "oneWayFrom4" -> Mode.ONE_WAY_FROM_4;
                case "echo" -> Mode.ECHO;
                default -> throw new IllegalArgumentException("no group " + group);
            };
        }
    }

    /// A thread that sends.
    @State(Scope.Thread)
    public static class Sender {
        private @Nullable End end;
        private byte[] payload = {};
        private int channels;
        private int next;

        /// Gets its end.
        @Setup
        public void open(Wires wires) throws IOException, InterruptedException {
            end = wires.sender();
            payload = wires.payload();
            channels = wires.channels;
        }

        private void send(Control control) throws IOException, InterruptedException {
            End open = Objects.requireNonNull(end);
            while (!open.send(next, payload)) {
                if (control.stopMeasurement) {
                    return;
                }
            }
            next = next + 1 == channels ? 0 : next + 1;
        }
    }

    /// Sends one message.
    @Benchmark
    @Group("oneWay")
    public void send(Sender sender, Control control) throws IOException, InterruptedException {
        sender.send(control);
    }

    /// Takes one message.
    @Benchmark
    @Group("oneWay")
    public void receive(Wires wires, Control control) throws IOException, InterruptedException {
        while (!wires.server().take(wires) && !control.stopMeasurement) {
            // not yet
        }
    }

    /// Sends one message, as one of two threads.
    @Benchmark
    @Group("oneWayFrom2")
    @GroupThreads(2)
    public void sendAsOneOf2(Sender sender, Control control)
            throws IOException, InterruptedException {
        sender.send(control);
    }

    /// Takes one message that one of two threads has sent.
    @Benchmark
    @Group("oneWayFrom2")
    public void receiveFrom2(Wires wires, Control control)
            throws IOException, InterruptedException {
        receive(wires, control);
    }

    /// Sends one message, as one of four threads.
    @Benchmark
    @Group("oneWayFrom4")
    @GroupThreads(4)
    public void sendAsOneOf4(Sender sender, Control control)
            throws IOException, InterruptedException {
        sender.send(control);
    }

    /// Takes one message that one of four threads has sent.
    @Benchmark
    @Group("oneWayFrom4")
    public void receiveFrom4(Wires wires, Control control)
            throws IOException, InterruptedException {
        receive(wires, control);
    }

    /// Takes one echo, and sends the next message.
    @Benchmark
    @Group("echo")
    public void ask(Wires wires, Control control) throws IOException, InterruptedException {
        while (!wires.client().converse(wires) && !control.stopMeasurement) {
            // not yet
        }
    }

    /// Takes one message, and sends it back.
    @Benchmark
    @Group("echo")
    public void answer(Wires wires, Control control) throws IOException, InterruptedException {
        while (!wires.server().answer(wires) && !control.stopMeasurement) {
            // not yet
        }
    }
}
