package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static tofu.engine.channel.SendQueue.Outcome.CLOSED;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.OpCode;
import tofu.api.Status;

/// The connection ends or breaks.
class StreamFailureTest {
    @ParameterizedTest
    @EnumSource(names = {"OPEN", "BYE_SENT", "BYE_RECEIVED", "CLOSING"})
    void thePeersEndIsOursInEveryState(State state) {
        try (StreamRig rig = StreamRig.in(state)) {
            rig.stream.onPeerClosed();

            rig.checkEnded(false, "notice CHANNEL_CLOSED 1");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"OPEN", "BYE_SENT", "BYE_RECEIVED", "CLOSING"})
    void aBrokenConnectionEndsEveryState(State state) {
        try (StreamRig rig = StreamRig.in(state)) {
            rig.stream.onReceiveFailure(Status.RECV_FAILED);

            rig.checkEnded(true, "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void thePeersEndBeforeAnyHelloEndsAServer() {
        try (StreamRig rig = StreamRig.accepted()) {
            rig.stream.onPeerClosed();

            rig.checkEnded(false, "notice CHANNEL_CLOSED 0");
        }
    }

    @ParameterizedTest
    @CsvSource({
        // what we had to say, what becomes of it when the peer ends
        "REQUEST,      PEER_DISCONNECTED",
        "BYE_REQUEST,  PEER_DISCONNECTED",
        "BYE_RESPONSE, CHANNEL_CLOSED",
    })
    void whatIsUnsentComesBackWhenThePeerEnds(OpCode last, Status reason) {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(Frame.request(2).withBody(40), Frame.of(last, 3));
            rig.write(50);

            rig.stream.onPeerClosed();

            rig.checkEnded(
                    false,
                    "REQUEST 2 +40 back " + reason,
                    last + " 3 back " + reason,
                    "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void whatIsUnsentComesBackWhenTheConnectionBreaks() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(Frame.request(2), Frame.request(3));
            rig.write(16);
            rig.offer(Frame.request(4));

            rig.stream.onReceiveFailure(Status.RECV_FAILED);

            rig.checkEnded(
                    true,
                    "REQUEST 3 back RECV_FAILED",
                    "REQUEST 4 back RECV_FAILED",
                    "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void aFrameThatIsHalfThereWhenThePeerEndsIsDropped() {
        try (StreamRig rig = StreamRig.client()) {
            byte[] half =
                    java.util.Arrays.copyOf(Frame.request(5).withBody(40_000).bytes(), 30_000);
            rig.receive(half);

            rig.stream.onPeerClosed();

            rig.checkEnded(false, "notice CHANNEL_CLOSED 1");
        }
    }

    // -- writing fails

    @Test
    void whatThePeerSentBeforeIsStillReadWhenWritingFails() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(Frame.request(2), Frame.request(3));
            rig.write(16);

            rig.stream.onSendFailure(Status.SEND_FAILED, rig.now);

            assertThat(rig.state()).isEqualTo(State.CLOSING);
            assertThat(rig.timeLeft()).isEqualTo(50);
            assertThat(rig.write()).containsExactly(Frame.request(2));
            rig.receive(Frame.request(5), Frame.signal(6));
            rig.stream.onPeerClosed();
            rig.checkEnded(
                    false,
                    "REQUEST 5",
                    "SIGNAL 6",
                    "REQUEST 3 back SEND_FAILED",
                    "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void whatIsPostedAfterWritingFailedIsRefusedAndWhatWasPostedBeforeComesBack() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(Frame.request(2));
            rig.stream.onSendFailure(Status.SEND_FAILED, rig.now);
            assertThat(rig.offer(Frame.request(3))).isEqualTo(CLOSED);
            assertThat(rig.offer(Frame.byeRequest(4))).isEqualTo(CLOSED);
            assertThat(rig.write()).isEmpty();

            rig.stream.onReceiveFailure(Status.RECV_FAILED);

            rig.checkEnded(true, "REQUEST 2 back SEND_FAILED", "notice CHANNEL_CLOSED 1");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BYE_REQUEST", "BYE_RESPONSE"})
    void aByeThatWasPostedBeforeWritingFailedGivesThePeerTimeAnewAndComesBack(OpCode bye) {
        try (StreamRig rig = StreamRig.client()) {
            rig.offer(Frame.of(bye, 2));
            rig.stream.onSendFailure(Status.SEND_FAILED, rig.now);
            rig.pass(49);

            rig.turn();

            assertThat(rig.state()).isEqualTo(State.CLOSING);
            assertThat(rig.timeLeft()).isEqualTo(50);
            rig.receive(Frame.request(5), Frame.byeRequest(6));
            rig.stream.onPeerClosed();
            rig.checkEnded(
                    false,
                    "REQUEST 5",
                    "BYE_REQUEST 6",
                    bye + " 2 back SEND_FAILED",
                    "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void thePeersByesAreHeardWhenWritingHasFailed() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(Frame.request(2));
            rig.stream.onSendFailure(Status.SEND_FAILED, rig.now);
            rig.receive(Frame.byeRequest(5));
            assertThat(rig.state()).isEqualTo(State.CLOSING);

            rig.receive(Frame.encode(Frame.request(6)));

            rig.checkEnded(
                    false,
                    "BYE_REQUEST 5",
                    "REQUEST 2 back INVALID_MESSAGE",
                    "notice INVALID_MESSAGE 1",
                    "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void aByeSignalStillCutsOffWhenWritingHasFailed() {
        try (StreamRig rig = StreamRig.client()) {
            rig.stream.onSendFailure(Status.SEND_FAILED, rig.now);

            rig.post(Frame.byeSignal(9));

            rig.checkEnded(
                    true, "BYE_SIGNAL 9 urgent back CHANNEL_CLOSED", "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void writingThatFailedHasItsDeadline() {
        try (StreamRig rig = StreamRig.client()) {
            rig.stream.onSendFailure(Status.SEND_FAILED, rig.now);
            rig.pass(10);
            rig.stream.onSendFailure(Status.SEND_FAILED, rig.now);
            rig.receive(Frame.signal(5));
            rig.pass(39);
            assertThat(rig.state()).isEqualTo(State.CLOSING);

            rig.pass(1);

            rig.checkEnded(true, "SIGNAL 5", "notice SEND_FAILED 1", "notice CHANNEL_CLOSED 1");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BYE_SENT", "BYE_RECEIVED", "CLOSING"})
    void writingMayFailInEveryState(State state) {
        try (StreamRig rig = StreamRig.in(state)) {
            rig.stream.onSendFailure(Status.SEND_FAILED, rig.now);

            assertThat(rig.state()).isEqualTo(State.CLOSING);
            assertThat(rig.timeLeft()).isEqualTo(50);
            rig.stream.onPeerClosed();
            rig.checkEnded(false, "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void crossingByesDoNotCloseWhenOursCannotBeSent() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(Frame.byeRequest(2));
            rig.receive(Frame.byeRequest(7));
            rig.stream.onSendFailure(Status.SEND_FAILED, rig.now);
            assertThat(rig.state()).isEqualTo(State.CLOSING);

            rig.stream.onPeerClosed();

            rig.checkEnded(
                    false,
                    "BYE_REQUEST 7",
                    "BYE_REQUEST 2 back SEND_FAILED",
                    "notice CHANNEL_CLOSED 1");
        }
    }
}
