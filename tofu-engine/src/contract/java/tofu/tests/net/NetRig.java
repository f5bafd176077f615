package tofu.tests.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tofu.engine.net.Net;
import tofu.engine.net.NetAcceptor;
import tofu.engine.net.NetStream;

/// The nets of one test, with what was opened on them, and the turns that drive them.
///
/// Thread: the test's.
/// Owns: nets, streams and acceptors; closes them all.
final class NetRig implements AutoCloseable {
    static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    static final int BACKLOG = 16;
    static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final long MILLI = 1_000_000;

    /// Opens another net that can reach the others.
    interface Opener {
        Net open() throws IOException;
    }

    interface Condition {
        boolean holds() throws IOException;
    }

    /// Both ends of one connection.
    record Pair(NetEnd client, NetEnd server) {}

    private final Opener opener;
    private final List<Net> nets = new ArrayList<>();
    private final List<NetEnd> ends = new ArrayList<>();
    private final List<NetAcceptor> acceptors = new ArrayList<>();

    /// Accepts.
    final Net server;

    /// Connects.
    final Net client;

    NetRig(Opener opener) throws IOException {
        this.opener = opener;
        server = openNet();
        client = openNet();
    }

    Net openNet() throws IOException {
        Net net = opener.open();
        nets.add(net);
        return net;
    }

    /// Polls a net, and checks that it says once that the wait is over, before it calls anybody.
    int poll(Net net, long maxWaitNanos) throws IOException {
        List<Integer> before = new ArrayList<>();
        int calls = calls();
        boolean goesOn = net.hasMore();
        int called = net.poll(maxWaitNanos, () -> before.add(calls()));
        assertThat(before)
                .as("calls of handlers before the net said that the wait is over")
                .isEqualTo(called > 0 || goesOn ? List.of(calls) : List.of());
        return called;
    }

    private int calls() {
        return ends.stream().mapToInt(NetEnd::calls).sum();
    }

    /// Polls all nets until a condition holds.
    void until(String what, Condition condition) throws IOException {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!condition.holds()) {
            assertThat(Instant.now()).as(what).isBefore(deadline);
            turns(1);
        }
    }

    /// Polls all nets some times, waiting a little when nothing is ready.
    void turns(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            int ready = 0;
            for (Net net : nets) {
                ready += poll(net, 0);
            }
            if (ready == 0) {
                poll(nets.getLast(), MILLI);
            }
        }
    }

    NetAcceptor listen(SocketAddress address, NetEnd door) throws IOException {
        NetAcceptor acceptor = server.listen(address, BACKLOG, OWNER_ONLY, door);
        acceptors.add(acceptor);
        ends.add(door);
        return acceptor;
    }

    NetEnd startConnecting(NetAcceptor acceptor) throws IOException {
        NetEnd end = new NetEnd();
        end.own(client.connect(acceptor.localAddress(), end));
        ends.add(end);
        return end;
    }

    void finishConnecting(NetEnd end) throws IOException {
        until("connected", () -> end.stream().finishConnect());
    }

    NetStream accept(NetAcceptor acceptor) throws IOException {
        List<NetStream> accepted = new ArrayList<>();
        until(
                "accepted",
                () -> {
                    NetStream stream = acceptor.accept();
                    if (stream != null) {
                        accepted.add(stream);
                    }
                    return stream != null;
                });
        return accepted.getFirst();
    }

    NetEnd register(NetStream stream, Net net) throws IOException {
        NetEnd end = new NetEnd();
        end.own(stream);
        ends.add(end);
        net.register(stream, end);
        return end;
    }

    /// Connects to an acceptor in whose backlog nobody else waits; both ends may talk then.
    Pair connectTo(NetAcceptor acceptor) throws IOException {
        NetEnd clientEnd = startConnecting(acceptor);
        NetEnd serverEnd = register(accept(acceptor), server);
        finishConnecting(clientEnd);
        until("agreed", () -> !clientEnd.stream().isSecuring() && !serverEnd.stream().isSecuring());
        return new Pair(clientEnd, serverEnd);
    }

    void send(NetEnd end, byte[] bytes) throws IOException {
        ByteBuffer source = direct(bytes);
        end.interest(Net.WRITE);
        until(
                "sent",
                () -> {
                    if (end.take(Net.WRITE)) {
                        end.write(source);
                    }
                    return !source.hasRemaining();
                });
        end.interest(0);
    }

    byte[] receive(NetEnd end, int count) throws IOException {
        ByteBuffer target = ByteBuffer.allocateDirect(count);
        end.interest(Net.READ);
        until(
                "received",
                () -> {
                    if (end.take(Net.READ)) {
                        assertThat(end.read(target)).as("the end came early").isNotNegative();
                    }
                    return !target.hasRemaining();
                });
        end.interest(0);
        return bytesOf(target);
    }

    /// Reads until nothing more will come; there must be no bytes left.
    ///
    /// @return the failure that ended it, or `null` for the end of the stream
    @Nullable IOException receiveEnd(NetEnd end) throws IOException {
        List<IOException> failures = new ArrayList<>();
        end.interest(Net.READ);
        until(
                "the end",
                () -> {
                    if (!end.take(Net.READ)) {
                        return false;
                    }
                    try {
                        int count = end.read(ByteBuffer.allocateDirect(1));
                        assertThat(count).as("bytes after the end").isNotPositive();
                        return count < 0;
                    } catch (IOException e) {
                        failures.add(e);
                        return true;
                    }
                });
        end.interest(0);
        return failures.isEmpty() ? null : failures.getFirst();
    }

    /// Sends a few bytes there and back.
    void checkEcho(Pair pair) throws IOException {
        send(pair.client, pattern(77));
        assertThat(receive(pair.server, 77)).isEqualTo(pattern(77));
        send(pair.server, pattern(78));
        assertThat(receive(pair.client, 78)).isEqualTo(pattern(78));
    }

    /// Checks that an acceptor works, whoever else may be waiting in its backlog.
    void checkAccepts(NetAcceptor acceptor) throws IOException {
        NetEnd clientEnd = startConnecting(acceptor);
        finishConnecting(clientEnd);
        ByteBuffer one = direct(pattern(1));
        List<NetEnd> accepted = new ArrayList<>();
        until(
                "the byte is accepted",
                () -> {
                    if (one.hasRemaining()) {
                        clientEnd.write(one);
                    }
                    NetStream stream = acceptor.accept();
                    if (stream != null) {
                        accepted.add(register(stream, server));
                    }
                    return accepted.stream().anyMatch(NetRig::hasByte);
                });
    }

    private static boolean hasByte(NetEnd end) {
        try {
            return end.read(ByteBuffer.allocateDirect(1)) > 0;
        } catch (IOException e) {
            return false; // a stranger that is gone already
        }
    }

    static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + (i >> 8) * 7 + (i >> 16));
        }
        return bytes;
    }

    static ByteBuffer direct(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    static byte[] bytesOf(ByteBuffer filled) {
        byte[] bytes = new byte[filled.position()];
        filled.flip().get(bytes);
        return bytes;
    }

    @Override
    public void close() {
        ends.forEach(NetEnd::close);
        acceptors.forEach(NetAcceptor::close);
        nets.forEach(Net::close);
    }
}
