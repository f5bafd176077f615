package tofu.tests.faults;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.ChildProcess;
import tofu.tests.rigs.Door;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Transport;

/// A program that runs out of descriptors; [DescriptorScenario] starts it with few of them.
///
/// Prints "ok", or, if asked for figures, those and "ok"; or fails.
final class FewDescriptors {
    private static final Duration A_SECOND = Duration.ofSeconds(1);

    /// What the process used of a processor while it had no descriptors left, and how long it took
    /// to accept the connection that waited, once there were some.
    private record Figures(long cpuMillis, long recoveryMillis) {}

    private FewDescriptors() {}

    /// Runs twice: the first time, with descriptors enough, loads what later cannot be loaded.
    ///
    /// @param arguments the transport; "figures"
    /// @throws Exception if anything fails that should not
    public static void main(String[] arguments) throws Exception {
        ChildProcess.loadAllClasses();
        Transport transport = Transport.valueOf(arguments[0]);
        try (Ampe engine = Ampe.open();
                Ampe clients = Ampe.open()) {
            Peer server = new Peer(engine);
            Door door = server.listen(transport);
            Link link = Link.open(new Peer(clients), server, door.address());
            run(link, door, transport, false);
            Figures figures = run(link, door, transport, true);
            if (arguments.length > 1) {
                System.out.printf(
                        "DescriptorFault %s: without descriptors the process used %.1f %% of a"
                                + " processor, open channels went on; the connection that waited"
                                + " was served %d ms after there were descriptors again%n",
                        transport, figures.cpuMillis / 10.0, figures.recoveryMillis);
            }
        }
        System.out.println("ok");
    }

    private static Figures run(Link link, Door door, Transport transport, boolean exhausted)
            throws IOException {
        Peer server = link.server();
        link.echo("before");
        Deque<SocketChannel> hoard = new ArrayDeque<>();
        SocketChannel late = connectWithTheLast(hoard, door, transport, exhausted);
        long cpuNanos = 0;
        if (exhausted) {
            server.expectNotice(Status.ACCEPT_FAILED, door.channel());
            long before = cpuNanos();
            expectFewNotices(server);
            cpuNanos = cpuNanos() - before;
            check(cpuNanos < A_SECOND.toNanos() / 20, "the loop spins");
        }
        for (int i = 0; i < 100; i++) {
            echo(link);
        }
        for (SocketChannel channel : hoard) {
            channel.close();
        }
        long free = System.nanoTime();
        late.write(ByteBuffer.wrap(Frame.hello(7).bytes()));
        Received hello = nextButNotices(server);
        long recoveryNanos = System.nanoTime() - free;
        check(hello.opCode() == OpCode.HELLO_REQUEST && hello.id() == 7, "" + hello);
        late.close();
        check(nextButNotices(server).status() == Status.CHANNEL_CLOSED, "the end");
        echo(link);
        return new Figures(cpuNanos / 1_000_000, recoveryNanos / 1_000_000);
    }

    private static void echo(Link link) {
        link.client().say(OpCode.REQUEST, link.clientChannel(), 5);
        check(nextButNotices(link.server()).id() == 5, "the request");
        link.server().say(OpCode.RESPONSE, link.serverChannel(), 5);
        link.client().expect(OpCode.RESPONSE, 5);
    }

    private static Received nextButNotices(Peer server) {
        Received next = server.next();
        while (next.status() == Status.ACCEPT_FAILED) {
            next = server.next();
        }
        return next;
    }

    /// Within a second there is at most another notice, not one for each attempt.
    private static void expectFewNotices(Peer server) {
        Instant end = Instant.now().plus(A_SECOND);
        int notices = 0;
        for (Duration left = A_SECOND;
                left.isPositive();
                left = Duration.between(Instant.now(), end)) {
            Received notice = server.poll(left);
            notices += notice == null ? 0 : 1;
            check(notice == null || notice.status() == Status.ACCEPT_FAILED, "" + notice);
        }
        check(notices <= 1, notices + " notices");
    }

    /// Takes all descriptors but one, for the connection.
    private static SocketChannel connectWithTheLast(
            Deque<SocketChannel> hoard, Door door, Transport transport, boolean exhausted)
            throws IOException {
        SocketChannel next = open(StandardProtocolFamily.UNIX);
        while (next != null && (exhausted || hoard.size() < 3)) {
            hoard.add(next);
            next = open(StandardProtocolFamily.UNIX);
        }
        if (next != null) {
            hoard.add(next);
        }
        hoard.removeLast().close();
        SocketChannel late = transport.openStream();
        late.connect(Address.connectTo(door.address()).unresolved());
        return late;
    }

    private static @Nullable SocketChannel open(StandardProtocolFamily family) {
        try {
            return SocketChannel.open(family);
        } catch (IOException e) {
            return null;
        }
    }

    private static long cpuNanos() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
    }

    private static void check(boolean holds, String message) {
        if (!holds) {
            throw new AssertionError(message);
        }
    }
}
