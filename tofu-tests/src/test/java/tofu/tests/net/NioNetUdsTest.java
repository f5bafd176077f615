package tofu.tests.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tofu.engine.net.NetAcceptor;
import tofu.engine.net.NetStream;

class NioNetUdsTest extends NioNetContract {
    private int files;

    @Override
    public SocketAddress freshAddress() {
        return UnixDomainSocketAddress.of(folder.resolve("s" + files++));
    }

    @Override
    public SocketAddress refusingAddress() throws IOException {
        Path path = folder.resolve("nobody" + files++);
        leaveStale(path);
        return UnixDomainSocketAddress.of(path);
    }

    @Override
    List<String> exhaustionArguments() {
        return List.of(folder.resolve("s").toString());
    }

    @Test
    void theFileLivesAsLongAsTheAcceptor() throws IOException {
        NetAcceptor acceptor = listen(new NetEnd());
        Path path = ((UnixDomainSocketAddress) acceptor.localAddress()).getPath();
        assertThat(Files.getPosixFilePermissions(path)).isEqualTo(NetRig.OWNER_ONLY);
        assertThat(names(folder)).containsExactly(path.getFileName().toString());
        acceptor.close();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aFileThatDoesNotExistIsNotFound() {
        for (String name : List.of("missing", "missing/deeper")) {
            SocketAddress missing = UnixDomainSocketAddress.of(folder.resolve(name));
            assertThatThrownBy(() -> rig.client.connect(missing, ops -> {}))
                    .isInstanceOf(NoSuchFileException.class)
                    .hasMessageContaining(folder.resolve(name).toString());
        }
    }

    @Test
    void aFileThatIsNoSocketRefuses() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> rig.client.connect(UnixDomainSocketAddress.of(file), ops -> {}))
                .isInstanceOf(ConnectException.class);
    }

    @Test
    void whoFindsTheBacklogFullGetsThroughInTheEnd() throws IOException {
        NetAcceptor acceptor =
                rig.server.listen(freshAddress(), 1, NetRig.OWNER_ONLY, new NetEnd());
        List<NetEnd> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            clients.add(rig.startConnecting(acceptor));
        }
        assertThat(clients.getLast().stream().finishConnect()).isFalse();
        clients.get(10).close(); // has waited long enough
        clients.remove(10);
        List<NetStream> accepted = new ArrayList<>();
        rig.until(
                "all are accepted",
                () -> {
                    for (NetEnd client : clients) {
                        client.stream().finishConnect();
                    }
                    NetStream next = acceptor.accept();
                    if (next != null) {
                        accepted.add(next);
                    }
                    return accepted.size() == clients.size();
                });
        for (NetEnd client : clients) {
            assertThat(client.stream().finishConnect()).isTrue();
        }
        accepted.forEach(NetStream::close);
        acceptor.close();
    }

    @Test
    void whoWaitsForAListenerThatEndsIsRefused() throws IOException {
        NetAcceptor acceptor =
                rig.server.listen(freshAddress(), 1, NetRig.OWNER_ONLY, new NetEnd());
        NetEnd last = rig.startConnecting(acceptor);
        while (last.stream().finishConnect()) {
            last = rig.startConnecting(acceptor);
        }
        NetEnd waiting = last;
        acceptor.close();
        assertThatThrownBy(() -> rig.finishConnecting(waiting))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void aFailedListenLeavesNoFile() throws IOException {
        Path path = folder.resolve("late");
        rig.server.close();
        assertThatThrownBy(() -> rig.listen(UnixDomainSocketAddress.of(path), new NetEnd()))
                .isInstanceOf(IOException.class); // the selector is closed
        assertThat(folder).isEmptyDirectory();
        rig.close();
        openRig();
    }

    @Test
    void oneOfManyListenersGetsThePath() throws IOException {
        Path path = folder.resolve("one");
        leaveStale(path);
        NetAcceptor first = rig.listen(UnixDomainSocketAddress.of(path), new NetEnd());
        assertThatThrownBy(() -> rig.listen(UnixDomainSocketAddress.of(path), new NetEnd()))
                .isInstanceOf(BindException.class);
        rig.checkAccepts(first);
    }

    @Test
    void aNamedPeerIsAccepted() throws IOException {
        NetAcceptor acceptor = listen(new NetEnd());
        try (SocketChannel peer = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            peer.bind(UnixDomainSocketAddress.of(folder.resolve("peer")));
            peer.connect(acceptor.localAddress());
            NetStream accepted = rig.accept(acceptor);
            assertThat(accepted.finishConnect()).isTrue();
            accepted.close();
        }
    }

    /// Leaves a socket file behind, as a process does that is killed.
    private static void leaveStale(Path path) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.bind(UnixDomainSocketAddress.of(path));
        }
    }

    private static List<String> names(Path folder) {
        return List.of(Objects.requireNonNull(folder.toFile().list()));
    }
}
