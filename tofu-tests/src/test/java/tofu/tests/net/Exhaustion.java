package tofu.tests.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import tofu.engine.net.NetAcceptor;
import tofu.engine.net.NioNet;
import tofu.tests.rigs.Descriptors;

/// A program of its own that runs out of descriptors; [NioNetContract] starts it with few of them.
///
/// Exit: "ok", or a stack trace.
final class Exhaustion {
    private Exhaustion() {}

    private interface Attempt {
        void run() throws IOException;
    }

    /// Runs twice: the first time loads all classes, for which there are no descriptors later.
    ///
    /// @param args the path of a socket, or nothing for TCP
    /// @throws IOException if anything fails that should not
    public static void main(String[] args) throws IOException {
        SocketAddress address =
                args.length == 0
                        ? new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)
                        : UnixDomainSocketAddress.of(args[0]);
        try (NetRig rig = new NetRig(() -> NioNet.open(System::nanoTime))) {
            NetAcceptor acceptor = rig.listen(address, new NetEnd());
            NetRig.Pair old = rig.connectTo(acceptor);
            rig.checkEcho(old);
            rig.checkAccepts(acceptor);
            run(rig, acceptor, 0);
            int before = Descriptors.countHere();
            run(rig, acceptor, Integer.MAX_VALUE);
            rig.checkEcho(old);
            rig.checkAccepts(acceptor);
            rig.turns(1);
            check(Descriptors.countHere() - before == 2, "a descriptor leaked");
        }
        System.out.println("ok");
    }

    /// Connects, takes descriptors until there are none, and tries to accept and to connect.
    private static void run(NetRig rig, NetAcceptor acceptor, int limit) throws IOException {
        NetEnd waiting = rig.startConnecting(acceptor);
        rig.finishConnecting(waiting);
        List<SocketChannel> hoard = hoard(limit);
        List<Attempt> attempts =
                List.of(
                        acceptor::accept,
                        acceptor::accept,
                        () -> rig.client.connect(acceptor.localAddress(), ops -> {}));
        for (Attempt attempt : attempts) {
            expectFailure(limit > 0 ? attempt : Exhaustion::fail);
        }
        for (SocketChannel channel : hoard) {
            channel.close();
        }
        rig.accept(acceptor).close();
        waiting.close();
        rig.turns(1);
    }

    private static List<SocketChannel> hoard(int limit) {
        List<SocketChannel> hoard = new ArrayList<>();
        try {
            while (hoard.size() < limit) {
                hoard.add(SocketChannel.open(StandardProtocolFamily.UNIX));
            }
        } catch (IOException e) {
            check(hoard.size() > 1, "nothing to hoard");
        }
        return hoard;
    }

    private static void fail() throws IOException {
        throw new SocketException("as it will be");
    }

    private static void expectFailure(Attempt attempt) {
        try {
            attempt.run();
        } catch (IOException e) {
            return;
        }
        throw new AssertionError("it worked, but there were no descriptors");
    }

    private static void check(boolean holds, String message) {
        if (!holds) {
            throw new AssertionError(message);
        }
    }
}
