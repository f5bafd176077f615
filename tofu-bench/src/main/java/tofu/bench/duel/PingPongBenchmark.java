package tofu.bench.duel;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Control;

/// One message from thread to thread, through a socket and back. Client and server are in one JVM.
///
/// `java -jar tofu-bench/target/benchmarks.jar PingPong`
///
/// What counts is `ping`, the whole round trip.
@BenchmarkMode(org.openjdk.jmh.annotations.Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
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
public class PingPongBenchmark {
    /// The connection.
    @State(Scope.Group)
    public static class OneWire extends Wire {
        /// Connects.
        @Setup
        public void open() throws IOException, InterruptedException {
            open(Mode.PING_PONG, 1);
        }

        /// Closes all.
        @TearDown
        public void end() {
            close();
        }
    }

    /// Sends a message, and waits until it is back.
    @Benchmark
    @Group("pingPong")
    public void ping(OneWire wire, Control control) throws IOException, InterruptedException {
        if (!wire.client().send(0, wire.payload())) {
            throw new IllegalStateException("no room for a single message");
        }
        while (!wire.client().take(wire) && !control.stopMeasurement) {
            // not yet
        }
    }

    /// Sends one message back.
    @Benchmark
    @Group("pingPong")
    public void pong(OneWire wire, Control control) throws IOException, InterruptedException {
        while (!wire.server().answer(wire) && !control.stopMeasurement) {
            // not yet
        }
    }
}
