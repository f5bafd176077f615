package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Status;
import tofu.pool.Slot;

class StreamHandshakeTest {
    // -- the client

    @Test
    void aClientConnectsOnceItsHelloIsThere() {
        try (StreamRig rig = StreamRig.connecting()) {
            assertThat(rig.state()).isEqualTo(State.CONNECTING);
            assertThat(rig.stream.number()).isEqualTo(StreamRig.NUMBER);
            assertThat(rig.timeLeft()).isEqualTo(10);
            Slot hello = rig.stream.hello();
            assertThat(hello).isNotNull();
            assertThat(Frame.of(hello)).isEqualTo(Frame.helloRequest(1));
        }
    }

    @Test
    void whileConnectingNothingIsReadOrWritten() {
        try (StreamRig rig = StreamRig.connecting()) {
            rig.post(Frame.request(2));

            assertThat(rig.stream.inflow().isWanted()).isFalse();
            assertThat(rig.readTarget()).isNull();
            assertThat(rig.write()).isEmpty();
        }
    }

    @Test
    void whatWasPipelinedFollowsTheHello() {
        try (StreamRig rig = StreamRig.connecting()) {
            rig.post(Frame.request(2).withBody(50));
            rig.post(Frame.request(3));
            rig.connect();

            assertThat(rig.state()).isEqualTo(State.OPEN);
            assertThat(rig.timeLeft()).isEqualTo(-1);
            assertThat(rig.stream.hello()).isNull();
            assertThat(rig.write())
                    .containsExactly(
                            Frame.helloRequest(1), Frame.request(2).withBody(50), Frame.request(3));
        }
    }

    @Test
    void nothingOvertakesTheHello() {
        try (StreamRig rig = StreamRig.connecting()) {
            rig.post(Frame.request(2));
            rig.post(Frame.signal(3).with(Frame.OUT_OF_BAND));
            rig.connect();
            rig.post(Frame.signal(4).with(Frame.OUT_OF_BAND));

            assertThat(rig.write()).extracting(Frame::id).containsExactly(1L, 3L, 4L, 2L);
        }
    }

    @Test
    void helloAndUrgentMessagesPostedInOneGoKeepThatOrder() {
        try (StreamRig rig = StreamRig.connecting()) {
            rig.offer(Frame.signal(3).with(Frame.OUT_OF_BAND));
            rig.post(Frame.request(2));
            rig.connect();

            assertThat(rig.write()).extracting(Frame::id).containsExactly(1L, 3L, 2L);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CONNECT_FAILED", "COMMUNICATION_FAILED", "UDS_PATH_NOT_FOUND"})
    void aRefusedHelloComesBackWithAllThatWasPipelined(Status reason) {
        try (StreamRig rig = StreamRig.connecting()) {
            rig.post(Frame.request(2));
            rig.post(Frame.signal(3).with(Frame.OUT_OF_BAND));

            rig.stream.onConnectFailed(reason, false);

            assertThat(rig.outlet.cameBack.getFirst())
                    .isEqualTo(Frame.helloRequest(1).with(Frame.ORIGIN).withStatus(reason.code()));
            rig.checkEnded(
                    true,
                    "HELLO_REQUEST 1 back " + reason,
                    "SIGNAL 3 urgent back " + reason,
                    "REQUEST 2 back " + reason,
                    "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void aHelloThatIsWrongInItselfComesBackAsItsResponse() {
        try (StreamRig rig = StreamRig.connecting()) {
            rig.stream.onConnectFailed(Status.INVALID_ADDRESS, true);

            rig.checkEnded(
                    true, "HELLO_RESPONSE 1 back INVALID_ADDRESS", "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void aConnectionThatTakesTooLongFails() {
        try (StreamRig rig = StreamRig.connecting()) {
            rig.pass(9);
            assertThat(rig.state()).isEqualTo(State.CONNECTING);

            rig.pass(1);

            rig.checkEnded(true, "HELLO_REQUEST 1 back CONNECT_TIMEOUT", "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void theHelloResponseGreets() {
        try (StreamRig rig = StreamRig.connecting()) {
            rig.connect();
            rig.write();
            assertThat(rig.stream.isGreeted()).isFalse();

            rig.receive(Frame.helloResponse(1));

            assertThat(rig.stream.isGreeted()).isTrue();
            assertThat(rig.outlet.fromPeer)
                    .containsExactly(Frame.helloResponse(1).received(StreamRig.NUMBER));
            assertThat(rig.timeLeft()).isEqualTo(-1);
        }
    }

    @Test
    void aServerMayTalkBeforeItAnswersTheHello() {
        try (StreamRig rig = StreamRig.connecting()) {
            rig.connect();
            rig.write();

            rig.receive(Frame.signal(5), Frame.helloResponse(1), Frame.signal(6));

            assertThat(rig.outlet.takeAll())
                    .containsExactly("SIGNAL 5", "HELLO_RESPONSE 1", "SIGNAL 6");
        }
    }

    // -- the server

    @Test
    void aServerWaitsForTheHelloAndNoLongerThanItsDeadline() {
        try (StreamRig rig = StreamRig.accepted()) {
            assertThat(rig.state()).isEqualTo(State.OPEN);
            assertThat(rig.stream.isGreeted()).isFalse();
            assertThat(rig.stream.hello()).isNull();
            assertThat(rig.timeLeft()).isEqualTo(20);
            rig.pass(19);
            assertThat(rig.state()).isEqualTo(State.OPEN);

            rig.pass(1);

            rig.checkEnded(true, "notice HANDSHAKE_TIMEOUT 0", "notice CHANNEL_CLOSED 0");
        }
    }

    @Test
    void aHelloInPiecesHasNoMoreTimeThanOneInOne() {
        try (StreamRig rig = StreamRig.accepted()) {
            byte[] hello = Frame.helloRequest(1).bytes();
            for (int i = 0; i < 19; i++) {
                rig.receive(new byte[] {hello[i]});
                rig.pass(1);
            }
            assertThat(rig.timeLeft()).isEqualTo(1);
            rig.pass(1);

            rig.checkEnded(true, "notice HANDSHAKE_TIMEOUT 0", "notice CHANNEL_CLOSED 0");
        }
    }

    @Test
    void theHelloRequestGreetsAndEndsTheWait() {
        try (StreamRig rig = StreamRig.accepted()) {
            rig.receive(Frame.helloRequest(8).with(Frame.ORIGIN).withStatus(3));

            assertThat(rig.stream.isGreeted()).isTrue();
            assertThat(rig.timeLeft()).isEqualTo(-1);
            assertThat(rig.outlet.fromPeer)
                    .containsExactly(Frame.helloRequest(8).received(StreamRig.NUMBER));
        }
    }

    @Test
    void requestsMayFollowTheHelloAtOnce() {
        try (StreamRig rig = StreamRig.accepted()) {
            rig.receive(Frame.helloRequest(1), Frame.request(2), Frame.byeRequest(3));

            assertThat(rig.outlet.takeAll())
                    .containsExactly("HELLO_REQUEST 1", "REQUEST 2", "BYE_REQUEST 3");
            assertThat(rig.state()).isEqualTo(State.BYE_RECEIVED);
        }
    }

    @Test
    void nothingOvertakesTheHelloResponse() {
        try (StreamRig rig = StreamRig.accepted()) {
            rig.receive(Frame.helloRequest(1));
            rig.post(Frame.helloResponse(1));
            rig.post(Frame.signal(2).with(Frame.OUT_OF_BAND));

            assertThat(rig.write())
                    .containsExactly(
                            Frame.helloResponse(1), Frame.signal(2).with(Frame.OUT_OF_BAND));
        }
    }

    @Test
    void theLastNoticeHasTheIdOfTheHello() {
        try (StreamRig rig = StreamRig.accepted()) {
            rig.receive(Frame.helloRequest(-5), Frame.request(9));
            rig.stream.onPeerClosed();

            rig.checkEnded(false, "HELLO_REQUEST -5", "REQUEST 9", "notice CHANNEL_CLOSED -5");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HANDSHAKE_TIMEOUT", "ALLOCATION_FAILED"})
    void anEvictedServerIsToldWhy(Status reason) {
        try (StreamRig rig = StreamRig.accepted()) {
            rig.receive(java.util.Arrays.copyOf(Frame.helloRequest(1).bytes(), 20));

            rig.stream.onEvicted(reason);
            rig.stream.onEvicted(reason);

            rig.checkEnded(true, "notice " + reason + " 0", "notice CHANNEL_CLOSED 0");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theNumberIsFreeOnceTheLastNoticeIsTaken(boolean client) {
        try (StreamRig rig = client ? StreamRig.client() : StreamRig.server()) {
            rig.receive(Frame.request(5));
            rig.stream.onPeerClosed();
            assertThat(rig.outlet.take()).isEqualTo("REQUEST 5");
            assertThat(rig.closedTaken).isZero();

            assertThat(rig.outlet.take()).isEqualTo("notice CHANNEL_CLOSED 1");
            assertThat(rig.closedTaken).isEqualTo(1);
        }
    }
}
