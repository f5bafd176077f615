package tofu.tests.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tofu.api.TlsSettings;
import tofu.engine.net.Net;
import tofu.engine.net.NetAcceptor;
import tofu.engine.net.NetHandler;
import tofu.engine.net.NetStream;
import tofu.engine.net.TlsNet;
import tofu.tests.rigs.Secured;

/// A handshake whose peer sends without end: it has its turn, and so have the others.
class TlsEndlessTest {
    /// More than a loop should spend on one stream.
    private static final int TOO_MANY_READS = 100;

    /// A server that sends the same bytes again and again, as fast as they are read.
    ///
    /// Thread: the test's.
    private static final class Endless implements Net {
        private final byte[] bytes;
        private int at;
        private int reads;
        private int interest;
        private NetHandler told = ops -> {};

        Endless(byte... bytes) {
            this.bytes = bytes;
        }

        private final class Stream implements NetStream {
            @Override
            public boolean finishConnect() {
                return true;
            }

            @Override
            public int read(ByteBuffer target) {
                reads++;
                assertThat(reads).as("reads in one turn").isLessThan(TOO_MANY_READS);
                int count = target.remaining();
                while (target.hasRemaining()) {
                    target.put(bytes[at++ % bytes.length]);
                }
                at %= bytes.length;
                return count;
            }

            @Override
            public int write(ByteBuffer source) {
                int count = source.remaining();
                source.position(source.limit());
                return count;
            }

            @Override
            public int gatheredBytes() {
                return 1 << 16;
            }

            @Override
            public void interest(int ops) {
                interest = ops;
            }

            @Override
            public void shutdownOutput() {}

            @Override
            public void close() {}

            @Override
            public void reset() {}
        }

        @Override
        public NetStream connect(SocketAddress address, NetHandler handler) {
            told = handler;
            return new Stream();
        }

        @Override
        public NetAcceptor listen(
                SocketAddress address,
                int backlog,
                Set<PosixFilePermission> permissions,
                NetHandler handler) {
            throw new UnsupportedOperationException("a server of its own");
        }

        @Override
        public void register(NetStream stream, NetHandler handler) {
            throw new UnsupportedOperationException("accepts nobody");
        }

        @Override
        public int poll(long maxWaitNanos, Runnable awake) {
            awake.run();
            told.onReady(interest & Net.READ);
            return 1;
        }

        @Override
        public boolean hasMore() {
            return false;
        }

        @Override
        public void wakeup() {}

        @Override
        public long changes() {
            return 0;
        }

        @Override
        public void close() {}
    }

    @Test
    void aServerThatWarnsForEverHasATurnEachTime() throws IOException {
        byte[] userCanceled = {21, 3, 3, 0, 2, 1, 90}; // the JDK passes over it
        Endless endless = new Endless(userCanceled);
        try (TlsNet net =
                new TlsNet(
                        endless,
                        TlsSettings.of(Secured.noFiles()),
                        (work, then) -> {
                            work.run();
                            then.run();
                            return true;
                        },
                        System::nanoTime,
                        Duration.ofSeconds(60).toNanos())) {
            SocketAddress anywhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
            NetStream stream = net.connect(anywhere, new NetEnd());
            assertThat(stream.finishConnect()).isTrue();
            for (int turn = 0; turn < 5; turn++) {
                endless.reads = 0;
                net.poll(0, () -> {});
                assertThat(endless.reads).as("it goes on").isPositive();
                assertThat(stream.isSecuring()).isTrue();
            }
            stream.close();
        }
    }
}
