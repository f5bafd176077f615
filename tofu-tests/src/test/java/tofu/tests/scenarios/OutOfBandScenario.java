package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Address;
import tofu.api.BinaryHeader;
import tofu.api.OpCode;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawDoor;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// Messages that overtake others (wire spec, section 2, "Out-of-band").
class OutOfBandScenario {
    private static final Duration A_MOMENT = Duration.ofMillis(200);

    @RegisterExtension final Stage stage = new Stage();

    @ParameterizedTest
    @EnumSource
    void anOutOfBandMessageOvertakesWhatIsQueued(Transport transport) {
        Peer client = stage.peer(Flood::options);
        RawDoor door = stage.rawDoor(transport);
        int channel = client.sayHello(door.address()).channel();
        RawPeer raw = stage.accept(door);
        raw.receive();
        Flood.send(client, channel);
        client.say(OpCode.SIGNAL, channel, m -> m.id(1001).outOfBand(true));
        client.say(OpCode.SIGNAL, channel, m -> m.id(1002).outOfBand(true));

        List<Frame> frames = Stream.generate(raw::receive).limit(Flood.COUNT + 2L).toList();

        List<Frame> urgent = frames.stream().filter(frame -> frame.id() > 1000).toList();
        assertThat(urgent.stream().map(frame -> frame.onChannel(0)))
                .as("in their own order")
                .containsExactly(
                        Frame.of(OpCode.SIGNAL, 1001).withFlags(Frame.OUT_OF_BAND).onChannel(0),
                        Frame.of(OpCode.SIGNAL, 1002).withFlags(Frame.OUT_OF_BAND).onChannel(0));
        assertThat(frames.getLast().id()).as("overtaken").isEqualTo(Flood.COUNT);
        List<Frame> others = new ArrayList<>(frames);
        others.removeAll(urgent);
        for (int i = 0; i < others.size(); i++) {
            assertThat(others.get(i).onChannel(0).equals(Flood.frame(i + 1).onChannel(0)))
                    .as("frame " + (i + 1))
                    .isTrue();
        }
    }

    /// The overtaken one was offered to the system alone, and not taken; then it is sent in a run.
    @ParameterizedTest
    @EnumSource
    void anOutOfBandMessageOvertakesOneThatTheSystemDidNotTake(Transport transport) {
        Peer client = stage.peer(Flood::options);
        RawDoor door = stage.rawDoor(transport);
        int channel = client.sayHello(door.address()).channel();
        RawPeer raw = stage.accept(door);
        raw.receive();
        int first = 400;
        for (int id = 1; id <= first; id++) {
            client.say(OpCode.SIGNAL, channel, "b".repeat(900));
            client.expectNothing(); // so that each is offered before the next one comes
        }
        client.say(OpCode.SIGNAL, channel, m -> m.outOfBand(true).body().append("c".repeat(900)));
        client.expectNothing();
        // Its memory is used again while others are still queued, so for a run as well.
        List<Integer> lengths = new ArrayList<>();
        for (int i = 0; i < first / 2; i++) {
            lengths.add(raw.receive().body().length());
        }
        client.expectNothing();
        for (int i = 0; i < first; i++) {
            client.say(OpCode.SIGNAL, channel, "b".repeat(1060));
        }
        for (int i = first / 2; i <= 2 * first; i++) {
            lengths.add(raw.receive().body().length());
        }
        assertThat(lengths.subList(0, first + 1)).containsOnly(900);
        assertThat(lengths.subList(first + 1, 2 * first + 1)).containsOnly(1060);
    }

    @ParameterizedTest
    @EnumSource
    void nothingOvertakesTheHello(Transport transport) {
        Peer server = stage.peer();
        Peer client = stage.peer();
        BinaryHeader hello = client.sayHello(server.listen(transport).address());
        client.say(OpCode.SIGNAL, hello.channel(), m -> m.id(7).outOfBand(true));
        server.expect(OpCode.HELLO_REQUEST, hello.id());
        assertThat(server.expect(OpCode.SIGNAL, 7).header().outOfBand()).isTrue();
    }

    /// Nothing can be overtaken on a new channel: such a hello is a hello.
    @ParameterizedTest
    @EnumSource
    void aHelloMayBeOutOfBand(Transport transport) {
        Peer server = stage.peer();
        Peer client = stage.peer();
        String address = server.listen(transport).address();
        BinaryHeader hello =
                client.say(
                        OpCode.HELLO_REQUEST,
                        0,
                        m -> m.outOfBand(true).headers().append(Address.CONNECT_TO, address));
        client.say(OpCode.SIGNAL, hello.channel(), 7);
        server.expect(OpCode.HELLO_REQUEST, hello.id());
        server.expect(OpCode.SIGNAL, 7);
    }

    @ParameterizedTest
    @EnumSource
    void aWelcomeMayBeOutOfBand(Transport transport) {
        Peer server = stage.peer();
        BinaryHeader welcome =
                server.say(
                        OpCode.WELCOME_REQUEST,
                        0,
                        m ->
                                m.outOfBand(true)
                                        .headers()
                                        .append(Address.LISTEN_ON, transport.listenAddress()));
        Received answer = server.expect(OpCode.WELCOME_RESPONSE, welcome.id());
        Link.open(stage.peer(), server, answer.required(Address.LISTEN_ON)).bye();
    }

    /// After a bye-type frame a side sends no more: either the bye does not overtake, or what
    /// it has overtaken comes back.
    @ParameterizedTest
    @EnumSource
    void nothingIsSentAfterAnOutOfBandByeRequest(Transport transport) {
        Peer client = stage.peer(Flood::options);
        RawDoor door = stage.rawDoor(transport);
        BinaryHeader hello = client.sayHello(door.address());
        RawPeer raw = stage.accept(door);
        raw.receive();
        Flood.send(client, hello.channel());
        client.expectSilence(A_MOMENT);
        client.say(OpCode.BYE_REQUEST, hello.channel(), m -> m.id(1001).outOfBand(true));

        long sent = 0;
        while (raw.receive().opCode() != OpCode.BYE_REQUEST.code()) {
            sent++;
        }
        raw.expectSilence(A_MOMENT);
        raw.send(Frame.of(OpCode.BYE_RESPONSE, 1001));
        raw.expectEnding();
        List<Received> rest = client.untilClosed(hello.channel());
        assertThat(rest).anyMatch(m -> m.opCode() == OpCode.BYE_RESPONSE);
        assertThat(rest.stream().filter(Received::isFromEngine))
                .hasSize((int) (Flood.COUNT - sent));
    }
}
