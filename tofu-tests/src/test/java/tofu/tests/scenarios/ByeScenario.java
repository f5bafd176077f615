package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.BinaryHeader;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// The graceful end (wire spec, section 2, "Graceful end").
///
/// Rows of the wire spec's section 5:
/// - "we close right after our ByeResponse or last data":
///   `theSenderOfAByeResponseWaitsForThePeerToClose`,
///   `theTailBeforeAByeResponseIsNotLostOnASlowReader`; bounded by the close deadline, see
///   [ByeDeadlineScenario]
/// - "crossing ByeRequests": `crossingByeRequestsAnswerEachOther`,
///   `crossingByeRequestsLoseNothingThatWasQueuedBefore`,
///   `afterCrossingByeRequestsThePeerReadsAllBeforeWeClose`,
///   `afterCrossingByeRequestsAPeerThatNeverClosesIsCutOff`
/// - "enqueue on a closed channel": `afterAByeNothingMoreIsTaken`
class ByeScenario {
    private static final Duration A_MOMENT = Duration.ofMillis(200);
    private static final Duration SHORT = Duration.ofMillis(500);

    @RegisterExtension final Stage stage = new Stage();

    private Greeted greeted(Transport transport, Peer server) {
        return Greeted.open(stage, server, server.listen(transport).address());
    }

    @ParameterizedTest
    @EnumSource
    void eachSideIsToldOfTheEndOnceWithTheIdOfTheHello(Transport transport) {
        Link link = stage.link(transport);
        link.bye();
        link.client().expectNothing();
        link.server().expectNothing();
    }

    @ParameterizedTest
    @EnumSource
    void theServerMayAskForTheEndToo(Transport transport) {
        Link link = stage.link(transport);
        BinaryHeader bye = link.server().say(OpCode.BYE_REQUEST, link.serverChannel());
        link.client().expect(OpCode.BYE_REQUEST, bye.id());
        link.client().say(OpCode.BYE_RESPONSE, link.clientChannel(), bye.id());
        link.server().expect(OpCode.BYE_RESPONSE, bye.id());
        link.server().expectClosed(link.serverChannel(), link.helloId());
        link.client().expectClosed(link.clientChannel(), link.helloId());
    }

    @ParameterizedTest
    @EnumSource
    void aByeRequestGoesBehindAllThatWasQueued(Transport transport) {
        Link link = stage.link(transport, Flood::options);
        Flood.send(link.client(), link.clientChannel());
        link.client().say(OpCode.BYE_REQUEST, link.clientChannel(), 1001);
        for (int id = 1; id <= Flood.COUNT; id++) {
            link.server().expect(OpCode.REQUEST, id);
        }
        link.server().expect(OpCode.BYE_REQUEST, 1001);
        link.server().say(OpCode.BYE_RESPONSE, link.serverChannel(), 1001);
        link.client().expect(OpCode.BYE_RESPONSE, 1001);
        link.client().expectClosed(link.clientChannel(), link.helloId());
        link.server().expectClosed(link.serverChannel(), link.helloId());
    }

    @ParameterizedTest
    @EnumSource
    void afterAByeNothingMoreIsTaken(Transport transport) {
        Link link = stage.link(transport);
        link.client().say(OpCode.BYE_REQUEST, link.clientChannel(), 8);
        for (OpCode opCode :
                new OpCode[] {
                    OpCode.REQUEST,
                    OpCode.RESPONSE,
                    OpCode.SIGNAL,
                    OpCode.BYE_REQUEST,
                    OpCode.BYE_RESPONSE
                }) {
            assertThat(link.client().refusal(opCode, link.clientChannel(), m -> m.id(9)))
                    .isEqualTo(Status.CHANNEL_CLOSED);
        }
        link.server().expect(OpCode.BYE_REQUEST, 8);
        link.server().say(OpCode.BYE_RESPONSE, link.serverChannel(), 8);
        link.client().expect(OpCode.BYE_RESPONSE, 8);
        link.client().expectClosed(link.clientChannel(), link.helloId());
        link.server().expectClosed(link.serverChannel(), link.helloId());
    }

    @ParameterizedTest
    @EnumSource
    void thePeerMayGoOnUntilItAnswers(Transport transport) {
        Link link = stage.link(transport);
        link.client().say(OpCode.BYE_REQUEST, link.clientChannel(), 8);
        link.server().expect(OpCode.BYE_REQUEST, 8);
        for (int id = 100; id < 200; id++) {
            link.server().say(OpCode.SIGNAL, link.serverChannel(), id);
        }
        link.server().say(OpCode.BYE_RESPONSE, link.serverChannel(), 8);
        for (int id = 100; id < 200; id++) {
            link.client().expect(OpCode.SIGNAL, id);
        }
        link.client().expect(OpCode.BYE_RESPONSE, 8);
        link.client().expectClosed(link.clientChannel(), link.helloId());
        link.server().expectClosed(link.serverChannel(), link.helloId());
    }

    @ParameterizedTest
    @EnumSource
    void aByeMayBePipelinedBehindTheHello(Transport transport) {
        Peer server = stage.peer();
        Peer client = stage.peer();
        BinaryHeader hello = client.sayHello(server.listen(transport).address());
        client.say(OpCode.REQUEST, hello.channel(), 5);
        client.say(OpCode.BYE_REQUEST, hello.channel(), 6);
        int channel = server.expect(OpCode.HELLO_REQUEST, hello.id()).channel();
        server.expect(OpCode.REQUEST, 5);
        server.expect(OpCode.BYE_REQUEST, 6);
        server.say(OpCode.RESPONSE, channel, 5);
        server.say(OpCode.BYE_RESPONSE, channel, 6);
        client.expect(OpCode.RESPONSE, 5);
        client.expect(OpCode.BYE_RESPONSE, 6);
        client.expectClosed(hello.channel(), hello.id());
        server.expectClosed(channel, hello.id());
    }

    @ParameterizedTest
    @EnumSource
    void aHelloMayBeAnsweredByAByeResponse(Transport transport) {
        Peer server = stage.peer();
        Peer client = stage.peer();
        BinaryHeader hello = client.sayHello(server.listen(transport).address());
        int channel = server.expect(OpCode.HELLO_REQUEST, hello.id()).channel();
        server.say(OpCode.BYE_RESPONSE, channel, hello.id());
        client.expect(OpCode.BYE_RESPONSE, hello.id());
        client.expectClosed(hello.channel(), hello.id());
        server.expectClosed(channel, hello.id());
    }

    @ParameterizedTest
    @EnumSource
    void theSenderOfAByeResponseWaitsForThePeerToClose(Transport transport) {
        Greeted greeted = greeted(transport, stage.peer());
        greeted.raw().send(Frame.of(OpCode.BYE_REQUEST, 5));
        greeted.server().expect(OpCode.BYE_REQUEST, 5);
        greeted.server().say(OpCode.BYE_RESPONSE, greeted.channel(), 5);
        greeted.raw().expect(Frame.of(OpCode.BYE_RESPONSE, 5));
        greeted.raw().expectSilence(A_MOMENT);
        greeted.server().expectSilence(A_MOMENT);
        greeted.raw().finish();
        greeted.expectClosed();
        greeted.raw().expectEnd();
    }

    @ParameterizedTest
    @EnumSource
    void theTailBeforeAByeResponseIsNotLostOnASlowReader(Transport transport) {
        Greeted greeted = greeted(transport, stage.peer(Flood::options));
        greeted.raw().send(Frame.of(OpCode.BYE_REQUEST, 5));
        greeted.server().expect(OpCode.BYE_REQUEST, 5);
        Flood.send(greeted.server(), greeted.channel());
        greeted.server().say(OpCode.BYE_RESPONSE, greeted.channel(), 5);
        greeted.server().expectSilence(A_MOMENT);
        for (int id = 1; id <= Flood.COUNT; id++) {
            assertThat(greeted.raw().receive().id()).isEqualTo(id);
        }
        greeted.raw().expect(Frame.of(OpCode.BYE_RESPONSE, 5));
        greeted.raw().expectSilence(A_MOMENT);
        greeted.raw().finish();
        greeted.expectClosed();
    }

    @ParameterizedTest
    @EnumSource
    void crossingByeRequestsAnswerEachOther(Transport transport) {
        for (int i = 0; i < 20; i++) {
            Link link = stage.link(transport);
            link.client().say(OpCode.BYE_REQUEST, link.clientChannel(), 5);
            link.server().say(OpCode.BYE_REQUEST, link.serverChannel(), 6);
            link.client().expect(OpCode.BYE_REQUEST, 6);
            link.server().expect(OpCode.BYE_REQUEST, 5);
            link.client().expectClosed(link.clientChannel(), link.helloId());
            link.server().expectClosed(link.serverChannel(), link.helloId());
        }
    }

    @ParameterizedTest
    @EnumSource
    void crossingByeRequestsLoseNothingThatWasQueuedBefore(Transport transport) {
        Link link = stage.link(transport, Flood::options);
        Flood.send(link.client(), link.clientChannel());
        link.client().say(OpCode.BYE_REQUEST, link.clientChannel(), 1001);
        Flood.send(link.server(), link.serverChannel());
        link.server().say(OpCode.BYE_REQUEST, link.serverChannel(), 1002);
        for (int id = 1; id <= Flood.COUNT; id++) {
            link.client().expect(OpCode.REQUEST, id);
            link.server().expect(OpCode.REQUEST, id);
        }
        link.client().expect(OpCode.BYE_REQUEST, 1002);
        link.server().expect(OpCode.BYE_REQUEST, 1001);
        link.client().expectClosed(link.clientChannel(), link.helloId());
        link.server().expectClosed(link.serverChannel(), link.helloId());
    }

    @ParameterizedTest
    @EnumSource
    void afterCrossingByeRequestsThePeerReadsAllBeforeWeClose(Transport transport) {
        Greeted greeted = greeted(transport, stage.peer(Flood::options));
        Flood.send(greeted.server(), greeted.channel());
        greeted.server().say(OpCode.BYE_REQUEST, greeted.channel(), 1001);
        greeted.raw().send(Frame.of(OpCode.BYE_REQUEST, 5));
        greeted.server().expect(OpCode.BYE_REQUEST, 5);
        greeted.server().expectSilence(A_MOMENT);
        for (int id = 1; id <= Flood.COUNT; id++) {
            assertThat(greeted.raw().receive().id()).isEqualTo(id);
        }
        greeted.raw().expect(Frame.of(OpCode.BYE_REQUEST, 1001));
        greeted.raw().expectEnd();
        greeted.server().expectSilence(A_MOMENT);
        greeted.raw().finish();
        greeted.expectClosed();
    }

    @ParameterizedTest
    @EnumSource
    void afterCrossingByeRequestsAPeerThatNeverClosesIsCutOff(Transport transport) {
        Greeted greeted = greeted(transport, stage.peer(o -> o.closeTimeout(SHORT)));
        greeted.server().say(OpCode.BYE_REQUEST, greeted.channel(), 6);
        greeted.raw().send(Frame.of(OpCode.BYE_REQUEST, 5));
        greeted.server().expect(OpCode.BYE_REQUEST, 5);
        greeted.raw().expect(Frame.of(OpCode.BYE_REQUEST, 6));
        greeted.raw().expectEnd();
        greeted.server().expectNotice(Status.CLOSE_TIMEOUT, greeted.channel());
        greeted.expectClosed();
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatSendsAfterItsByeIsCutOff(Transport transport) {
        Greeted greeted = greeted(transport, stage.peer());
        greeted.raw().send(Frame.of(OpCode.BYE_REQUEST, 5), Frame.of(OpCode.REQUEST, 6));
        greeted.server().expect(OpCode.BYE_REQUEST, 5);
        greeted.server().expectNotice(Status.INVALID_MESSAGE, greeted.channel());
        greeted.expectClosed();
    }

    @ParameterizedTest
    @EnumSource
    void aByeResponseThatNobodyAskedForEndsTheChannel(Transport transport) {
        Greeted greeted = greeted(transport, stage.peer());
        greeted.raw().send(Frame.of(OpCode.BYE_RESPONSE, 5));
        greeted.server().expect(OpCode.BYE_RESPONSE, 5);
        greeted.expectClosed();
        greeted.raw().expectEnd();
    }
}
