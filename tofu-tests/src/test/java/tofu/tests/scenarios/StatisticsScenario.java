package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.Map;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.OpCode;
import tofu.api.Statistics;
import tofu.api.Statistics.PerChannel;
import tofu.api.Statistics.Traffic;
import tofu.api.Status;
import tofu.tests.rigs.Door;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// What engines have counted of peers that talk over real sockets.
class StatisticsScenario {
    private static final int SIGNALS = 1_000;
    private static final String BODY = "b".repeat(100);
    private static final long HELLO = 1;
    private static final int CHANNELS = 200;

    @RegisterExtension final Stage stage = new Stage();

    private static Statistics of(Peer peer) {
        return peer.ampe().statistics();
    }

    private static PerChannel of(Peer peer, int number) {
        return of(peer).channels().stream()
                .filter(channel -> channel.number() == number)
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @EnumSource
    void whatOneEndHasSentTheOtherHasReceived(Transport transport) {
        Peer server = stage.peer();
        Door door = server.listen(transport);
        Link link = Link.open(stage.peer(), server, door.address());
        Statistics before = of(link.client());
        for (int i = 0; i < SIGNALS; i++) {
            link.client().say(OpCode.SIGNAL, link.clientChannel(), BODY);
        }
        for (int i = 0; i < SIGNALS; i++) {
            server.expect(OpCode.SIGNAL);
        }
        // The peer may have the last bytes before the sender has counted them.
        await().until(() -> of(link.client()).traffic().queuedMessages() == 0);

        Traffic said = of(link.client(), link.clientChannel()).traffic();
        Traffic heard = of(server, link.serverChannel()).traffic();
        assertThat(heard.receivedMessages()).isEqualTo(said.sentMessages());
        assertThat(heard.receivedBytes()).isEqualTo(said.sentBytes());
        assertThat(heard.untakenMessages()).isZero();
        assertThat(said.enqueuedMessages()).as("and its hello").isEqualTo(SIGNALS + 1);
        assertThat(said.mostQueuedMessages()).isPositive();
        Statistics since = of(link.client()).since(before);
        assertThat(since.traffic().sentMessages()).isEqualTo(SIGNALS);
        assertThat(since.traffic().sentBytes()).isEqualTo(SIGNALS * (16L + BODY.length()));
        assertThat(since.periodNanos()).isPositive();
        assertThat(since.loops()).anyMatch(loop -> loop.turns() + loop.flushes() > 0);
        assertThat(of(server).loops()).anyMatch(loop -> loop.busyNanos() > 0);
        link.bye();

        Statistics end = of(link.client());
        assertThat(end.channels()).isEmpty();
        assertThat(end.traffic().sentMessages()).as("and its bye").isEqualTo(SIGNALS + 2);
        assertThat(end.events().connects()).isOne();
        assertThat(end.events().handshakes()).isOne();
        assertThat(end.events().closes()).containsOnly(Map.entry(Status.CHANNEL_CLOSED, 1L));
        assertThat(of(server).events().accepts()).isOne();
    }

    @ParameterizedTest
    @EnumSource
    void anIntruderIsCountedAsWhatItWas(Transport transport) {
        Peer server = stage.peer();
        RawPeer raw = stage.raw(server.listen(transport).address());
        raw.send(Frame.hello(HELLO), Frame.of(OpCode.SIGNAL, 2).withOpCode(15));
        int channel = server.expect(OpCode.HELLO_REQUEST, HELLO).channel();
        server.expectNotice(Status.INVALID_OP_CODE, channel);
        server.expectClosed(channel, HELLO);

        Statistics.Events events = of(server).events();

        assertThat(events.rejectedFrames()).containsOnly(Map.entry(Status.INVALID_OP_CODE, 1L));
        assertThat(events.closes()).containsOnly(Map.entry(Status.INVALID_OP_CODE, 1L));
        assertThat(of(server).traffic().receivedMessages()).as("the hello").isOne();
    }

    /// A channel that ends while a snapshot is taken is among those that live, or among those that
    /// have ended: counted twice, a later snapshot would have less; lost, the last one.
    @ParameterizedTest
    @EnumSource
    void whileChannelsEndNothingIsLostAndNothingCountedTwice(Transport transport) {
        Peer server = stage.peer();
        String address = server.listen(transport).address();
        Peer client = stage.peer();
        Running<Void> ending =
                Running.start(
                        () -> {
                            for (int i = 0; i < CHANNELS; i++) {
                                Link.open(client, server, address).bye();
                            }
                            return null;
                        });
        Statistics last = of(client);
        while (!ending.isDone()) {
            Statistics next = of(client);
            assertThat(next.traffic().sentMessages())
                    .isGreaterThanOrEqualTo(last.traffic().sentMessages());
            assertThat(next.groups().getFirst().traffic().receivedBytes())
                    .isGreaterThanOrEqualTo(last.groups().getFirst().traffic().receivedBytes());
            last = next;
        }
        ending.result();
        last = of(client);
        assertThat(last.traffic().enqueuedMessages()).as("hello and bye").isEqualTo(2 * CHANNELS);
        assertThat(last.traffic().sentMessages()).isEqualTo(2 * CHANNELS);
        assertThat(last.channels()).isEmpty();
    }
}
