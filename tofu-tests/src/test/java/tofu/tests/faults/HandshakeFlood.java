package tofu.tests.faults;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// A program whose threads begin handshakes of TLS as fast as they can, up to a rate, and go away.
///
/// `PORT SOURCE HELLO`: where it connects to on this machine, the address that it comes from, and
/// what it says, in hexadecimal digits. Prints "flooding" once somebody has said that; when its
/// input ends, "attempted COUNT MILLIS REFUSED": how many have said it, in how many milliseconds,
/// and how many could not connect, or say it.
///
/// Most of them go as soon as they have said it, which costs a server as much as if they stayed;
/// some stay until they are answered, or closed.
///
/// Owns its sockets.
final class HandshakeFlood {
    private static final int PER_SECOND = 10_000;
    private static final int GOING = 6;
    private static final int STAYING = 2;
    private static final long A_MOMENT = 50_000;

    private final InetSocketAddress target;
    private final InetSocketAddress source;
    private final byte[] hello;
    private final long startNanos = System.nanoTime();
    private final AtomicLong attempted = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    private HandshakeFlood(int port, String source, String hello) {
        this.target = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.source = new InetSocketAddress(InetAddress.ofLiteral(source), 0);
        this.hello = HexFormat.of().parseHex(hello);
    }

    /// Runs until the input ends.
    ///
    /// @param args see above
    public static void main(String[] args) throws IOException {
        HandshakeFlood flood = new HandshakeFlood(Integer.parseInt(args[0]), args[1], args[2]);
        for (int i = 0; i < GOING; i++) {
            Thread.ofPlatform().daemon().start(() -> flood.run(false));
        }
        for (int i = 0; i < STAYING; i++) {
            Thread.ofPlatform().daemon().start(() -> flood.run(true));
        }
        while (flood.attempted.get() == 0) {
            LockSupport.parkNanos(A_MOMENT);
        }
        System.out.println("flooding");
        while (System.in.read() >= 0) {
            // until the end
        }
        System.out.printf(
                "attempted %d %d %d%n",
                flood.attempted.get(), flood.nanos() / 1_000_000, flood.refused.get());
    }

    private long nanos() {
        return System.nanoTime() - startNanos;
    }

    private void run(boolean stays) {
        while (true) {
            if (attempted.get() > nanos() * PER_SECOND / 1e9) {
                LockSupport.parkNanos(A_MOMENT);
            } else {
                attempt(stays);
            }
        }
    }

    private void attempt(boolean stays) {
        try (SocketChannel peer = SocketChannel.open()) {
            // Its port is free again at once, and what the server finds is a reset.
            peer.setOption(StandardSocketOptions.SO_LINGER, 0);
            peer.bind(source);
            peer.connect(target);
            peer.write(ByteBuffer.wrap(hello));
            attempted.incrementAndGet();
            if (stays) {
                peer.read(ByteBuffer.allocate(1));
            }
        } catch (IOException e) {
            refused.incrementAndGet();
        }
    }
}
