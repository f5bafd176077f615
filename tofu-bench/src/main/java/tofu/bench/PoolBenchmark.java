package tofu.bench;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import tofu.api.AllocationStrategy;
import tofu.api.LeakDetection;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.pool.SlotPool;

/// What it costs to get a message, fill it, and give it back.
///
/// `java -jar tofu-bench/target/benchmarks.jar PoolBenchmark -prof gc`
///
/// What leak detection adds: `-p leakDetection=OFF,SAMPLED`
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PoolBenchmark {
    private final byte[] body = new byte[64];
    private SlotPool pool = new SlotPool(Options.defaults());

    /// Off unless it is asked for, as it has a cost of its own.
    @Param("OFF")
    private LeakDetection leakDetection = LeakDetection.OFF;

    /// Makes a pool.
    @Setup
    public void open() {
        pool.close();
        pool = new SlotPool(Options.builder().leakDetection(leakDetection).build());
    }

    /// Frees the pool.
    @TearDown
    public void close() {
        pool.close();
    }

    /// Gets a message and gives it back.
    @Benchmark
    public void getAndClose() {
        try (Message message = get()) {
            message.opCode(OpCode.SIGNAL);
        }
    }

    /// The same from two threads, which share the free list.
    @Benchmark
    @Threads(2)
    public void getAndCloseContended() {
        try (Message message = get()) {
            message.opCode(OpCode.SIGNAL);
        }
    }

    /// The same from four threads.
    @Benchmark
    @Threads(4)
    public void getAndCloseFourThreads() {
        try (Message message = get()) {
            message.opCode(OpCode.SIGNAL);
        }
    }

    /// Gets a message, sets its header, appends 64 bytes, and gives it back.
    @Benchmark
    public void fill() {
        try (Message message = get()) {
            message.opCode(OpCode.SIGNAL).channel(17).id(42).body().append(body);
        }
    }

    private Message get() {
        return Objects.requireNonNull(pool.get(AllocationStrategy.ALWAYS));
    }
}
