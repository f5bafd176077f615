package tofu.tests.rigs;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import tofu.engine.net.Net;
import tofu.engine.net.NetAcceptor;
import tofu.engine.net.NetHandler;
import tofu.engine.net.NetStream;

/// A net whose streams read and write a few bytes at a time, as if every socket's buffer were tiny.
///
/// Thread: the loop's, as of any net. Owns the net that does the work.
public final class ThrottledNet implements Net {
    private final Net net;
    private final Throttle throttle;
    private final SplittableRandom random;

    ThrottledNet(Net net, Throttle throttle, SplittableRandom random) {
        this.net = net;
        this.throttle = throttle;
        this.random = random;
    }

    /// A net over another one, its own from now on.
    public static Net over(Net net, Throttle throttle) {
        return new ThrottledNet(net, throttle, new SplittableRandom(throttle.seed()));
    }

    /// A stream that moves few bytes.
    private static final class Stream implements NetStream {
        private final NetStream stream;
        private final Throttle throttle;
        private final SplittableRandom random;

        Stream(NetStream stream, Throttle throttle, SplittableRandom random) {
            this.stream = stream;
            this.throttle = throttle;
            this.random = random;
        }

        /// What reads or writes.
        private interface Move {
            int apply(ByteBuffer buffer) throws IOException;
        }

        private int few(ByteBuffer buffer, Move move) throws IOException {
            int limit = buffer.limit();
            int count = Math.min(buffer.remaining(), throttle.next(random));
            buffer.limit(buffer.position() + count);
            try {
                return move.apply(buffer);
            } finally {
                buffer.limit(limit);
            }
        }

        @Override
        public boolean finishConnect() throws IOException {
            return stream.finishConnect();
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            return few(target, stream::read);
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            return few(source, stream::write);
        }

        @Override
        public int gatheredBytes() {
            return stream.gatheredBytes();
        }

        @Override
        public void interest(int ops) {
            stream.interest(ops);
        }

        @Override
        public void shutdownOutput() throws IOException {
            stream.shutdownOutput();
        }

        @Override
        public void close() {
            stream.close();
        }

        @Override
        public void reset() {
            stream.reset();
        }
    }

    /// An acceptor of such streams.
    private final class Acceptor implements NetAcceptor {
        private final NetAcceptor acceptor;

        Acceptor(NetAcceptor acceptor) {
            this.acceptor = acceptor;
        }

        @Override
        public @Nullable NetStream accept() throws IOException {
            NetStream accepted = acceptor.accept();
            return accepted == null ? null : throttled(accepted);
        }

        @Override
        public void interest(boolean accepting) {
            acceptor.interest(accepting);
        }

        @Override
        public SocketAddress localAddress() {
            return acceptor.localAddress();
        }

        @Override
        public void close() {
            acceptor.close();
        }
    }

    private Stream throttled(NetStream stream) {
        return new Stream(stream, throttle, random.split());
    }

    @Override
    public NetStream connect(SocketAddress address, NetHandler handler) throws IOException {
        return throttled(net.connect(address, handler));
    }

    @Override
    public NetAcceptor listen(
            SocketAddress address,
            int backlog,
            Set<PosixFilePermission> permissions,
            NetHandler handler)
            throws IOException {
        return new Acceptor(net.listen(address, backlog, permissions, handler));
    }

    @Override
    public void register(NetStream stream, NetHandler handler) throws IOException {
        net.register(((Stream) stream).stream, handler);
    }

    @Override
    public int poll(long maxWaitNanos, Runnable awake) throws IOException {
        return net.poll(maxWaitNanos, awake);
    }

    @Override
    public long changes() {
        return net.changes();
    }

    @Override
    public boolean hasMore() {
        return net.hasMore();
    }

    @Override
    public void wakeup() {
        net.wakeup();
    }

    @Override
    public void close() {
        net.close();
    }
}
