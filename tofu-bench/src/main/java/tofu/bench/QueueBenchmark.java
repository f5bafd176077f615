package tofu.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jctools.queues.MpscArrayQueue;
import org.jctools.queues.MpscUnboundedXaddArrayQueue;
import org.jctools.queues.SpscArrayQueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;
import tofu.api.AllocationStrategy;
import tofu.api.Options;
import tofu.pool.HeaderLayout;
import tofu.pool.Mail;
import tofu.pool.MailChain;
import tofu.pool.MailQueue;
import tofu.pool.Slot;
import tofu.pool.SlotPool;

/// What it costs to bring slots through a queue in bursts of 64: tofu's own, whose links are in the
/// slots, beside those of JCTools. One thread, so what is measured is the work and not the traffic
/// between processors.
///
/// `java -jar tofu-bench/target/benchmarks.jar QueueBenchmark -prof gc`
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--sun-misc-unsafe-memory-access=allow")
@OperationsPerInvocation(QueueBenchmark.BURST)
public class QueueBenchmark {
    static final int BURST = 64;
    private static final int CAPACITY = 1_024;

    private final SlotPool pool = new SlotPool(Options.defaults());
    private final List<Slot> slots = slots();
    private final MailQueue own = new MailQueue();
    private final Queue<Slot> mpsc = new MpscArrayQueue<>(CAPACITY);
    private final Queue<Slot> xadd = new MpscUnboundedXaddArrayQueue<>(CAPACITY);
    private final Queue<Slot> spsc = new SpscArrayQueue<>(CAPACITY);

    /// Gives the slots back.
    @TearDown
    public void close() {
        slots.forEach(slot -> slot.release(Slot.Owner.QUEUE));
        pool.close();
    }

    /// tofu's queue: many producers, one consumer, emptied at one go.
    ///
    /// @param sink takes the slots
    @Benchmark
    public void mailQueue(Blackhole sink) {
        for (int i = 0; i < BURST; i++) {
            sink.consume(own.offer(slots.get(i)));
        }
        MailChain chain = new MailChain();
        own.drainTo(chain);
        for (Mail mail = chain.first(); mail != null; mail = mail.next()) {
            sink.consume(mail);
        }
    }

    /// JCTools, many producers, bounded.
    ///
    /// @param sink takes the slots
    @Benchmark
    public void jctoolsMpsc(Blackhole sink) {
        pass(mpsc, sink);
    }

    /// JCTools, many producers, unbounded.
    ///
    /// @param sink takes the slots
    @Benchmark
    public void jctoolsMpscUnboundedXadd(Blackhole sink) {
        pass(xadd, sink);
    }

    /// JCTools, one producer, bounded.
    ///
    /// @param sink takes the slots
    @Benchmark
    public void jctoolsSpsc(Blackhole sink) {
        pass(spsc, sink);
    }

    private void pass(Queue<Slot> queue, Blackhole sink) {
        for (int i = 0; i < BURST; i++) {
            sink.consume(queue.offer(slots.get(i)));
        }
        for (Slot slot = queue.poll(); slot != null; slot = queue.poll()) {
            sink.consume(slot);
        }
    }

    private List<Slot> slots() {
        List<Slot> taken = new ArrayList<>();
        for (int i = 0; i < BURST; i++) {
            taken.add(
                    Objects.requireNonNull(
                            pool.take(
                                    HeaderLayout.LENGTH,
                                    AllocationStrategy.ALWAYS,
                                    Slot.Owner.QUEUE)));
        }
        return taken;
    }
}
