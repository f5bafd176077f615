package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static tofu.engine.channel.SendQueue.Outcome.CLOSED;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.OpCode;
import tofu.api.Status;

/// The graceful end, in every order that two sides can say it.
class StreamByeTest {
    // -- we ask

    @Test
    void aByeFollowsAllThatWasQueuedBeforeAndNothingFollowsIt() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(Frame.request(2), Frame.byeRequest(3));

            assertThat(rig.state()).isEqualTo(State.BYE_SENT);
            assertThat(rig.offer(Frame.request(4))).isEqualTo(CLOSED);
            assertThat(rig.offer(Frame.byeRequest(5))).isEqualTo(CLOSED);
            assertThat(rig.offer(Frame.byeResponse(6))).isEqualTo(CLOSED);
            assertThat(rig.write()).containsExactly(Frame.request(2), Frame.byeRequest(3));
        }
    }

    @Test
    void thePeerMayGoOnUntilItsResponseWhichClosesAtOnce() {
        try (StreamRig rig = StreamRig.in(State.BYE_SENT)) {
            rig.receive(Frame.request(5), Frame.signal(6));
            assertThat(rig.state()).isEqualTo(State.BYE_SENT);

            rig.receive(Frame.byeResponse(2));

            rig.checkEnded(
                    false, "REQUEST 5", "SIGNAL 6", "BYE_RESPONSE 2", "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void aResponseThatComesBeforeOurRequestIsSentIsTheEndAllTheSame() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(Frame.request(2).withBody(40), Frame.byeRequest(3));
            rig.write(20);

            rig.receive(Frame.byeResponse(9));

            rig.checkEnded(
                    false,
                    "BYE_RESPONSE 9",
                    "REQUEST 2 +40 back CHANNEL_CLOSED",
                    "BYE_REQUEST 3 back CHANNEL_CLOSED",
                    "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void aByeMayBePipelinedBehindTheHello() {
        try (StreamRig rig = StreamRig.connecting()) {
            rig.post(Frame.request(2), Frame.byeRequest(3));
            assertThat(rig.state()).isEqualTo(State.CONNECTING);
            assertThat(rig.timeLeft()).isEqualTo(10);

            rig.connect();

            assertThat(rig.state()).isEqualTo(State.BYE_SENT);
            assertThat(rig.timeLeft()).isEqualTo(40);
            assertThat(rig.write()).extracting(Frame::id).containsExactly(1L, 2L, 3L);
            rig.receive(Frame.helloResponse(1), Frame.byeResponse(3));
            rig.checkEnded(false, "HELLO_RESPONSE 1", "BYE_RESPONSE 3", "notice CHANNEL_CLOSED 1");
        }
    }

    // -- we are asked

    @Test
    void whoIsAskedMayStillSayWhatItHasToSay() {
        try (StreamRig rig = StreamRig.server()) {
            rig.receive(Frame.request(2), Frame.byeRequest(3));

            assertThat(rig.state()).isEqualTo(State.BYE_RECEIVED);
            assertThat(rig.timeLeft()).isEqualTo(-1);
            rig.post(Frame.of(OpCode.RESPONSE, 2), Frame.signal(4));
            rig.post(Frame.byeResponse(3));
            assertThat(rig.write()).extracting(Frame::id).containsExactly(2L, 4L, 3L);
        }
    }

    @Test
    void whoHasAnsweredWaitsForThePeerToClose() {
        try (StreamRig rig = StreamRig.server()) {
            rig.receive(Frame.byeRequest(3));
            rig.post(Frame.byeResponse(3));
            assertThat(rig.state()).isEqualTo(State.CLOSING);
            rig.write();

            assertThat(rig.state()).as("never the first to close").isEqualTo(State.CLOSING);
            assertThat(rig.stream.wantsShutdown()).isFalse();
            assertThat(rig.stream.inflow().isWanted()).isTrue();
            assertThat(rig.offer(Frame.request(4))).isEqualTo(CLOSED);
            rig.stream.onPeerClosed();
            rig.checkEnded(false, "BYE_REQUEST 3", "notice CHANNEL_CLOSED 1");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"OPEN", "BYE_SENT", "BYE_RECEIVED"})
    void ourDirectionDoesNotEndBeforeBothHaveSaidAll(State state) {
        try (StreamRig rig = StreamRig.in(state)) {
            assertThat(rig.stream.wantsShutdown()).isFalse();
        }
    }

    // -- both ask

    @Test
    void afterCrossingByesOurDirectionEndsAndThePeerClosesFirst() {
        try (StreamRig rig = StreamRig.in(State.BYE_SENT)) {
            rig.receive(Frame.byeRequest(7));

            assertThat(rig.state()).as("it may not have read all").isEqualTo(State.CLOSING);
            assertThat(rig.stream.wantsShutdown()).isTrue();
            assertThat(rig.stream.wantsShutdown()).as("once").isFalse();
            assertThat(rig.stream.inflow().isWanted()).isTrue();
            rig.stream.onPeerClosed();
            rig.checkEnded(false, "BYE_REQUEST 7", "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void afterCrossingByesThePeerHasTheTimeOfAClose() {
        try (StreamRig rig = StreamRig.in(State.BYE_SENT)) {
            rig.pass(39);
            rig.receive(Frame.byeRequest(7));
            assertThat(rig.timeLeft()).isEqualTo(50);
            assertThat(rig.stream.wantsShutdown()).isTrue();

            rig.pass(50);

            rig.checkEnded(
                    true, "BYE_REQUEST 7", "notice CLOSE_TIMEOUT 1", "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void crossingByesWaitForWhatIsUnsent() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(Frame.request(2).withBody(100), Frame.byeRequest(3));
            rig.receive(Frame.byeRequest(7));

            assertThat(rig.state()).isEqualTo(State.CLOSING);
            rig.write(116 + 15);
            assertThat(rig.stream.wantsShutdown()).isFalse();
            rig.write(1);
            assertThat(rig.stream.wantsShutdown()).isTrue();
            rig.stream.onPeerClosed();
            rig.checkEnded(false, "BYE_REQUEST 7", "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void askingBackIsAnswerEnough() {
        try (StreamRig rig = StreamRig.in(State.BYE_RECEIVED)) {
            rig.post(Frame.request(3), Frame.byeRequest(4));

            assertThat(rig.state()).isEqualTo(State.CLOSING);
            assertThat(rig.write()).extracting(Frame::id).containsExactly(3L, 4L);
            assertThat(rig.stream.wantsShutdown()).isTrue();
            rig.stream.onPeerClosed();
            rig.checkEnded(false, "notice CHANNEL_CLOSED 1");
        }
    }

    // -- nobody asks

    @Test
    void ourResponseThatNobodyAskedForWaitsForThePeerToClose() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(Frame.request(2), Frame.byeResponse(9));

            assertThat(rig.state()).isEqualTo(State.CLOSING);
            assertThat(rig.write()).extracting(Frame::id).containsExactly(2L, 9L);
            assertThat(rig.stream.wantsShutdown()).isFalse();
            rig.receive(Frame.request(5));
            assertThat(rig.state()).isEqualTo(State.CLOSING);
            rig.stream.onPeerClosed();
            rig.checkEnded(false, "REQUEST 5", "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void ourResponseAndThePeersRequestThatCrossLeaveTheClosingToThePeer() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(Frame.byeResponse(9));
            rig.write();

            rig.receive(Frame.byeRequest(3));

            assertThat(rig.state()).isEqualTo(State.CLOSING);
            assertThat(rig.stream.wantsShutdown()).isFalse();
            rig.stream.onPeerClosed();
            rig.checkEnded(false, "BYE_REQUEST 3", "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void twoResponsesThatCrossCloseBothSides() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(Frame.byeResponse(9));
            rig.write();

            rig.receive(Frame.byeResponse(3));

            rig.checkEnded(false, "BYE_RESPONSE 3", "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void thePeersResponseThatNobodyAskedForClosesAndGivesBackWhatIsUnsent() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(Frame.request(2).withBody(8), Frame.signal(3));
            rig.write(20);

            rig.receive(Frame.byeResponse(9));

            assertThat(rig.outlet.cameBack)
                    .as("as it was enqueued, though a part was sent")
                    .first()
                    .isEqualTo(Frame.request(2).withBody(8).with(Frame.ORIGIN).withStatus(22));
            rig.checkEnded(
                    false,
                    "BYE_RESPONSE 9",
                    "REQUEST 2 +8 back CHANNEL_CLOSED",
                    "SIGNAL 3 back CHANNEL_CLOSED",
                    "notice CHANNEL_CLOSED 1");
        }
    }

    // -- out of band

    @Test
    void anUrgentByeGivesBackWhatItOvertakes() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(Frame.request(2).withBody(9), Frame.request(3), Frame.request(4));
            rig.write(5);
            rig.post(Frame.signal(5).with(Frame.OUT_OF_BAND));
            rig.post(Frame.byeRequest(6).with(Frame.OUT_OF_BAND));

            assertThat(rig.write()).extracting(Frame::id).containsExactly(2L, 5L, 6L);
            assertThat(rig.outlet.takeAll())
                    .containsExactly(
                            "REQUEST 3 back CHANNEL_CLOSED", "REQUEST 4 back CHANNEL_CLOSED");
            assertThat(rig.state()).isEqualTo(State.BYE_SENT);
            assertThat(rig.stream.sendQueue().messages()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "OPEN,         BYE_REQUEST",
        "OPEN,         BYE_RESPONSE",
        "BYE_RECEIVED, BYE_REQUEST",
        "BYE_RECEIVED, BYE_RESPONSE",
    })
    void anUrgentByeGivesBackWhatTheLoopHasNotEvenTaken(State state, OpCode bye) {
        try (StreamRig rig = StreamRig.in(state)) {
            rig.offer(Frame.request(2));
            rig.post(Frame.of(bye, 3).with(Frame.OUT_OF_BAND));

            assertThat(rig.write()).extracting(Frame::id).containsExactly(3L);
            assertThat(rig.outlet.takeAll()).containsExactly("REQUEST 2 back CHANNEL_CLOSED");
        }
    }

    @Test
    void whatAnUrgentByeOvertakesComesBackWhenTheChannelFails() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(Frame.request(2).withBody(9), Frame.request(3));
            rig.write(5);
            rig.offer(Frame.request(4));
            rig.post(Frame.byeRequest(5).with(Frame.OUT_OF_BAND));

            rig.stream.onReceiveFailure(Status.RECV_FAILED);

            rig.checkEnded(
                    true,
                    "BYE_REQUEST 5 urgent back RECV_FAILED",
                    "REQUEST 2 +9 back RECV_FAILED",
                    "REQUEST 3 back RECV_FAILED",
                    "REQUEST 4 back RECV_FAILED",
                    "notice CHANNEL_CLOSED 1");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anUrgentByeDoesNotOvertakeTheHello(boolean connected) {
        try (StreamRig rig = StreamRig.connecting()) {
            rig.post(Frame.request(2));
            if (connected) {
                rig.connect();
            }
            rig.post(Frame.byeRequest(3).with(Frame.OUT_OF_BAND));
            if (!connected) {
                rig.connect();
            }

            assertThat(rig.write()).extracting(Frame::id).containsExactly(1L, 3L);
            assertThat(rig.outlet.takeAll()).containsExactly("REQUEST 2 back CHANNEL_CLOSED");
        }
    }
}
