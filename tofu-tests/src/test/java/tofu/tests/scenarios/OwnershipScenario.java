package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Address;
import tofu.api.BinaryHeader;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.fixtures.TestAddresses;
import tofu.tests.rigs.Door;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawDoor;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// Whose an address is.
///
/// Rows of the wire spec's section 5:
/// - "second listener on the same TCP port or UDS path":
///   `aSecondListenerIsRefusedAndTheFirstGoesOn`, `anAddressThatSomebodyElseListensOnIsRefused`,
///   `aStaleFileIsReplaced`, `whatIsNoSocketIsNeverReplaced`
/// - "UDS file": `theFileHasTheModeOfTheOptions`, `withoutAWordTheFileIsItsOwnersOnly`,
///   `theFileGoesWithItsListener`, `somebodyElsesFileStays`, `aFileThatWasDeletedHarmsNothing`
class OwnershipScenario {
    private static final Duration A_MOMENT = Duration.ofMillis(100);

    @RegisterExtension final Stage stage = new Stage();

    @ParameterizedTest
    @EnumSource
    void aSecondListenerIsRefusedAndTheFirstGoesOn(Transport transport) {
        Peer first = stage.peer();
        Door door = first.listen(transport);
        for (Peer second : List.of(stage.peerOn(first.ampe()), stage.peer(o -> o.loops(2)))) {
            expectRefusal(second, door.address(), Status.ADDRESS_IN_USE);
        }
        passOverProbes(first);
        Link.open(stage.peer(), first, door.address()).bye();
    }

    /// Whoever wants a Unix domain socket's path looks whether somebody listens, by connecting: the
    /// listener's group is told that this connection has ended, as of any that says nothing.
    private static void passOverProbes(Peer listening) {
        for (Received probe = listening.poll(A_MOMENT);
                probe != null;
                probe = listening.poll(A_MOMENT)) {
            assertThat(probe.status()).isEqualTo(Status.CHANNEL_CLOSED);
            assertThat(probe.id()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anAddressThatSomebodyElseListensOnIsRefused(Transport transport) {
        RawDoor other = stage.rawDoor(transport);
        expectRefusal(stage.peer(), other.address(), Status.ADDRESS_IN_USE);
        stage.raw(other.address()).send(Frame.of(OpCode.SIGNAL, 5));
        RawPeer accepted = stage.accept(other);
        if (transport == Transport.UDS) {
            accepted.expectEnd(); // the one that looked whether somebody listens
            accepted = stage.accept(other);
        }
        accepted.expect(Frame.of(OpCode.SIGNAL, 5));
    }

    private static void expectRefusal(Peer peer, String address, Status reason) {
        BinaryHeader welcome = peer.sayWelcome(address);
        peer.expectReturned(OpCode.WELCOME_RESPONSE, welcome.id(), reason);
        peer.expectClosed(welcome.channel(), welcome.id());
    }

    @ParameterizedTest
    @EnumSource
    void anAddressIsFreeAsSoonAsItsGroupIsClosed(Transport transport) {
        String address = null;
        for (int i = 0; i < 5; i++) {
            Peer server = stage.peer();
            address =
                    server.listen(address == null ? transport.listenAddress() : address).address();
            Link link = Link.open(stage.peer(), server, address);
            server.group().close();
            link.client().expectClosed(link.clientChannel(), link.helloId());
        }
    }

    @Test
    void aStaleFileIsReplaced() throws IOException {
        String path = TestAddresses.temporaryUdsPath();
        try (ServerSocketChannel dead = Transport.UDS.openServer()) {
            dead.bind(UnixDomainSocketAddress.of(path));
        }
        assertThat(Path.of(path)).exists();
        Peer server = stage.peer();
        Door door = server.listen("uds|" + path);
        Link.open(stage.peer(), server, door.address()).bye();
    }

    @Test
    void whatIsNoSocketIsNeverReplaced() throws IOException {
        Path file = Path.of(TestAddresses.temporaryUdsPath());
        Files.writeString(file, "precious");
        expectRefusal(stage.peer(), "uds|" + file, Status.LISTEN_FAILED);
        assertThat(file).hasContent("precious");
        Files.delete(file);
        Files.createDirectory(file);
        expectRefusal(stage.peer(), "uds|" + file, Status.LISTEN_FAILED);
        assertThat(file).isDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-------", "rw-rw----", "rwxrwxrwx"})
    void theFileHasTheModeOfTheOptions(String mode) throws IOException {
        Peer server = stage.peer(o -> o.udsPermissions(PosixFilePermissions.fromString(mode)));
        Path file = listenAt(server);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo(mode);
    }

    @Test
    void withoutAWordTheFileIsItsOwnersOnly() throws IOException {
        assertThat(Files.getPosixFilePermissions(listenAt(stage.peer())))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    private static Path listenAt(Peer server) {
        Path file = Path.of(TestAddresses.temporaryUdsPath());
        server.listen("uds|" + file);
        return file;
    }

    @Test
    void theFileGoesWithItsListener() throws IOException {
        Peer server = stage.peer();
        Path first = Path.of(TestAddresses.temporaryUdsPath());
        Door door = server.listen("uds|" + first);
        server.say(OpCode.BYE_SIGNAL, door.channel(), 5);
        server.expectReturned(OpCode.BYE_SIGNAL, 5, Status.CHANNEL_CLOSED);
        server.expectClosed(door.channel(), door.id());
        assertThat(first).doesNotExist();

        Path second = listenAt(server);
        Path third = listenAt(server);
        server.group().close();
        for (Path file : List.of(first, second, third)) {
            try (Stream<Path> left = Files.list(file.getParent())) {
                assertThat(left).as("nothing hidden either").isEmpty();
            }
        }
    }

    @Test
    void somebodyElsesFileStays() throws IOException {
        Peer server = stage.peer();
        Path file = listenAt(server);
        Files.delete(file);
        Files.writeString(file, "precious");
        server.group().close();
        assertThat(file).hasContent("precious");
    }

    @Test
    void aFileThatWasDeletedHarmsNothing() throws IOException {
        Peer server = stage.peer();
        Path file = listenAt(server);
        Link link = Link.open(stage.peer(), server, "uds|" + file);
        Files.delete(file);
        link.echo("the socket lives on");
        Peer other = stage.peer();
        other.listen("uds|" + file);
        server.group().close();
        link.client().expectClosed(link.clientChannel(), link.helloId());
        assertThat(file).as("the other's").exists();
        Link.open(link.client(), other, "uds|" + file).bye();
    }

    @Test
    void aFolderInWhichNothingMayBeCreatedIsRefused() throws IOException {
        assumeFalse(System.getProperty("user.name").equals("root"), "root may do anything");
        Path file = Path.of(TestAddresses.temporaryUdsPath());
        Files.setPosixFilePermissions(
                file.getParent(), PosixFilePermissions.fromString("r-xr-xr-x"));
        expectRefusal(stage.peer(), "uds|" + file, Status.LISTEN_FAILED);
    }

    @Test
    void aSocketThatMayNotBeUsedIsAFailureOfCommunication() {
        assumeFalse(System.getProperty("user.name").equals("root"), "root may do anything");
        Peer server =
                stage.peer(o -> o.udsPermissions(PosixFilePermissions.fromString("---------")));
        Peer client = stage.peer();
        BinaryHeader hello = client.sayHello("uds|" + listenAt(server));
        client.expectReturned(OpCode.HELLO_REQUEST, hello.id(), Status.COMMUNICATION_FAILED);
        client.expectClosed(hello.channel(), hello.id());
    }

    @Test
    void aPathMayBeAsLongAsTheSystemAllowsAndNoLonger() {
        String path = TestAddresses.temporaryUdsPath();
        String folder = path.substring(0, path.lastIndexOf('/'));
        String name = "p".repeat(Address.MAX_UDS_PATH_BYTES - folder.length() - 1);
        Peer server = stage.peer();
        Door door = server.listen("uds|" + folder + "/" + name);
        Link.open(stage.peer(), server, door.address()).bye();
        expectRefusal(server, "uds|" + folder + "/p" + name, Status.INVALID_ADDRESS);
    }

    @Test
    void aPathMayHaveAnyLetters() {
        Peer server = stage.peer();
        String path = TestAddresses.temporaryUdsPath() + " ümläut ☃";
        Door door = server.listen("uds|" + path);
        assertThat(Path.of(path)).exists();
        Link.open(stage.peer(), server, door.address()).bye();
        server.group().close();
        assertThat(Path.of(path)).doesNotExist();
    }
}
