package tofu.engine;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tofu.api.LeakDetection;
import tofu.api.Options;
import tofu.engine.link.Resolver;
import tofu.engine.loop.StressNet;
import tofu.engine.loop.Uninterruptibly;
import tofu.engine.net.Net;

/// One engine for all, whose loops nobody drives: for the groups of a test.
final class StressEngine {
    private static final ByteBuffer NO_BUFFER = ByteBuffer.allocate(0);

    static final Engine ENGINE =
            new Engine(
                    Options.builder()
                            .leakDetection(LeakDetection.OFF)
                            .initialPoolMessages(0)
                            .maxChannels(16)
                            .spin(Duration.ZERO)
                            .build(),
                    new Nowhere());

    private StressEngine() {}

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
        public int readBytes() {
            return 64;
        }

        @Override
        public ByteBuffer newScratch() {
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
}
