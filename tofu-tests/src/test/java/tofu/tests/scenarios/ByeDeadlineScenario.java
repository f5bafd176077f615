package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// Peers that do not go on with the end of a channel, or do so slowly.
///
/// Rows of the wire spec's section 5:
/// - "silent or half-open peer": `aPeerThatDoesNotAnswerAByeRequestIsCutAtTheByeDeadline`
/// - "we close right after our ByeResponse or last data":
///   `aPeerThatDoesNotCloseAfterAByeResponseIsCutAtTheCloseDeadline`
class ByeDeadlineScenario {
    private static final Duration A_MOMENT = Duration.ofMillis(200);

    @RegisterExtension final Stage stage = new Stage();

    private Greeted greeted(Transport transport, Peer server) {
        return Greeted.open(stage, server, server.listen(transport).address());
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatDoesNotCloseAfterAByeResponseIsCutAtTheCloseDeadline(Transport transport) {
        Greeted greeted = greeted(transport, stage.peer(o -> o.closeTimeout(A_MOMENT)));
        greeted.raw().send(Frame.of(OpCode.BYE_REQUEST, 5));
        greeted.server().expect(OpCode.BYE_REQUEST, 5);
        greeted.server().say(OpCode.BYE_RESPONSE, greeted.channel(), 5);
        greeted.raw().expect(Frame.of(OpCode.BYE_RESPONSE, 5));
        greeted.server().expectNotice(Status.CLOSE_TIMEOUT, greeted.channel());
        greeted.expectClosed();
        expectCut(transport, greeted.raw());
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatDoesNotAnswerAByeRequestIsCutAtTheByeDeadline(Transport transport) {
        Greeted greeted = greeted(transport, stage.peer(o -> o.byeTimeout(A_MOMENT)));
        greeted.server().say(OpCode.BYE_REQUEST, greeted.channel(), 5);
        greeted.raw().expect(Frame.of(OpCode.BYE_REQUEST, 5));
        greeted.server().expectNotice(Status.CLOSE_TIMEOUT, greeted.channel());
        greeted.expectClosed();
        expectCut(transport, greeted.raw());
    }

    @ParameterizedTest
    @EnumSource
    void aPeerThatStillSendsAfterAByeRequestIsWaitedFor(Transport transport) {
        Greeted greeted =
                greeted(transport, stage.peer(o -> o.byeTimeout(A_MOMENT.multipliedBy(4))));
        greeted.server().say(OpCode.BYE_REQUEST, greeted.channel(), 5);
        greeted.raw().expect(Frame.of(OpCode.BYE_REQUEST, 5));
        for (int id = 10; id < 20; id++) {
            greeted.raw().expectSilence(A_MOMENT);
            greeted.raw().send(Frame.of(OpCode.SIGNAL, id));
            greeted.server().expect(OpCode.SIGNAL, id);
        }
        greeted.raw().send(Frame.of(OpCode.BYE_RESPONSE, 5));
        greeted.server().expect(OpCode.BYE_RESPONSE, 5);
        greeted.expectClosed();
        greeted.raw().expectEnd();
    }

    /// The peer has done its part: it is our application that does not take it.
    @ParameterizedTest
    @EnumSource
    void theByeDeadlineRestsWhileTheApplicationIsBehind(Transport transport) {
        Greeted greeted =
                greeted(
                        transport,
                        stage.peer(o -> o.byeTimeout(A_MOMENT).receiveWindowMessages(4)));
        greeted.server().say(OpCode.BYE_REQUEST, greeted.channel(), 5);
        greeted.raw().expect(Frame.of(OpCode.BYE_REQUEST, 5));
        for (int id = 10; id < 100; id++) {
            greeted.raw().send(Frame.of(OpCode.SIGNAL, id));
        }
        greeted.raw().send(Frame.of(OpCode.BYE_RESPONSE, 5));
        stage.peer().expectSilence(A_MOMENT.multipliedBy(4));
        for (int id = 10; id < 100; id++) {
            greeted.server().expect(OpCode.SIGNAL, id);
        }
        greeted.server().expect(OpCode.BYE_RESPONSE, 5);
        greeted.expectClosed();
    }

    private static void expectCut(Transport transport, RawPeer raw) {
        RawPeer.Ending ending = raw.expectEnding();
        if (transport == Transport.TCP) {
            assertThat(ending).isEqualTo(RawPeer.Ending.RESET);
        }
    }
}
