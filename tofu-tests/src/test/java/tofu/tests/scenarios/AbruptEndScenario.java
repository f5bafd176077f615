package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.BinaryHeader;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// The abrupt end, by a ByeSignal or by a peer that goes away; what comes back then (wire spec,
/// section 2, "Abrupt end" and "The end of every channel").
///
/// Rows of the wire spec's section 5:
/// - "close", the reset: `aByeSignalClosesAtOnceAndDoesNotTravel`
/// - "partly sent message comes back":
///   `whatWasNotSentComesBackInOrderAndWholeWhenThePeerBreaksTheConnection`,
///   `whatWasNotSentComesBackInOrderAndWholeWhenThePeerEndsItsStream`,
///   `aByeSignalBringsBackWhatWasNotSentInOrder`
/// - "enqueue on a closed channel": `nothingIsTakenAfterAByeSignal`
class AbruptEndScenario {
    private static final Status[] PEER_IS_GONE = {
        Status.PEER_DISCONNECTED, Status.SEND_FAILED, Status.RECV_FAILED
    };

    @RegisterExtension final Stage stage = new Stage();

    private Dialled dialled(Transport transport) {
        return Dialled.open(stage, stage.peer(Flood::options), transport);
    }

    // ---- ByeSignal

    @ParameterizedTest
    @EnumSource
    void aByeSignalClosesAtOnceAndDoesNotTravel(Transport transport) {
        Dialled dialled = dialled(transport);
        dialled.client().say(OpCode.BYE_SIGNAL, dialled.channel(), 7);

        Received back =
                dialled.client().expectReturned(OpCode.BYE_SIGNAL, 7, Status.CHANNEL_CLOSED);
        assertThat(back.channel()).isEqualTo(dialled.channel());
        assertThat(back.header().outOfBand()).isTrue();
        dialled.expectClosed();
        dialled.client().expectNothing();
        RawPeer.Ending ending = dialled.raw().expectEnding();
        if (transport == Transport.TCP) {
            assertThat(ending).isEqualTo(RawPeer.Ending.RESET);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theOtherSideOfAByeSignalIsToldOfTheEndOnly(Transport transport) {
        Link link = stage.link(transport);
        link.server().say(OpCode.BYE_SIGNAL, link.serverChannel(), 7);
        link.server().expectReturned(OpCode.BYE_SIGNAL, 7, Status.CHANNEL_CLOSED);
        link.server().expectClosed(link.serverChannel(), link.helloId());
        link.client().expectClosed(link.clientChannel(), link.helloId());
        link.client().expectNothing();
    }

    @ParameterizedTest
    @EnumSource
    void aByeSignalBringsBackWhatWasNotSentInOrder(Transport transport) {
        Dialled dialled = dialled(transport);
        Flood.send(dialled.client(), dialled.channel());
        dialled.client().say(OpCode.BYE_SIGNAL, dialled.channel(), 1001);

        dialled.client().expectReturned(OpCode.BYE_SIGNAL, 1001, Status.CHANNEL_CLOSED);
        List<Received> returned = dialled.client().untilClosed(dialled.channel());
        Flood.checkReturned(returned, Status.CHANNEL_CLOSED);
        dialled.client().expectNothing();
    }

    @Test
    void aByeSignalEndsAnAttemptToConnect() {
        Peer client = stage.peer();
        BinaryHeader hello = client.sayHello(stage.own(FullDoor.open(Transport.TCP)).address());
        client.say(OpCode.BYE_SIGNAL, hello.channel(), 7);
        client.expectReturned(OpCode.BYE_SIGNAL, 7, Status.CHANNEL_CLOSED);
        client.expectReturned(OpCode.HELLO_REQUEST, hello.id(), Status.CHANNEL_CLOSED);
        client.expectClosed(hello.channel(), hello.id());
        client.expectNothing();
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsTakenAfterAByeSignal(Transport transport) {
        Link link = stage.link(transport);
        link.client().say(OpCode.BYE_SIGNAL, link.clientChannel(), 7);
        assertThat(link.client().refusal(OpCode.REQUEST, link.clientChannel()))
                .isEqualTo(Status.CHANNEL_CLOSED);
        link.client().expectReturned(OpCode.BYE_SIGNAL, 7, Status.CHANNEL_CLOSED);
        link.client().expectClosed(link.clientChannel(), link.helloId());
        link.server().expectClosed(link.serverChannel(), link.helloId());
    }

    // ---- the peer goes away

    @ParameterizedTest
    @EnumSource
    void aPeerThatBreaksTheConnectionEndsTheChannel(Transport transport) {
        Dialled dialled = dialled(transport);
        dialled.raw().reset();
        dialled.expectClosed();
        dialled.client().expectNothing();
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatEndsItsStreamWithoutAByeEndsTheChannel(Transport transport) {
        Dialled dialled = dialled(transport);
        dialled.raw().finish();
        dialled.expectClosed();
        dialled.client().expectNothing();
        dialled.raw().expectEnd();
    }

    @ParameterizedTest
    @EnumSource
    void whatWasNotSentComesBackInOrderAndWholeWhenThePeerBreaksTheConnection(Transport transport) {
        Dialled dialled = dialled(transport);
        Flood.send(dialled.client(), dialled.channel());
        dialled.raw().receive(100_000);
        dialled.raw().reset();
        Flood.checkReturned(dialled.client().untilClosed(dialled.channel()), PEER_IS_GONE);
        dialled.client().expectNothing();
    }

    @ParameterizedTest
    @EnumSource
    void whatWasNotSentComesBackInOrderAndWholeWhenThePeerEndsItsStream(Transport transport) {
        Dialled dialled = dialled(transport);
        Flood.send(dialled.client(), dialled.channel());
        dialled.raw().receive(100_000);
        dialled.raw().finish();
        List<Received> returned = dialled.client().untilClosed(dialled.channel());
        Flood.checkReturned(returned, PEER_IS_GONE);
        dialled.client().expectNothing();
    }

    @ParameterizedTest
    @EnumSource
    void whatAPeerSentBeforeItWentIsDelivered(Transport transport) throws Exception {
        Peer server = stage.peer();
        RawPeer raw = stage.raw(server.listen(transport).address());
        raw.send(Frame.hello(1));
        for (int id = 10; id < 15; id++) {
            raw.send(Frame.of(OpCode.SIGNAL, id));
        }
        raw.close();
        int channel = server.expect(OpCode.HELLO_REQUEST, 1).channel();
        for (int id = 10; id < 15; id++) {
            server.expect(OpCode.SIGNAL, id);
        }
        server.expectClosed(channel, 1);
        server.expectNothing();
    }

    @ParameterizedTest
    @EnumSource
    void anUnfinishedFrameOfAPeerThatWentIsDropped(Transport transport) throws Exception {
        Peer server = stage.peer();
        RawPeer raw = stage.raw(server.listen(transport).address());
        raw.send(Frame.hello(1));
        raw.send(Frame.of(OpCode.REQUEST, 5, "0123456789").bytes(0, 100));
        int channel = server.expect(OpCode.HELLO_REQUEST, 1).channel();
        raw.close();
        server.expectClosed(channel, 1);
        server.expectNothing();
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatGoesBeforeItsHelloIsReportedWithTheIdZero(Transport transport)
            throws Exception {
        Peer server = stage.peer();
        stage.raw(server.listen(transport).address()).close();
        Received closed = server.next();
        assertThat(closed.status()).isEqualTo(Status.CHANNEL_CLOSED);
        assertThat(closed.id()).isZero();
        server.expectNothing();
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatOnlyStopsReadingIsNoEnd(Transport transport) {
        Dialled dialled = dialled(transport);
        Flood.send(dialled.client(), dialled.channel());
        dialled.client().expectSilence(Duration.ofMillis(200));
        for (int id = 1; id <= Flood.COUNT; id++) {
            assertThat(dialled.raw().receive().id()).isEqualTo(id);
        }
        dialled.raw().send(Frame.of(OpCode.SIGNAL, 5));
        dialled.client().expect(OpCode.SIGNAL, 5);
    }
}
