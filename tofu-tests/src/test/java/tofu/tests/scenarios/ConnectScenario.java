package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.BinaryHeader;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.fixtures.TestAddresses;
import tofu.tests.rigs.Door;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawDoor;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.TestNames;
import tofu.tests.rigs.Transport;

/// Connecting (wire spec, section 2, "Connect").
class ConnectScenario {
    @RegisterExtension final Stage stage = new Stage();

    @ParameterizedTest
    @EnumSource
    void theHelloArrivesWithTheAddressAsItsFirstHeader(Transport transport) {
        Peer client = stage.peer();
        RawDoor door = stage.rawDoor(transport);
        client.say(
                OpCode.HELLO_REQUEST,
                0,
                m -> {
                    m.id(9).headers().append(Address.CONNECT_TO, door.address());
                    m.headers().append("user", "alice");
                    m.body().append("hi");
                });
        stage.accept(door)
                .expect(
                        Frame.of(OpCode.HELLO_REQUEST, 9, "hi")
                                .withHeaders(
                                        "~connect_to:" + door.address() + "\r\nuser:alice\r\n"));
    }

    @ParameterizedTest
    @EnumSource
    void theServerMeetsTheClientOnANewChannelAndAnswersWithTheSameId(Transport transport) {
        Peer server = stage.peer();
        Peer client = stage.peer();
        Door door = server.listen(transport);
        BinaryHeader hello = client.sayHello(door.address());
        assertThat(hello.channel()).isBetween(1, 65_534);

        Received request = server.expect(OpCode.HELLO_REQUEST, hello.id());
        assertThat(request.channel()).isNotEqualTo(door.channel()).isBetween(1, 65_534);
        assertThat(request.headers()).containsOnlyKeys(Address.CONNECT_TO);

        server.say(
                OpCode.HELLO_RESPONSE,
                request.channel(),
                m -> m.id(hello.id()).headers().append("role", "server"));
        Received response = client.expect(OpCode.HELLO_RESPONSE, hello.id());
        assertThat(response.channel()).isEqualTo(hello.channel());
        assertThat(response.headers()).containsEntry("role", "server");
        new Link(client, hello.channel(), server, request.channel(), hello.id()).bye();
    }

    @ParameterizedTest
    @EnumSource
    void requestsMayBePipelinedBeforeTheHelloResponse(Transport transport) {
        Peer server = stage.peer();
        Peer client = stage.peer();
        BinaryHeader hello = client.sayHello(server.listen(transport).address());
        for (int id = 101; id <= 150; id++) {
            client.say(OpCode.REQUEST, hello.channel(), id);
        }

        int channel = server.expect(OpCode.HELLO_REQUEST, hello.id()).channel();
        for (int id = 101; id <= 150; id++) {
            server.expect(OpCode.REQUEST, id);
            server.say(OpCode.RESPONSE, channel, id);
        }
        for (int id = 101; id <= 150; id++) {
            client.expect(OpCode.RESPONSE, id);
        }
        server.say(OpCode.HELLO_RESPONSE, channel, hello.id());
        client.expect(OpCode.HELLO_RESPONSE, hello.id());
    }

    @Test
    void aHostMayBeAName() {
        Peer server = stage.peer();
        String port =
                server.listen("tcp|127.0.0.1|0").address().substring("tcp|127.0.0.1".length());
        Link.open(stage.peer(), server, "tcp|localhost" + port).bye();
    }

    @Test
    void theNextAddressOfANameIsTriedWhenTheFirstRefuses() {
        Peer server = stage.peer();
        String port =
                server.listen("tcp|127.0.0.1|0").address().substring("tcp|127.0.0.1".length());
        Link.open(stage.peer(), server, "tcp|" + TestNames.ofTwoAddresses() + port).bye();
    }

    // ---- failures

    @ParameterizedTest
    @EnumSource
    void aRefusedHelloComesBackItself(Transport transport) {
        expectFailure(transport.refusingAddress(), OpCode.HELLO_REQUEST, Status.CONNECT_FAILED);
    }

    @Test
    void theHelloComesBackWhenNoAddressOfANameAccepts() {
        String port = Transport.TCP.refusingAddress().substring("tcp|127.0.0.1".length());
        expectFailure(
                "tcp|" + TestNames.ofTwoAddresses() + port,
                OpCode.HELLO_REQUEST,
                Status.CONNECT_FAILED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "tcp|127.0.0.1|0",
                "tcp|127.0.0.1|65536",
                "tcp|a b|1",
                "uds|relative"
            })
    void anAddressThatCannotBeUnderstoodComesBackAsTheResponse(String address) {
        expectFailure(address, OpCode.HELLO_RESPONSE, Status.INVALID_ADDRESS);
    }

    @Test
    void aNameThatNobodyKnowsComesBackAsTheResponse() {
        String address = "tcp|" + TestNames.unknown() + "|7099";
        expectFailure(address, OpCode.HELLO_RESPONSE, Status.INVALID_ADDRESS);
    }

    @Test
    void aPathThatIsTooLongForASocketComesBackAsTheResponse() {
        String address = "uds|/" + "p".repeat(Address.MAX_UDS_PATH_BYTES);
        expectFailure(address, OpCode.HELLO_RESPONSE, Status.INVALID_ADDRESS);
    }

    @Test
    void aPathWhereNoFileIsComesBackAsTheResponse() {
        String address = "uds|" + TestAddresses.temporaryUdsPath();
        expectFailure(address, OpCode.HELLO_RESPONSE, Status.UDS_PATH_NOT_FOUND);
    }

    @Test
    void whatHasNoBetterNameIsAFailureOfCommunication() {
        expectFailure(addressInACircle(), OpCode.HELLO_REQUEST, Status.COMMUNICATION_FAILED);
    }

    /// An address whose file the system cannot find, though it is not missing.
    static String addressInACircle() {
        try {
            Path path = Path.of(TestAddresses.temporaryUdsPath());
            return "uds|" + Files.createSymbolicLink(path, path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void expectFailure(String address, OpCode returned, Status reason) {
        Peer client = stage.peer();
        BinaryHeader hello = client.sayHello(address);
        Received answer = client.expectReturned(returned, hello.id(), reason);
        assertThat(answer.channel()).isEqualTo(hello.channel());
        assertThat(answer.headers()).containsEntry(Address.CONNECT_TO, address);
        client.expectClosed(hello.channel(), hello.id());
        client.expectNothing();
    }

    @Test
    void aConnectionThatIsNotEstablishedInTimeComesBack() {
        Peer client = stage.peer(o -> o.connectTimeout(Duration.ofMillis(200)));
        BinaryHeader hello = client.sayHello(stage.own(FullDoor.open(Transport.TCP)).address());
        client.expectReturned(OpCode.HELLO_REQUEST, hello.id(), Status.CONNECT_TIMEOUT);
        client.expectClosed(hello.channel(), hello.id());
    }

    @ParameterizedTest
    @EnumSource
    void whatWasPipelinedComesBackBehindTheHelloInOrder(Transport transport) {
        Peer client = stage.peer();
        TestNames.Lookup lookup = TestNames.hanging();
        String address = transport.refusingAddress();
        if (transport == Transport.TCP) {
            address = "tcp|" + lookup.host() + "|1";
        }
        BinaryHeader hello = client.sayHello(address);
        int enqueued = pipeline(client, hello.channel(), 20);
        lookup.end().countDown();

        List<Received> returned = client.untilClosed(hello.channel());
        assertThat(returned).hasSize(1 + enqueued);
        assertThat(returned.getFirst().id()).isEqualTo(hello.id());
        for (int i = 1; i < returned.size(); i++) {
            assertThat(returned.get(i).opCode()).isEqualTo(OpCode.REQUEST);
            assertThat(returned.get(i).id()).isEqualTo(i);
            assertThat(returned.get(i).status()).isEqualTo(returned.getFirst().status());
        }
    }

    /// Enqueues requests with ids from 1 until the channel is closed.
    private static int pipeline(Peer client, int channel, int count) {
        for (int id = 1; id <= count; id++) {
            try {
                client.say(OpCode.REQUEST, channel, id);
            } catch (AmpeException e) {
                assertThat(e.status()).isEqualTo(Status.CHANNEL_CLOSED);
                return id - 1;
            }
        }
        return count;
    }

    @ParameterizedTest
    @EnumSource
    void theGroupGoesOnAfterAFailure(Transport transport) {
        Peer server = stage.peer();
        Peer client = stage.peer();
        Link link = Link.open(client, server, server.listen(transport).address());
        BinaryHeader hello = client.sayHello(transport.refusingAddress());
        client.expectReturned(OpCode.HELLO_REQUEST, hello.id(), Status.CONNECT_FAILED);
        client.expectClosed(hello.channel(), hello.id());
        link.echo("still here");
        link.bye();
    }
}
