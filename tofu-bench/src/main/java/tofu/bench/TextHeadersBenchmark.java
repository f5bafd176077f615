package tofu.bench;

import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import tofu.api.AllocationStrategy;
import tofu.api.Message;
import tofu.api.Options;
import tofu.api.TextHeaders;
import tofu.pool.SlotPool;

/// What it costs to append text headers, to find one, and to go through them.
///
/// `java -jar tofu-bench/target/benchmarks.jar TextHeadersBenchmark -prof gc`
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TextHeadersBenchmark {
    private final SlotPool pool = new SlotPool(Options.defaults());
    private final Message written = message();
    private final Message read = message();

    /// Fills the message that is read.
    public TextHeadersBenchmark() {
        fill(read.headers());
    }

    /// Frees the pool.
    @TearDown
    public void close() {
        written.close();
        read.close();
        pool.close();
    }

    /// Appends three headers.
    ///
    /// @return the headers
    @Benchmark
    public TextHeaders append() {
        return fill(written.headers().clear());
    }

    /// Finds the last of three, as a string.
    ///
    /// @return its value
    @Benchmark
    public @Nullable String find() {
        return read.headers().first("content-type");
    }

    /// Goes through three headers without making a string.
    ///
    /// @return how many had the name
    @Benchmark
    public int iterate() {
        int found = 0;
        TextHeaders.Cursor cursor = read.headers().cursor();
        while (cursor.next()) {
            if (cursor.nameIs("content-type")) {
                found++;
            }
        }
        return found;
    }

    private static TextHeaders fill(TextHeaders headers) {
        return headers.append("route", "orders/eu")
                .append("trace", "4bf92f3577b34da6")
                .append("content-type", "application/json");
    }

    private Message message() {
        return Objects.requireNonNull(pool.get(AllocationStrategy.ALWAYS));
    }
}
