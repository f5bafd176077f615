package tofu.tests.faults;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.fixtures.TestAddresses;
import tofu.tests.rigs.ChildProcess;
import tofu.tests.rigs.Door;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Received;

/// A server in the POSIX locale, whose peers are bound to paths that it cannot spell;
/// [LocaleScenario] starts it.
///
/// Prints "ok" at the end, or fails.
final class UnspeltPeers {
    private static final int PEERS = 20;

    private UnspeltPeers() {}

    /// Listens, and starts itself as the peers, in another locale.
    ///
    /// @param arguments none, or as the peers, the path to connect to
    /// @throws Exception if anything fails that should not
    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0) {
            connect(Path.of(arguments[0]));
            return;
        }
        Path path = Path.of(TestAddresses.temporaryUdsPath());
        try (Ampe engine = Ampe.open();
                Ampe clients = Ampe.open()) {
            Peer server = new Peer(engine);
            Door door = server.listen("uds|" + path);
            ProcessBuilder peers =
                    new ProcessBuilder(ChildProcess.command(UnspeltPeers.class, path.toString()));
            peers.environment().put("LC_ALL", "C.UTF-8");
            Process process = peers.inheritIO().start();
            check(process.waitFor(40, TimeUnit.SECONDS) && process.exitValue() == 0, "the peers");
            server.expectNotice(Status.ACCEPT_FAILED, door.channel());
            Peer good = new Peer(clients);
            good.say(
                    OpCode.HELLO_REQUEST,
                    0,
                    message -> message.connectTo(Address.connectTo(door.address())));
            Received next = server.next();
            while (next.status() == Status.ACCEPT_FAILED) {
                next = server.next();
            }
            check(next.opCode() == OpCode.HELLO_REQUEST, "" + next);
        }
        System.out.println("ok");
    }

    private static void connect(Path door) throws IOException {
        for (int i = 0; i < PEERS; i++) {
            Path own = door.resolveSibling("\u00fc" + i);
            try (SocketChannel peer = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                peer.bind(UnixDomainSocketAddress.of(own));
                peer.connect(UnixDomainSocketAddress.of(door));
            }
            Files.delete(own);
        }
    }

    private static void check(boolean holds, String message) {
        if (!holds) {
            throw new AssertionError(message);
        }
    }
}
