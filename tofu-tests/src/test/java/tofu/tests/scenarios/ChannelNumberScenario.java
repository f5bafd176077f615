package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.BinaryHeader;
import tofu.api.LeakDetection;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;
import tofu.tests.rigs.Door;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawDoor;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// Channel numbers.
///
/// Rows of the wire spec's section 5:
/// - "channel numbers": `numberSixtyFiveThousandFiveHundredAndThirtyFiveIsRefused`,
///   `aNumberRestsBeforeItIsUsedAgain`, `aNumberBelongsToItsChannelUntilItsEndIsRead`,
///   `aClosedGroupGivesItsNumbersBack`, `aConnectionTooManyIsTurnedAwayAndTheOthersGoOn`
class ChannelNumberScenario {
    private static final Duration A_WHILE = Duration.ofMillis(500);
    private static final Duration LONG = Duration.ofMinutes(10);

    @RegisterExtension final Stage stage = new Stage();

    @Test
    void numberSixtyFiveThousandFiveHundredAndThirtyFiveIsRefused() {
        // Each failed welcome holds its number until its end is read.
        Peer peer = stage.peer(ChannelNumberScenario::withAllNumbers);
        BitSet numbers = new BitSet();
        for (int i = 0; i < Options.MAX_CHANNELS; i++) {
            numbers.set(peer.sayWelcome("nonsense").channel());
        }
        assertThat(numbers.cardinality()).as("no number twice").isEqualTo(65_534);
        assertThat(numbers.nextSetBit(0)).isEqualTo(1);
        assertThat(numbers.length()).isEqualTo(65_535);

        assertThat(peer.refusal(OpCode.HELLO_REQUEST, 0, ChannelNumberScenario::address))
                .isEqualTo(Status.TOO_MANY_CHANNELS);

        Received answer = peer.next();
        peer.expectClosed(answer.channel(), answer.id());
        assertThat(peer.sayWelcome("nonsense").channel()).isEqualTo(answer.channel());
        for (int i = 0; i < Options.MAX_CHANNELS; i++) {
            Received next = peer.next();
            peer.expectClosed(next.channel(), next.id());
        }
        peer.expectNothing();
    }

    private static Options.Builder withAllNumbers(Options.Builder builder) {
        return builder.maxPoolMessages(1 << 18)
                .channelQuarantine(Duration.ZERO)
                .leakDetection(LeakDetection.OFF);
    }

    private static void address(Message message) {
        message.headers().append(Address.CONNECT_TO, "tcp|127.0.0.1|1");
    }

    @ParameterizedTest
    @EnumSource
    void aNumberRestsBeforeItIsUsedAgain(Transport transport) {
        Peer server = stage.peer(o -> o.maxChannels(3).channelQuarantine(LONG));
        String address = server.listen(transport).address();
        Peer client = stage.peer(o -> o.maxChannels(3).channelQuarantine(LONG));
        Set<Integer> used = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            Link link = Link.open(client, server, address);
            assertThat(used.add(link.clientChannel())).as("rests").isTrue();
            link.bye();
            assertThat(client.refusal(OpCode.REQUEST, link.clientChannel()))
                    .isEqualTo(Status.INVALID_CHANNEL_NUMBER);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aNumberBelongsToItsChannelUntilItsEndIsRead(Transport transport) {
        Peer client = stage.peer(o -> o.maxChannels(1).channelQuarantine(Duration.ZERO));
        BinaryHeader first = client.sayHello(transport.refusingAddress());
        assertThat(client.refusal(OpCode.HELLO_REQUEST, 0, ChannelNumberScenario::address))
                .isEqualTo(Status.TOO_MANY_CHANNELS);
        client.expectReturned(OpCode.HELLO_REQUEST, first.id(), Status.CONNECT_FAILED);
        assertThat(client.refusal(OpCode.HELLO_REQUEST, 0, ChannelNumberScenario::address))
                .isEqualTo(Status.TOO_MANY_CHANNELS);
        client.expectClosed(first.channel(), first.id());
        BinaryHeader second = client.sayHello(transport.refusingAddress());
        assertThat(client.untilClosed(second.channel())).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void aClosedGroupGivesItsNumbersBack(Transport transport) {
        Peer client = stage.peer(o -> o.maxChannels(3).channelQuarantine(Duration.ZERO));
        RawDoor door = stage.rawDoor(transport);
        for (int i = 0; i < 5; i++) {
            Peer colleague = stage.peerOn(client.ampe());
            List<RawPeer> raws = new ArrayList<>();
            for (int channel = 0; channel < 3; channel++) {
                colleague.sayHello(door.address());
                raws.add(stage.accept(door));
            }
            assertThat(colleague.refusal(OpCode.WELCOME_REQUEST, 0, ChannelNumberScenario::address))
                    .isEqualTo(Status.TOO_MANY_CHANNELS);
            raws.forEach(RawPeer::finish);
            colleague.group().close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aConnectionTooManyIsTurnedAwayAndTheOthersGoOn(Transport transport) {
        Peer server = stage.peer(o -> o.maxChannels(2).channelQuarantine(Duration.ZERO));
        Peer client = stage.peer();
        Door door = server.listen(transport);
        Link link = Link.open(client, server, door.address());

        RawPeer second = stage.raw(door.address());
        second.expectEnding();
        RawPeer third = stage.raw(door.address());
        server.expectNotice(Status.TOO_MANY_CHANNELS, door.channel());
        link.echo("still here");
        link.bye();

        // Accepting goes on after a pause: the third waits in the system's backlog until then.
        third.reset();
        openWithPatience(client, server, door.address()).bye();
        server.ignoreRest();
    }

    private static Link openWithPatience(Peer client, Peer server, String address) {
        for (int i = 0; i < 20; i++) {
            BinaryHeader hello = client.sayHello(address);
            Received came = server.poll(A_WHILE);
            while (came != null && came.opCode() != OpCode.HELLO_REQUEST) {
                came = server.poll(A_WHILE);
            }
            if (came != null) {
                server.say(OpCode.HELLO_RESPONSE, came.channel(), hello.id());
                client.expect(OpCode.HELLO_RESPONSE, hello.id());
                return new Link(client, hello.channel(), server, came.channel(), hello.id());
            }
            giveUp(client, hello);
        }
        throw new AssertionError("never accepted again" + server.story());
    }

    /// A hello that nobody has read is in the system's backlog; or its connection was turned away,
    /// now or in this moment, with the hello or before it.
    private static void giveUp(Peer client, BinaryHeader hello) {
        Received came = client.poll(Duration.ZERO);
        if (came == null) {
            try {
                client.say(OpCode.BYE_SIGNAL, hello.channel());
            } catch (AmpeException e) {
                assertThat(e.channelEnded()).as(e.toString()).isTrue();
            }
        }
        if (came == null || came.status() != Status.CHANNEL_CLOSED) {
            client.untilClosed(hello.channel());
        }
    }
}
