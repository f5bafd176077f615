package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Ampe;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Hoard;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawDoor;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// What else goes on while the pool is empty.
class StarvationScenario {
    private static final Duration A_MOMENT = Duration.ofMillis(200);
    private static final int MESSAGES = 32;

    @RegisterExtension final Stage stage = new Stage();

    private Ampe engine() {
        // A window that leaves most of the pool to others: only a hoard empties it.
        return stage.engine(o -> o.maxPoolMessages(MESSAGES).receiveWindowMessages(4));
    }

    private RawPeer greeted(Peer server, String address) {
        return Greeted.open(stage, server, address).raw();
    }

    @ParameterizedTest
    @EnumSource
    void theDeadlineOfAFrameRestsWhileThePoolIsEmpty(Transport transport) {
        Peer server =
                stage.peer(
                        o ->
                                o.maxPoolMessages(MESSAGES)
                                        .receiveWindowMessages(4)
                                        .frameTimeout(A_MOMENT.multipliedBy(2)));
        String address = server.listen(transport).address();
        RawPeer raw = greeted(server, address);
        RawPeer other = greeted(server, address);
        byte[] frame = Frame.of(OpCode.SIGNAL, 5, "body").bytes();
        Hoard hoard = Hoard.of(server.ampe());
        other.send(Arrays.copyOf(frame, 10));
        Burst.send(raw);
        server.expectNotice(Status.POOL_EMPTY, 0);
        other.send(Arrays.copyOfRange(frame, 10, frame.length));
        server.expectSilence(A_MOMENT.multipliedBy(5));
        hoard.close();
        List<Received> all = new ArrayList<>();
        for (int i = 0; i < Burst.COUNT + 1; i++) {
            all.add(server.expect(OpCode.SIGNAL));
        }
        assertThat(all).anyMatch(signal -> signal.id() == 5);
    }

    @ParameterizedTest
    @EnumSource
    void theDeadlineOfAHelloRestsWhileThePoolIsEmpty(Transport transport) {
        Peer server =
                stage.peer(
                        o ->
                                o.maxPoolMessages(MESSAGES)
                                        .receiveWindowMessages(4)
                                        .handshakeTimeout(A_MOMENT.multipliedBy(2)));
        String address = server.listen(transport).address();
        Hoard hoard = Hoard.of(server.ampe());
        stage.raw(address).send(Frame.hello(10));
        stage.raw(address).send(Frame.hello(11));
        server.expectNotice(Status.POOL_EMPTY, 0);
        server.expectSilence(A_MOMENT.multipliedBy(5));
        hoard.close();
        List<Long> ids = new ArrayList<>();
        ids.add(server.expect(OpCode.HELLO_REQUEST).id());
        ids.add(server.expect(OpCode.HELLO_REQUEST).id());
        assertThat(ids).containsExactlyInAnyOrder(10L, 11L);
    }

    @ParameterizedTest
    @EnumSource
    void aStarvingChannelCanBeEndedAndThenTheOthersGoOn(Transport transport) {
        Peer server = stage.peerOn(engine());
        String address = server.listen(transport).address();
        RawPeer raw = stage.raw(address).send(Frame.hello(1));
        int channel = server.expect(OpCode.HELLO_REQUEST, 1).channel();
        RawPeer other = greeted(server, address);
        Hoard hoard = Hoard.of(server.ampe());
        Burst.send(raw);
        server.expectNotice(Status.POOL_EMPTY, 0);
        try (Message bye = hoard.takeOne().clear().opCode(OpCode.BYE_SIGNAL).id(3)) {
            server.group().enqueueToPeer(bye.channel(channel));
        }
        // Some signals may have found the room that the ByeSignal left; the rest is dropped.
        List<Received> before = server.untilClosed(channel);
        assertThat(before).anyMatch(m -> m.opCode() == OpCode.BYE_SIGNAL);
        Burst.send(other);
        Burst.expect(server);
        hoard.close();
    }

    @ParameterizedTest
    @EnumSource
    void theEndOfAChannelIsToldEvenWhenThePoolIsEmpty(Transport transport) {
        Peer client = stage.peerOn(engine());
        RawDoor door = stage.rawDoor(transport);
        int[] channels = new int[200];
        List<RawPeer> raws = new ArrayList<>();
        for (int i = 0; i < channels.length; i++) {
            channels[i] = client.sayHello(door.address()).channel();
            raws.add(stage.accept(door));
            raws.getLast().receive();
        }
        Hoard hoard = Hoard.of(client.ampe());
        raws.forEach(RawPeer::reset);
        List<Integer> ended = new ArrayList<>();
        for (int i = 0; i < channels.length; i++) {
            Received closed = client.next();
            assertThat(closed.status()).isEqualTo(Status.CHANNEL_CLOSED);
            ended.add(closed.channel());
        }
        assertThat(ended).doesNotHaveDuplicates();
        hoard.close();
    }

    @ParameterizedTest
    @EnumSource
    void anEngineWithAnEmptyPoolClosesAllTheSame(Transport transport) {
        Duration never = Duration.ofMinutes(1);
        Peer server =
                stage.peer(
                        o ->
                                o.maxPoolMessages(MESSAGES)
                                        .receiveWindowMessages(4)
                                        .closeTimeout(never));
        RawPeer raw = greeted(server, server.listen(transport).address());
        Hoard hoard = Hoard.of(server.ampe());
        Burst.send(raw);
        // A message may still get through: the HelloResponse gives its memory back when it is sent.
        Received received = server.next();
        while (received.status() != Status.POOL_EMPTY) {
            received = server.next();
        }
        raw.finish();
        Running.run(server.group()::close).result();
        hoard.close();
    }

    @ParameterizedTest
    @EnumSource
    void anotherEngineIsNotConcerned(Transport transport) {
        Peer starving = stage.peerOn(engine());
        RawPeer raw = greeted(starving, starving.listen(transport).address());
        Hoard hoard = Hoard.of(starving.ampe());
        Burst.send(raw);
        starving.expectNotice(Status.POOL_EMPTY, 0);
        Link link = stage.link(transport);
        link.echo("fed");
        link.bye();
        hoard.close();
        Burst.expect(starving);
    }
}
