package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.BinaryHeader;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawDoor;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// Talk between peers (wire spec, section 2, "Talk").
class TalkScenario {
    @RegisterExtension final Stage stage = new Stage();

    @ParameterizedTest
    @EnumSource
    void headersAndBodyArriveAsTheyWereSent(Transport transport) {
        Link link = stage.link(transport);
        List<Consumer<Message>> contents =
                List.of(
                        m -> {},
                        m -> m.headers().append("only", "header"),
                        m -> m.body().append("only body"),
                        m -> {
                            m.headers().append("k1", "v1").append("k2", " spaced value ");
                            m.headers().append("k3", "héhé").append("k1", "again");
                            m.body().append(new byte[] {0, 13, 10, -1});
                        });
        for (Consumer<Message> content : contents) {
            Received sent = copyOf(link.client(), content);
            link.client().say(OpCode.SIGNAL, link.clientChannel(), content);
            Received received = link.server().expect(OpCode.SIGNAL);
            assertThat(received.headers()).isEqualTo(sent.headers());
            assertThat(received.body()).isEqualTo(sent.body());
            assertThat(received.header().headersLength()).isEqualTo(sent.header().headersLength());
        }
        link.bye();
    }

    private static Received copyOf(Peer peer, Consumer<Message> content) {
        Message message = peer.message();
        content.accept(message);
        return Received.of(message);
    }

    @ParameterizedTest
    @EnumSource
    void aMessageMayBeOfAnyLength(Transport transport) {
        Link link = stage.link(transport);
        for (int length : new int[] {0, 1, 63, 64, 1024, 8191, 8192, 8193, 65_534, 65_535}) {
            link.echo("b".repeat(length));
        }
        link.client()
                .say(
                        OpCode.SIGNAL,
                        link.clientChannel(),
                        m -> {
                            m.headers().append("a", "v".repeat(65_535 - "a:\r\n".length()));
                            m.body().append("b".repeat(65_535));
                        });
        Received longest = link.server().expect(OpCode.SIGNAL);
        assertThat(longest.header().headersLength()).isEqualTo(65_535);
        assertThat(longest.body()).hasSize(65_535);
        link.bye();
    }

    @ParameterizedTest
    @EnumSource
    void eitherSideMayAsk(Transport transport) {
        Link link = stage.link(transport);
        link.echo("client asks");
        BinaryHeader asked = link.server().say(OpCode.REQUEST, link.serverChannel(), "server asks");
        link.client().expect(OpCode.REQUEST, asked.id());
        link.client().say(OpCode.RESPONSE, link.clientChannel(), asked.id());
        link.server().expect(OpCode.RESPONSE, asked.id());
        link.bye();
    }

    @ParameterizedTest
    @EnumSource
    void aMessageMaySpanSeveral(Transport transport) {
        Link link = stage.link(transport);
        for (int part = 3; part >= 0; part--) {
            boolean more = part > 0;
            link.client().say(OpCode.REQUEST, link.clientChannel(), m -> m.id(500).more(more));
        }
        for (int part = 3; part >= 0; part--) {
            Received received = link.server().expect(OpCode.REQUEST, 500);
            assertThat(received.header().more()).isEqualTo(part > 0);
        }
        link.bye();
    }

    @ParameterizedTest
    @EnumSource
    void theOrderIsKeptInBothDirectionsAtOnce(Transport transport) {
        int count = 2000;
        // The senders do not wait: all must have room, if the loops get no processor meanwhile.
        Link link = stage.link(transport, o -> o.sendQueueMessages(count));
        for (int id = 1; id <= count; id++) {
            link.client().say(OpCode.SIGNAL, link.clientChannel(), id);
            link.server().say(OpCode.SIGNAL, link.serverChannel(), id);
        }
        for (int id = 1; id <= count; id++) {
            link.server().expect(OpCode.SIGNAL, id);
            link.client().expect(OpCode.SIGNAL, id);
        }
        link.bye();
    }

    @ParameterizedTest
    @EnumSource
    void anIdIsKeptAndAMissingOneIsMadeUp(Transport transport) {
        Link link = stage.link(transport);
        for (long id : new long[] {1, 0x0123456789ABCDEFL, Long.MIN_VALUE, -1}) {
            assertThat(link.client().say(OpCode.REQUEST, link.clientChannel(), id).id())
                    .isEqualTo(id);
            link.server().expect(OpCode.REQUEST, id);
        }
        Set<Long> made = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            long id = link.client().say(OpCode.SIGNAL, link.clientChannel()).id();
            assertThat(id).isPositive();
            assertThat(made.add(id)).as("made up once").isTrue();
            link.server().expect(OpCode.SIGNAL, id);
        }
        link.bye();
    }

    @ParameterizedTest
    @EnumSource
    void theEngineZeroesStatusAndOriginWhenAMessageIsEnqueued(Transport transport) {
        Link link = stage.link(transport);
        Peer client = link.client();
        client.say(OpCode.BYE_SIGNAL, link.clientChannel(), 3);
        try (Message returned = receive(client)) {
            assertThat(returned.status()).isEqualTo(Status.CHANNEL_CLOSED);
            assertThat(returned.origin()).isEqualTo(Origin.ENGINE);
            RawDoor door = stage.rawDoor(transport);
            BinaryHeader hello = client.sayHello(door.address());
            RawPeer raw = stage.accept(door);
            raw.receive();
            returned.opCode(OpCode.SIGNAL).channel(hello.channel()).outOfBand(false);
            client.group().enqueueToPeer(returned);
            raw.expect(Frame.of(OpCode.SIGNAL, 3));
        }
        client.expectClosed(link.clientChannel(), link.helloId());
        link.server().expectClosed(link.serverChannel(), link.helloId());
    }

    private static Message receive(Peer peer) {
        try {
            Message message = peer.group().waitReceive(Peer.PATIENCE);
            assertThat(message).isNotNull();
            return message;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// Frames of all lengths, some longer than what a loop reads at once, cut anywhere.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void messagesMayArriveInAnyPieces(long seed) {
        Random random = new Random(seed);
        Peer server = stage.peer();
        Transport transport = seed % 2 == 0 ? Transport.TCP : Transport.UDS;
        RawPeer raw = stage.raw(server.listen(transport).address()).send(Frame.hello(1));
        server.expect(OpCode.HELLO_REQUEST, 1);
        Frame[] frames = new Frame[60];
        for (int i = 0; i < frames.length; i++) {
            String body = ("" + (char) ('A' + i)).repeat(random.nextInt(1 << random.nextInt(17)));
            String fill = "f".repeat(1 + random.nextInt(1 << random.nextInt(16)));
            frames[i] = Frame.of(OpCode.SIGNAL, i + 1, body).withHeaders("f:" + fill + "\r\n");
        }
        byte[] bytes = Frame.concat(frames);
        Running<Boolean> sending =
                Running.run(
                        () -> {
                            int at = 0;
                            while (at < bytes.length) {
                                int piece = 1 + random.nextInt(1 << random.nextInt(19));
                                int end = Math.min(bytes.length, at + piece);
                                raw.send(Arrays.copyOfRange(bytes, at, end));
                                at = end;
                            }
                        });
        for (Frame frame : frames) {
            Received received = server.expect(OpCode.SIGNAL);
            assertThat(received.equals(Received.of(frame, received.channel())))
                    .as(() -> "frame " + frame.id() + ", seed " + seed)
                    .isTrue();
        }
        sending.result();
    }

    @ParameterizedTest
    @EnumSource
    void theHeaderThatIsReturnedTellsWhatWasEnqueued(Transport transport) {
        Link link = stage.link(transport);
        BinaryHeader header =
                link.client()
                        .say(
                                OpCode.REQUEST,
                                link.clientChannel(),
                                m -> {
                                    m.id(5).more(true).headers().append("a", "b");
                                    m.body().append("xyz");
                                });
        assertThat(header)
                .isEqualTo(
                        new BinaryHeader(
                                link.clientChannel(),
                                OpCode.REQUEST,
                                Origin.APPLICATION,
                                true,
                                false,
                                Status.SUCCESS,
                                5,
                                5,
                                3));
        link.server().expect(OpCode.REQUEST, 5);
        BinaryHeader bye = link.client().say(OpCode.BYE_SIGNAL, link.clientChannel(), 6);
        assertThat(bye.outOfBand()).as("a ByeSignal is out of band").isTrue();
        link.client().expectReturned(OpCode.BYE_SIGNAL, 6, Status.CHANNEL_CLOSED);
        link.client().expectClosed(link.clientChannel(), link.helloId());
        link.server().expectClosed(link.serverChannel(), link.helloId());
    }
}
