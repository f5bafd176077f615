package tofu.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tofu.api.LeakDetection;
import tofu.api.Options;
import tofu.engine.channel.Deadline;
import tofu.engine.net.Net;

/// A loop of its own on a [StressNet], of one engine for all, and a task that notes what it saw.
///
/// Threads: one drives the loop, any others may ask for something.
final class StressLoop implements LoopTask, Command.Lookup {
    private static final ByteBuffer NO_BUFFER = ByteBuffer.allocate(0);

    /// Nobody drives its own loop.
    static final Engine ENGINE =
            new Engine(
                    Options.builder()
                            .leakDetection(LeakDetection.OFF)
                            .initialPoolMessages(0)
                            .maxChannels(16)
                            .spin(Duration.ZERO)
                            .build(),
                    new Nowhere());

    /// Whose messages are posted.
    static final EngineGroup GROUP = new EngineGroup(ENGINE, 1);

    final StressNet net = new StressNet();
    final Reactor loop = new Reactor(ENGINE, 0, net);
    final ReadyQueue.Entry entry = new ReadyQueue.Entry(this);
    private int calls;

    /// There is nothing to read, to write, or to look up, and it is always now.
    private static final class Nowhere implements Environment {
        @Override
        public Net openNet() {
            return new StressNet();
        }

        @Override
        public long nanoTime() {
            return 0;
        }

        @Override
        public Resolver resolver() {
            return new NoNames();
        }

        @Override
        public long seed() {
            return 1;
        }

        @Override
        public ByteBuffer newReadBuffer() {
            return NO_BUFFER;
        }

        @Override
        public ByteBuffer newStaging() {
            return NO_BUFFER;
        }

        @Override
        public void await(CountDownLatch latch) {
            Uninterruptibly.await(latch);
        }
    }

    private static final class NoNames implements Resolver {
        @Override
        public @Nullable Question ask(String host, Consumer<List<InetAddress>> found) {
            return null;
        }

        @Override
        public void close() {}
    }

    @Override
    public void onScheduled(long nowNanos) {
        calls++;
    }

    @Override
    public void onTick(long nowNanos) {}

    @Override
    public long deadlineNanos() {
        return Deadline.NONE;
    }

    @Override
    public void onResolved(List<InetAddress> addresses, long nowNanos) {
        calls++;
    }

    /// How often the loop has called the task or told it of a name.
    int calls() {
        return calls;
    }

    /// Drives the loop until it has called as often as expected, or sleeps for ever.
    ///
    /// @return "called", or "asleep for ever"
    String driveUntilCalled(int expected) {
        try {
            while (calls < expected && !net.sleptInVain()) {
                loop.step(Long.MAX_VALUE);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return calls == expected ? "called" : calls > expected ? "called twice" : "asleep for ever";
    }
}
