package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.util.List;
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
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.TestNames;
import tofu.tests.rigs.Transport;

/// Listening (wire spec, section 2, "Listen").
class ListenScenario {
    @RegisterExtension final Stage stage = new Stage();

    @ParameterizedTest
    @EnumSource
    void theWelcomeIsAnsweredWithItsIdItsChannelAndItsHeaders(Transport transport) {
        Peer server = stage.peer();
        String address = transport.listenAddress();
        BinaryHeader welcome =
                server.say(
                        OpCode.WELCOME_REQUEST,
                        0,
                        m -> {
                            m.id(77).headers().append(Address.LISTEN_ON, address);
                            m.headers().append("zone", "north").append("zone", "south");
                            m.body().append("kept");
                        });
        assertThat(welcome.id()).isEqualTo(77);
        assertThat(welcome.channel()).isBetween(1, 65_534);

        Received answer = server.expect(OpCode.WELCOME_RESPONSE, 77);

        assertThat(answer.channel()).isEqualTo(welcome.channel());
        assertThat(answer.headers()).containsEntry("zone", "north").hasSize(2);
        assertThat(answer.body()).isEqualTo("kept");
        assertThat(answer.header().headersLength())
                .as("no header is lost, the port is named")
                .isEqualTo(
                        answer.required(Address.LISTEN_ON).length()
                                + "~listen_on:\r\nzone:north\r\nzone:south\r\n".length());
    }

    @Test
    void aUnixDomainSocketsAddressComesBackAsItWas() {
        Peer server = stage.peer();
        String address = "uds|" + TestAddresses.temporaryUdsPath();
        assertThat(server.listen(address).address()).isEqualTo(address);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp||0", "tcp|localhost|0", "tcp|127.0.0.1|0", "tcp|0.0.0.0|0"})
    void theSystemsChoiceOfAPortIsNamed(String address) {
        Peer server = stage.peer();
        Peer client = stage.peer();
        String listening = server.listen(address).address();
        assertThat(listening).startsWith(address.substring(0, address.length() - 1));
        String port = listening.substring(listening.lastIndexOf('|'));
        assertThat(port).isNotEqualTo("|0");
        Link.open(client, server, "tcp|127.0.0.1" + port).bye();
    }

    @Test
    void aPortThatNoLongerFitsIntoTheHeadersBreaksNothing() {
        Peer server = stage.peer();
        String name = "tcp|127.0.0.1|0";
        int used = "~listen_on:".length() + name.length() + "\r\n".length() + "fill:\r\n".length();
        BinaryHeader welcome =
                server.say(
                        OpCode.WELCOME_REQUEST,
                        0,
                        m -> {
                            m.headers().append(Address.LISTEN_ON, name);
                            m.headers().append("fill", "x".repeat(65_535 - used));
                        });
        assertThat(welcome.headersLength()).isEqualTo(65_535);
        Received answer = server.next();
        assertThat(answer.opCode()).isEqualTo(OpCode.WELCOME_RESPONSE);
        if (answer.isFromEngine()) {
            server.expectClosed(welcome.channel(), welcome.id());
        }
        Link.open(stage.peer(), server, server.listen(name).address()).bye();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp|::1|0", "tcp|[::1]|0"})
    void anAddressMayBeOfTheSixthVersion(String address) {
        Peer server = stage.peer();
        BinaryHeader welcome = server.sayWelcome(address);
        Received answer = server.next();
        if (answer.isFromEngine()) {
            server.expectClosed(welcome.channel(), welcome.id());
            abort("no IPv6 here: " + answer);
        }
        Link.open(stage.peer(), server, answer.required(Address.LISTEN_ON)).bye();
    }

    @ParameterizedTest
    @EnumSource
    void whoConnectsIsAnnouncedToTheListenersGroup(Transport transport) {
        Peer server = stage.peer();
        Peer other = stage.peerOn(server.ampe());
        Door first = server.listen(transport);
        Door second = other.listen(transport);
        Peer client = stage.peer();

        Link atOther = Link.open(client, other, second.address());
        Link atServer = Link.open(client, server, first.address());

        assertThat(List.of(atOther.serverChannel(), atServer.serverChannel(), first.channel()))
                .doesNotContain(second.channel());
        atServer.bye();
        atOther.bye();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "tcp|a b|1",
                "tcp|127.0.0.1|65536",
                "tcp|127.0.0.1|x",
                "tcp|127.0.0.1|1|2",
                "uds|relative",
                "uds|",
                "sctp|127.0.0.1|1"
            })
    void anAddressThatCannotBeUnderstoodFails(String address) {
        expectFailure(address, Status.INVALID_ADDRESS);
    }

    @Test
    void aNameThatNobodyKnowsFails() {
        expectFailure("tcp|" + TestNames.unknown() + "|0", Status.INVALID_ADDRESS);
    }

    @Test
    void aWelcomeWithoutItsHeaderFirstFails() {
        Peer server = stage.peer();
        BinaryHeader welcome =
                server.say(OpCode.WELCOME_REQUEST, 0, m -> m.headers().append("name", "value"));
        server.expectReturned(OpCode.WELCOME_RESPONSE, welcome.id(), Status.INVALID_ADDRESS);
        server.expectClosed(welcome.channel(), welcome.id());
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp|192.0.2.1|0", "uds|/no/such/folder/s", "uds|/proc/s"})
    void anAddressThatCannotBeListenedOnFails(String address) {
        expectFailure(address, Status.LISTEN_FAILED);
    }

    private void expectFailure(String address, Status reason) {
        Peer server = stage.peer();
        BinaryHeader welcome = server.sayWelcome(address);

        Received answer = server.expectReturned(OpCode.WELCOME_RESPONSE, welcome.id(), reason);
        assertThat(answer.headers()).containsEntry(Address.LISTEN_ON, address);
        server.expectClosed(welcome.channel(), welcome.id());
        server.expectNothing();
    }

    @ParameterizedTest
    @EnumSource
    void aByeSignalEndsTheListenerAndFreesTheAddressButNoChannel(Transport transport) {
        Peer server = stage.peer();
        Door door = server.listen(transport);
        Peer client = stage.peer();
        Link link = Link.open(client, server, door.address());

        server.say(OpCode.BYE_SIGNAL, door.channel(), 5);
        server.expectReturned(OpCode.BYE_SIGNAL, 5, Status.CHANNEL_CLOSED);
        server.expectClosed(door.channel(), door.id());

        link.echo("goes on");
        BinaryHeader refused = client.sayHello(door.address());
        assertThat(client.untilClosed(refused.channel())).hasSize(1);
        Door again = server.listen(door.address());
        assertThat(again.address()).isEqualTo(door.address());
        Link.open(client, server, again.address()).bye();
        link.bye();
    }

    @ParameterizedTest
    @EnumSource(
            value = OpCode.class,
            names = {"REQUEST", "RESPONSE", "SIGNAL", "BYE_REQUEST", "BYE_RESPONSE"})
    void aListenerTakesNothingButAByeSignal(OpCode opCode) {
        Peer server = stage.peer();
        Door door = server.listen(Transport.UDS);
        assertThat(server.refusal(opCode, door.channel(), m -> m.id(1)))
                .isEqualTo(Status.NOT_ALLOWED);
    }

    @ParameterizedTest
    @EnumSource
    void aGroupHasAnyNumberOfListeners(Transport transport) {
        Peer server = stage.peer();
        Peer client = stage.peer();
        List<Door> doors = List.of(server.listen(transport), server.listen(transport));
        List<Link> links =
                doors.stream().map(door -> Link.open(client, server, door.address())).toList();
        links.forEach(link -> link.echo("here"));
        links.forEach(Link::bye);
    }
}
