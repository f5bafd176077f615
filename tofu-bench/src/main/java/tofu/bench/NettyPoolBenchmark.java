package tofu.bench;

import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/// Netty's pools, to be read beside [PoolBenchmark]: a buffer of 80 bytes outside the heap, got and
/// given back by one thread, with caches for all threads and without leak detection.
///
/// `java -jar tofu-bench/target/benchmarks.jar PoolBenchmark -prof gc` runs both.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {
            "--sun-misc-unsafe-memory-access=allow",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
            "-Dio.netty.noUnsafe=false",
            "-Dio.netty.leakDetection.level=disabled",
            "-Dio.netty.allocator.useCacheForAllThreads=true",
            "-Dio.netty.tryReflectionSetAccessible=true"
        })
public class NettyPoolBenchmark {
    private static final int SIZE = 80;

    private ByteBufAllocator allocator = ByteBufAllocator.DEFAULT;

    /// Which pool.
    @Param({"pooled", "adaptive"})
    private String kind = "pooled";

    /// Chooses the pool.
    @Setup
    public void choose() {
        allocator =
                kind.equals("pooled")
                        ? PooledByteBufAllocator.DEFAULT
                        : new AdaptiveByteBufAllocator(true, true);
    }

    /// Gets a buffer and gives it back.
    ///
    /// @return whether it was freed
    @Benchmark
    public boolean getAndRelease() {
        return allocator.directBuffer(SIZE).release();
    }

    /// The same from two threads.
    ///
    /// @return whether it was freed
    @Benchmark
    @Threads(2)
    public boolean getAndReleaseTwoThreads() {
        return allocator.directBuffer(SIZE).release();
    }

    /// The same from four threads.
    ///
    /// @return whether it was freed
    @Benchmark
    @Threads(4)
    public boolean getAndReleaseFourThreads() {
        return allocator.directBuffer(SIZE).release();
    }
}
