package tofu.bench;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;
import tofu.api.AllocationStrategy;
import tofu.api.BinaryHeader;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.pool.HeaderLayout;
import tofu.pool.Slot;
import tofu.pool.SlotPool;

/// What it costs to write and read the 16 bytes of a message's header.
///
/// `java -jar tofu-bench/target/benchmarks.jar HeaderBenchmark -prof gc`
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class HeaderBenchmark {
    private final SlotPool pool = new SlotPool(Options.defaults());
    private final Slot frame =
            Objects.requireNonNull(
                    pool.take(HeaderLayout.LENGTH, AllocationStrategy.ALWAYS, Slot.Owner.QUEUE));
    private long next;

    /// Clears a header and sets what a sender sets.
    @Benchmark
    public void write() {
        frame.clear();
        frame.opCode(OpCode.SIGNAL);
        frame.channel(17);
        frame.id(next++);
    }

    /// Reads every field.
    ///
    /// @param sink takes them
    @Benchmark
    public void read(Blackhole sink) {
        sink.consume(frame.opCode());
        sink.consume(frame.channel());
        sink.consume(frame.status());
        sink.consume(frame.id());
        sink.consume(frame.headersLength());
        sink.consume(frame.bodyLength());
    }

    /// Copies the header into an object, as enqueueing does.
    ///
    /// @return the copy
    @Benchmark
    public BinaryHeader copy() {
        return frame.header();
    }
}
