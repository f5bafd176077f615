package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.BinaryHeader;
import tofu.api.Channel;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Door;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// What an application sees of its channels, and how it stops a peer for a while.
class ChannelScenario {
    private static final Duration STALL = Duration.ofMillis(300);
    private static final Frame BIG = Frame.of(OpCode.SIGNAL, 5, "b".repeat(50_000));

    @RegisterExtension final Stage stage = new Stage();

    private static Channel channel(Peer peer, int number) {
        return Objects.requireNonNull(peer.group().channel(number));
    }

    // ---- looking

    @ParameterizedTest
    @EnumSource
    void bothEndsOfAConnectionNameTheSameAddresses(Transport transport) {
        Peer server = stage.peer();
        Door door = server.listen(transport);
        Link link = Link.open(stage.peer(), server, door.address());

        Channel here = channel(link.client(), link.clientChannel());
        Channel there = channel(server, link.serverChannel());
        Channel listener = channel(server, door.channel());

        assertThat(here.number()).isEqualTo(link.clientChannel());
        assertThat(here.role()).isEqualTo(Channel.Role.CLIENT);
        assertThat(there.role()).isEqualTo(Channel.Role.SERVER);
        assertThat(listener.role()).isEqualTo(Channel.Role.LISTENER);
        assertThat(new Channel[] {here, there, listener})
                .allMatch(each -> each.state() == Channel.State.OPEN);
        Address.Client address = Address.connectTo(door.address());
        assertThat(listener.localAddress()).isEqualTo(Address.listenOn(door.address()));
        assertThat(listener.remoteAddress()).isNull();
        assertThat(here.remoteAddress()).isEqualTo(address);
        assertThat(there.localAddress()).isEqualTo(address);
        assertThat(there.remoteAddress()).isEqualTo(here.localAddress());
        if (transport == Transport.TCP) {
            assertThat(here.localAddress()).isInstanceOf(Address.TcpClient.class);
        }
        link.bye();
    }

    @Test
    void aListenerOnAllInterfacesNamesItsPortAndNoHost() {
        Peer server = stage.peer();
        Door door = server.listen("tcp||0");
        assertThat(channel(server, door.channel()).localAddress())
                .isEqualTo(Address.listenOn(door.address()));
        assertThat(door.address()).startsWith("tcp||").isNotEqualTo("tcp||0");
    }

    @ParameterizedTest
    @EnumSource
    void aGroupListsItsOwnChannelsAndNoOthers(Transport transport) {
        Peer server = stage.peer();
        Door door = server.listen(transport);
        Peer client = stage.peerOn(server.ampe());
        assertThat(client.group().channels()).isEmpty();
        Link link = Link.open(client, server, door.address());
        RawPeer silent = stage.raw(door.address()); // says no hello, so it is nobody's yet

        assertThat(client.group().channels())
                .containsExactly(channel(client, link.clientChannel()));
        assertThat(server.group().channels())
                .containsExactlyInAnyOrder(
                        channel(server, door.channel()), channel(server, link.serverChannel()));
        assertThat(client.group().channel(link.serverChannel())).isNull();
        assertThat(client.group().channel(0)).isNull();
        assertThat(client.group().channel(-1)).isNull();
        assertThat(client.group().channel(Integer.MAX_VALUE)).isNull();
        silent.finish();
        assertThat(server.next().status()).as("its end").isEqualTo(Status.CHANNEL_CLOSED);
        link.bye();
        assertThat(client.group().channels()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aChannelIsSeenUntilItsLastMessageIsTaken(Transport transport) {
        Link link = stage.link(transport);
        Channel client = channel(link.client(), link.clientChannel());
        BinaryHeader bye = link.client().say(OpCode.BYE_REQUEST, link.clientChannel());
        await().until(() -> client.state() == Channel.State.BYE_SENT);
        link.server().expect(OpCode.BYE_REQUEST, bye.id());
        Channel server = channel(link.server(), link.serverChannel());
        assertThat(server.state()).isEqualTo(Channel.State.BYE_RECEIVED);
        link.server().say(OpCode.BYE_RESPONSE, link.serverChannel(), bye.id());
        link.client().expect(OpCode.BYE_RESPONSE, bye.id());
        await().until(() -> client.state() == Channel.State.CLOSED);
        assertThat(link.client().group().channel(link.clientChannel())).isEqualTo(client);

        link.client().expectClosed(link.clientChannel(), link.helloId());
        assertThat(link.client().group().channel(link.clientChannel())).isNull();
        assertThat(client.state()).isEqualTo(Channel.State.CLOSED);
        client.pauseReceive(); // does nothing, and harms nobody
        link.server().expectClosed(link.serverChannel(), link.helloId());
    }

    @Test
    void aClientIsOpeningUntilItIsConnected() {
        Peer client = stage.peer();
        BinaryHeader hello = client.sayHello("tcp|127.0.0.1|1");
        // Refused at once: whatever is seen, it is not open.
        Channel channel = channel(client, hello.channel());
        assertThat(channel.state()).isIn(Channel.State.OPENING, Channel.State.CLOSED);
        assertThat(channel.remoteAddress()).isNull();
        client.untilClosed(hello.channel());
    }

    @ParameterizedTest
    @EnumSource
    void aQueueIsSeenToFill(Transport transport) {
        Dialled dialled = Dialled.open(stage, stage.peer(o -> o.sendQueueMessages(4)), transport);
        Channel channel = channel(dialled.client(), dialled.channel());
        await().until(() -> channel.queuedMessages() == 0); // the hello is sent
        assertThat(channel.hasRoom()).isTrue();
        assertThat(channel.queuedBytes()).isZero();
        int sent = 0;
        while (channel.hasRoom() || channel.queuedMessages() < 4) {
            try (Message message = dialled.client().message()) {
                message.opCode(OpCode.SIGNAL).channel(channel.number());
                message.body().append("b".repeat(60_000));
                sent += dialled.client().group().offerToPeer(message) ? 1 : 0;
            }
        }
        assertThat(channel.queuedMessages()).isEqualTo(4);
        assertThat(channel.queuedBytes()).isEqualTo(4 * 60_016L);
        for (int i = 0; i < sent; i++) {
            dialled.raw().receive();
        }
        await().until(() -> channel.hasRoom() && channel.queuedBytes() == 0);
        dialled.client().ignoreRest();
    }

    // ---- stopping a peer

    @ParameterizedTest
    @EnumSource
    void aPausedPeerIsSlowedDownAndLosesNothing(Transport transport) {
        Peer server = stage.peer();
        Greeted greeted = Greeted.open(stage, server, server.listen(transport).address());
        RawPeer raw = greeted.raw();
        Channel channel = channel(server, greeted.channel());
        channel.pauseReceive();
        assertThat(channel.isReceivePaused()).isTrue();
        long sent = raw.sendUntilStalled(BIG.bytes(), STALL);
        // What the engine had begun to read, and no more.
        long bytes = 0;
        for (var got = server.poll(STALL); got != null; got = server.poll(STALL)) {
            bytes += got.body().length();
        }
        assertThat(bytes).isLessThanOrEqualTo(2 * 65_536);

        channel.resumeReceive();
        assertThat(channel.isReceivePaused()).isFalse();
        raw.finish();
        long whole = sent / BIG.bytes().length;
        for (long i = bytes / 50_000; i < whole; i++) {
            assertThat(server.expect(OpCode.SIGNAL, 5).body()).hasSize(50_000);
        }
        server.ignoreRest();
    }

    @ParameterizedTest
    @EnumSource
    void othersAreServedWhileOneIsPaused(Transport transport) {
        Peer server = stage.peer();
        Door door = server.listen(transport);
        Greeted greeted = Greeted.open(stage, server, door.address());
        Channel paused = channel(server, greeted.channel());
        Link link = Link.open(stage.peer(), server, door.address());
        paused.pauseReceive();
        greeted.raw().send(Frame.of(OpCode.SIGNAL, 6));
        for (int i = 0; i < 100; i++) {
            link.echo("other");
        }
        link.bye();
        paused.resumeReceive();
        server.expect(OpCode.SIGNAL, 6);
    }

    @Test
    void aListenerCannotBePaused() {
        Peer server = stage.peer();
        Channel listener = channel(server, server.listen(Transport.TCP).channel());
        for (Runnable call : new Runnable[] {listener::pauseReceive, listener::resumeReceive}) {
            assertThatThrownBy(call::run)
                    .isInstanceOfSatisfying(
                            AmpeException.class,
                            e -> assertThat(e.status()).isEqualTo(Status.NOT_ALLOWED));
        }
        assertThat(listener.isReceivePaused()).isFalse();
    }

    // ---- what refusals say

    @ParameterizedTest
    @EnumSource
    void aFullQueueSaysHowFullItIsAndHowLongWasWaited(Transport transport) {
        Dialled dialled = Dialled.open(stage, stage.peer(o -> o.sendQueueMessages(4)), transport);
        Peer client = dialled.client();
        dialled.raw().send(Frame.of(OpCode.HELLO_RESPONSE, dialled.hello().id()));
        assertThatThrownBy(
                        () -> {
                            while (true) {
                                try (Message message = client.message()) {
                                    message.opCode(OpCode.SIGNAL).channel(dialled.channel());
                                    message.body().append("b".repeat(60_000));
                                    client.group().enqueueToPeer(message, STALL);
                                }
                            }
                        })
                .isInstanceOf(AmpeException.class)
                .hasMessageContaining("SEND_QUEUE_FULL: channel " + dialled.channel() + " has 4 of")
                .hasMessageContaining("240,064 of 4,194,304 bytes to send")
                .hasMessageContaining("; 1 of the peer's wait to be received")
                .hasMessageMatching(".*; waited [3-9]\\d\\d ms");
        client.ignoreRest();
    }

    @ParameterizedTest
    @EnumSource
    void aClosedChannelSaysWhyAndWhen(Transport transport) {
        Dialled dialled = Dialled.open(stage, stage.peer(), transport);
        Channel channel = channel(dialled.client(), dialled.channel());
        dialled.raw().finish();
        await().until(() -> channel.state() == Channel.State.CLOSED);
        try (Message message = dialled.client().message()) {
            message.opCode(OpCode.SIGNAL).channel(dialled.channel());
            assertThatThrownBy(() -> dialled.client().group().enqueueToPeer(message))
                    .isInstanceOfSatisfying(
                            AmpeException.class, e -> assertThat(e.channelEnded()).isTrue())
                    .hasMessageMatching(
                            "CHANNEL_CLOSED: channel \\d+ has ended with PEER_DISCONNECTED, "
                                    + "\\d+ ms ago");
            dialled.client().untilClosed(dialled.channel());
            assertThatThrownBy(() -> dialled.client().group().enqueueToPeer(message))
                    .isInstanceOfSatisfying(
                            AmpeException.class, e -> assertThat(e.channelEnded()).isTrue());
        }
    }

    @Test
    void aChannelThatWasToldAByeSaysSo() {
        Link link = stage.link(Transport.TCP);
        BinaryHeader bye = link.client().say(OpCode.BYE_REQUEST, link.clientChannel());
        try (Message message = link.client().message()) {
            message.opCode(OpCode.SIGNAL).channel(link.clientChannel());
            assertThatThrownBy(() -> link.client().group().enqueueToPeer(message))
                    .hasMessageContaining("was told a bye");
        }
        link.server().expect(OpCode.BYE_REQUEST, bye.id());
        link.client().ignoreRest();
        link.server().ignoreRest();
    }
}
