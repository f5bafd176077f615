package tofu.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;

/// What it costs to be refused by a full send queue: by an answer, which allocates nothing, and by
/// an exception.
///
/// `java -jar tofu-bench/target/benchmarks.jar OfferBenchmark -prof gc`
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class OfferBenchmark {
    private static final Duration A_MOMENT = Duration.ofMillis(200);

    private final ServerSocketChannel deaf = deafPeer();
    private final Ampe ampe = Ampe.open(Options.builder().sendQueueMessages(16).build());
    private final ChannelGroup group = ampe.create();
    private final Message message = ampe.get().channel(dial()).opCode(OpCode.SIGNAL);

    /// Fills the queue of a channel whose peer never reads.
    ///
    /// @throws InterruptedException if interrupted
    @Setup
    public void fill() throws InterruptedException {
        while (true) {
            try (Message filling = ampe.get()) {
                filling.opCode(OpCode.SIGNAL).channel(message.channel());
                filling.body().append(new byte[60_000]);
                group.enqueueToPeer(filling, A_MOMENT);
            } catch (AmpeException e) {
                if (e.status() != Status.SEND_QUEUE_FULL) {
                    throw e;
                }
                return;
            }
        }
    }

    /// Closes all.
    ///
    /// @throws IOException if the peer cannot be closed
    @TearDown
    public void close() throws IOException {
        message.close();
        deaf.close(); // before the engine, which would wait for it
        ampe.close();
    }

    /// The answer is false.
    ///
    /// @return false
    @Benchmark
    public boolean offer() {
        return group.offerToPeer(message);
    }

    /// The answer is an exception.
    ///
    /// @return its status
    @Benchmark
    public Status enqueue() {
        try {
            group.enqueueToPeer(message);
            return Status.SUCCESS;
        } catch (AmpeException e) {
            return e.status();
        }
    }

    private static ServerSocketChannel deafPeer() {
        try {
            return ServerSocketChannel.open()
                    .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private int dial() {
        try (Message hello = ampe.get()) {
            hello.connectTo(Address.connectTo(deaf.getLocalAddress()));
            return group.enqueueToPeer(hello).channel();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
