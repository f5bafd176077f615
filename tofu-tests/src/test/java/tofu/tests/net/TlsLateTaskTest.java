package tofu.tests.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import tofu.api.TlsSettings;
import tofu.engine.net.Net;
import tofu.engine.net.NetAcceptor;
import tofu.engine.net.NetStream;
import tofu.engine.net.NioNet;
import tofu.engine.net.TlsNet;
import tofu.tests.rigs.Hellos;
import tofu.tests.rigs.Secured;

/// What takes long in a handshake, and has its turn when the stream is closed.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class TlsLateTaskTest {
    /// Made before a test's time begins.
    private static final Supplier<SSLContext> KEYS = Secured.files("server");

    private static final Duration LINGER = Duration.ofSeconds(60);

    /// One in line, with what comes behind it.
    private record Task(Runnable work, Runnable then) {
        void run() {
            work.run();
            then.run();
        }
    }

    private final Deque<Task> line = new ArrayDeque<>();

    /// How often the application was asked for its keys: that is what is done first.
    private int asked;

    private Net openNet() throws IOException {
        return new TlsNet(
                NioNet.open(System::nanoTime),
                TlsSettings.of(this::keys),
                (work, then) -> line.add(new Task(work, then)),
                System::nanoTime,
                LINGER.toNanos());
    }

    private SSLContext keys() {
        asked++;
        return KEYS.get();
    }

    /// A peer says hello; then, while that waits in line, something happens to the stream.
    private void greet(Consumer<NetStream> meanwhile) throws IOException {
        try (NetRig rig = new NetRig(this::openNet)) {
            InetAddress here = InetAddress.getLoopbackAddress();
            NetAcceptor acceptor = rig.listen(new InetSocketAddress(here, 0), new NetEnd());
            try (SocketChannel peer = SocketChannel.open(acceptor.localAddress())) {
                peer.write(ByteBuffer.wrap(Hellos.client()));
                NetEnd end = rig.register(rig.accept(acceptor), rig.server);
                rig.until("in line", () -> !line.isEmpty());
                assertThat(asked).isZero();

                meanwhile.accept(end.stream());
                line.remove().run();
                rig.turns(3);
            }
        }
    }

    @Test
    void whoIsThereIsServed() throws IOException {
        greet(stream -> assertThat(stream.isSecuring()).isTrue());

        assertThat(asked).isOne();
    }

    @Test
    void forWhomIsClosedNothingIsComputed() throws IOException {
        greet(NetStream::close);

        assertThat(asked).isZero();
        assertThat(line).isEmpty();
    }

    @Test
    void forWhomIsResetNothingIsComputed() throws IOException {
        greet(NetStream::reset);

        assertThat(asked).isZero();
        assertThat(line).isEmpty();
    }
}
