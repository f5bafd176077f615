package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Status;

/// The group ends: what is queued is sent, then the stream ends, the peer's answer or a deadline.
class StreamGroupClosedTest {
    @Test
    void connectingEndsAtOnce() {
        try (StreamRig rig = StreamRig.connecting()) {
            rig.offer(Frame.request(2));

            rig.stream.onGroupClosed(rig.now);

            rig.checkEnded(
                    false,
                    "HELLO_REQUEST 1 back SHUTDOWN_STARTED",
                    "REQUEST 2 back SHUTDOWN_STARTED",
                    "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void aServerThatWasNotGreetedEndsAtOnce() {
        try (StreamRig rig = StreamRig.accepted()) {
            rig.stream.onGroupClosed(rig.now);

            rig.checkEnded(false, "notice CHANNEL_CLOSED 0");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"OPEN", "BYE_SENT", "BYE_RECEIVED"})
    void whatIsQueuedIsSentBeforeOurDirectionEnds(State state) {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(Frame.request(2).withBody(10));
            rig.offer(state == State.BYE_SENT ? Frame.byeRequest(3) : Frame.request(3));
            if (state == State.BYE_RECEIVED) {
                rig.receive(Frame.byeRequest(5));
            }

            rig.stream.onGroupClosed(rig.now);

            assertThat(rig.state()).isEqualTo(State.CLOSING);
            assertThat(rig.stream.wantsShutdown()).isFalse();
            rig.write(30);
            assertThat(rig.stream.wantsShutdown()).isFalse();
            assertThat(rig.write()).extracting(Frame::id).containsExactly(2L, 3L);
            assertThat(rig.stream.wantsShutdown()).isTrue();
            assertThat(rig.stream.wantsShutdown()).as("once").isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"OPEN", "BYE_SENT", "BYE_RECEIVED"})
    void aStreamWithNothingToSendEndsItsDirectionAtOnceAndWaitsForThePeers(State state) {
        try (StreamRig rig = StreamRig.in(state)) {
            rig.stream.onGroupClosed(rig.now);

            assertThat(rig.stream.wantsShutdown()).isTrue();
            assertThat(rig.stream.inflow().isWanted()).isTrue();
            assertThat(rig.timeLeft()).isEqualTo(50);
            rig.stream.onPeerClosed();
            rig.checkEnded(false, "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void aClientThatHasNoAnswerYetEndsPolitelyToo() {
        try (StreamRig rig = StreamRig.connecting()) {
            rig.connect();

            rig.stream.onGroupClosed(rig.now);

            assertThat(rig.write()).containsExactly(Frame.helloRequest(1));
            assertThat(rig.stream.wantsShutdown()).isTrue();
        }
    }

    @Test
    void afterOurByeResponseThePeerClosesFirst() {
        try (StreamRig rig = StreamRig.in(State.BYE_RECEIVED)) {
            rig.post(Frame.byeResponse(2));

            rig.stream.onGroupClosed(rig.now);

            assertThat(rig.write()).containsExactly(Frame.byeResponse(2));
            assertThat(rig.stream.wantsShutdown()).as("it may not have read it").isFalse();
            rig.stream.onPeerClosed();
            rig.checkEnded(false, "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void whatThePeerStillSendsIsReadAndDropped() {
        try (StreamRig rig = StreamRig.client()) {
            rig.stream.onGroupClosed(rig.now);
            int taken = rig.memory.pool.messagesOut();

            rig.receive(Frame.request(5), Frame.request(0), Frame.byeResponse(6));
            rig.receive(new byte[10_000]);

            assertThat(rig.memory.pool.messagesOut()).isEqualTo(taken);
            assertThat(rig.state()).isEqualTo(State.CLOSING);
            rig.stream.onPeerClosed();
            rig.checkEnded(false, "notice CHANNEL_CLOSED 1");
        }
    }

    /// What was said before the group closed.
    private enum Said {
        NOTHING(true),
        OUR_REQUEST(true),
        PEERS_REQUEST(true),
        BOTH_REQUESTS(true),
        BOTH_REQUESTS_AND_OUR_END(false),
        OUR_RESPONSE(false),
        OUR_RESPONSE_UNASKED(false);

        /// Our direction is still to be ended.
        private final boolean owesOurEnd;

        Said(boolean owesOurEnd) {
            this.owesOurEnd = owesOurEnd;
        }

        StreamRig rig() {
            StreamRig rig = StreamRig.client();
            switch (this) {
                case NOTHING -> {}
                case OUR_REQUEST -> rig.post(Frame.byeRequest(2));
                case PEERS_REQUEST -> rig.receive(Frame.byeRequest(3));
                case BOTH_REQUESTS, BOTH_REQUESTS_AND_OUR_END -> {
                    rig.post(Frame.byeRequest(2));
                    rig.receive(Frame.byeRequest(3));
                }
                case OUR_RESPONSE -> {
                    rig.receive(Frame.byeRequest(3));
                    rig.post(Frame.byeResponse(3));
                }
                case OUR_RESPONSE_UNASKED -> rig.post(Frame.byeResponse(2));
            }
            rig.write();
            rig.outlet.takeAll();
            if (this == BOTH_REQUESTS_AND_OUR_END) {
                assertThat(rig.stream.wantsShutdown()).isTrue();
            }
            return rig;
        }
    }

    @ParameterizedTest
    @EnumSource
    void whateverWasSaidTheRestIsDroppedAndOurDirectionEndsUnlessWeHaveAnswered(Said said) {
        try (StreamRig rig = said.rig()) {
            rig.stream.onGroupClosed(rig.now);

            rig.receive(Frame.request(5), Frame.byeRequest(6), Frame.request(0));
            assertThat(rig.state()).isEqualTo(State.CLOSING);
            assertThat(rig.stream.wantsShutdown()).isEqualTo(said.owesOurEnd);
            rig.receive(Frame.request(7), Frame.byeResponse(8));
            assertThat(rig.stream.wantsShutdown()).isFalse();
            assertThat(rig.state()).isEqualTo(State.CLOSING);
            rig.stream.onPeerClosed();
            rig.checkEnded(false, "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void aGroupThatClosesTwiceEndsOurDirectionOnce() {
        try (StreamRig rig = StreamRig.client()) {
            rig.stream.onGroupClosed(rig.now);
            rig.stream.onGroupClosed(rig.now);
            assertThat(rig.stream.wantsShutdown()).isTrue();

            rig.stream.onGroupClosed(rig.now);

            assertThat(rig.stream.wantsShutdown()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsEnqueuedTooLateIsRefused(boolean ended) {
        try (StreamRig rig = StreamRig.client()) {
            rig.stream.onGroupClosed(rig.now);
            if (ended) {
                assertThat(rig.stream.wantsShutdown()).isTrue();
            }

            assertThat(rig.offer(Frame.request(2))).isEqualTo(SendQueue.Outcome.CLOSED);
            assertThat(rig.offer(Frame.byeRequest(3).with(Frame.OUT_OF_BAND)))
                    .isEqualTo(SendQueue.Outcome.CLOSED);

            assertThat(rig.write()).isEmpty();
            assertThat(rig.outlet.takeAll()).isEmpty();
        }
    }

    @Test
    void aPeerThatGoesOnAndOnLearnsThatNobodyListens() {
        try (StreamRig rig = StreamRig.client()) {
            rig.stream.onGroupClosed(rig.now);
            assertThat(rig.stream.wantsShutdown()).isTrue();
            assertThat(rig.receive(new byte[Inflow.MOST_DRAINED - 1]))
                    .isEqualTo(Inflow.MOST_DRAINED - 1);
            assertThat(rig.state()).isEqualTo(State.CLOSING);

            assertThat(rig.receive(new byte[2])).as("what is read of it").isEqualTo(1);

            rig.checkEnded(true, "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void aPeerThatGoesOnWhileOursIsUnsentIsHeldAndThenDrainedAsMuchAgain() {
        try (StreamRig rig = StreamRig.client()) {
            byte[] most = new byte[Inflow.MOST_DRAINED];
            rig.post(Frame.request(2).withBody(100));
            rig.stream.onGroupClosed(rig.now);
            assertThat(rig.receive(most)).isEqualTo(most.length);

            assertThat(rig.state()).as("it may still read").isEqualTo(State.CLOSING);
            assertThat(rig.stream.inflow().isWanted()).isFalse();
            assertThat(rig.receive(most)).isZero();

            assertThat(rig.write()).extracting(Frame::id).containsExactly(2L);
            assertThat(rig.stream.wantsShutdown()).isTrue();
            assertThat(rig.stream.inflow().isWanted()).isTrue();
            rig.receive(most);
            rig.checkEnded(true, "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void aPeerThatGoesOnThoughNothingCanBeSentToItIsLeft() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(Frame.request(2));
            rig.stream.onGroupClosed(rig.now);
            rig.receive(new byte[Inflow.MOST_DRAINED]);
            assertThat(rig.state()).isEqualTo(State.CLOSING);

            rig.stream.onSendFailure(Status.SEND_FAILED, rig.now);

            rig.checkEnded(true, "REQUEST 2 back SEND_FAILED", "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void aFrameThatIsHalfThereIsDropped() {
        try (StreamRig rig = StreamRig.client()) {
            byte[] frame = Frame.request(5).withBody(40_000).bytes();
            rig.receive(java.util.Arrays.copyOf(frame, 30_000));

            rig.stream.onGroupClosed(rig.now);

            rig.memory.checkWhole();
            rig.receive(java.util.Arrays.copyOfRange(frame, 30_000, frame.length));
            assertThat(rig.outlet.view()).isEmpty();
        }
    }

    @Test
    void theDeadlineOfAHalfFrameEndsWithTheGroup() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(Frame.request(2).withBody(100));
            rig.receive(java.util.Arrays.copyOf(Frame.request(5).withBody(40).bytes(), 30));
            rig.pass(29);
            rig.stream.onGroupClosed(rig.now);
            rig.stream.onPost(rig.now);
            rig.write(10);
            rig.pass(40);

            assertThat(rig.state()).as("the rest may still be sent").isEqualTo(State.CLOSING);
            assertThat(rig.timeLeft()).isEqualTo(10);
        }
    }

    @Test
    void aFullWindowDoesNotKeepItFromReadingTheEnd() {
        try (StreamRig rig = StreamRig.client()) {
            for (int i = 0; i < 7; i++) {
                rig.receive(Frame.signal(i));
            }
            assertThat(rig.readTarget()).isNull();

            rig.stream.onGroupClosed(rig.now);

            assertThat(rig.stream.inflow().isWanted()).isTrue();
            assertThat(rig.readTarget()).isNotNull();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theDeadlineHoldsWhateverThePeerDoes(boolean active) {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(Frame.request(2).withBody(5_000));
            rig.stream.onGroupClosed(rig.now);
            for (int i = 0; i < 7 && active; i++) {
                rig.pass(7);
                rig.write(1);
                rig.receive(new byte[100]);
            }
            rig.pass(active ? 1 : 50);

            rig.checkEnded(
                    true,
                    "REQUEST 2 +5000 back CLOSE_TIMEOUT",
                    "notice CLOSE_TIMEOUT 1",
                    "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void aConnectionThatBreaksMeanwhileEndsIt() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(Frame.request(2));
            rig.stream.onGroupClosed(rig.now);
            rig.stream.onSendFailure(Status.SEND_FAILED, rig.now);
            assertThat(rig.stream.wantsShutdown()).isFalse();

            rig.stream.onReceiveFailure(Status.RECV_FAILED);

            rig.checkEnded(true, "REQUEST 2 back SEND_FAILED", "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void whatNobodyWillLookAtNeedsNoMemory() {
        try (StreamRig rig = StreamRig.client()) {
            rig.receive(Arrays.copyOf(Frame.request(5).withBody(90).bytes(), 50));
            rig.memory.takeIncoming();

            rig.stream.onGroupClosed(rig.now);

            rig.receive(Frame.request(6));
            assertThat(rig.starved).isFalse();
            assertThat(rig.outlet.takeAll()).isEmpty();
        }
    }

    @Test
    void byesThatCrossBeforeStillEndOurDirectionWhenOursIsSent() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(Frame.byeRequest(2));
            rig.receive(Frame.byeRequest(7));

            rig.stream.onGroupClosed(rig.now);
            rig.write();

            assertThat(rig.stream.wantsShutdown()).isTrue();
            rig.stream.onPeerClosed();
            rig.checkEnded(false, "BYE_REQUEST 7", "notice CHANNEL_CLOSED 1");
        }
    }
}
