package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static tofu.engine.channel.SendQueue.Outcome.CLOSED;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The abrupt end: a ByeSignal closes the own side at once, and nothing of it travels.
class StreamAbortTest {
    @ParameterizedTest
    @EnumSource(names = {"OPEN", "BYE_SENT", "BYE_RECEIVED", "CLOSING"})
    void aByeSignalEndsTheStreamWhereverItStands(State state) {
        try (StreamRig rig = StreamRig.in(state)) {
            rig.post(Frame.byeSignal(9));

            assertThat(rig.write()).isEmpty();
            rig.checkEnded(
                    true, "BYE_SIGNAL 9 urgent back CHANNEL_CLOSED", "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void aByeSignalEndsConnecting() {
        try (StreamRig rig = StreamRig.connecting()) {
            rig.post(Frame.request(2), Frame.byeSignal(9));

            rig.checkEnded(
                    true,
                    "BYE_SIGNAL 9 urgent back CHANNEL_CLOSED",
                    "HELLO_REQUEST 1 back CHANNEL_CLOSED",
                    "REQUEST 2 back CHANNEL_CLOSED",
                    "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void aByeSignalRightBehindTheHelloEndsWhatHasNotBegun() {
        FakeOutlet outlet = new FakeOutlet();
        try (Memory memory = new Memory()) {
            Stream stream =
                    Stream.connecting(7, StreamRig.LIMITS, memory.ofLoop(), outlet, length -> {});
            for (Frame frame : new Frame[] {Frame.helloRequest(1), Frame.byeSignal(2)}) {
                stream.sendQueue()
                        .offer(memory.slot(frame, tofu.pool.Slot.Owner.LEASE), true, false);
            }
            stream.onPost(0);

            assertThat(stream.hello()).isNull();
            assertThat(outlet.takeAll())
                    .containsExactly(
                            "BYE_SIGNAL 2 urgent back CHANNEL_CLOSED",
                            "HELLO_REQUEST 1 back CHANNEL_CLOSED",
                            "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void aByeSignalEndsAServerThatWasNotGreeted() {
        try (StreamRig rig = StreamRig.accepted()) {
            rig.post(Frame.byeSignal(9));

            rig.checkEnded(
                    true, "BYE_SIGNAL 9 urgent back CHANNEL_CLOSED", "notice CHANNEL_CLOSED 0");
        }
    }

    @Test
    void whatIsUnsentComesBackInOrder() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(Frame.request(2).withBody(20), Frame.request(3), Frame.request(4));
            rig.write(10);
            rig.post(Frame.signal(5).with(Frame.OUT_OF_BAND));
            rig.offer(Frame.request(6));
            rig.offer(Frame.signal(7).with(Frame.OUT_OF_BAND));

            rig.post(Frame.byeSignal(9));

            rig.checkEnded(
                    true,
                    "BYE_SIGNAL 9 urgent back CHANNEL_CLOSED",
                    "SIGNAL 5 urgent back CHANNEL_CLOSED",
                    "SIGNAL 7 urgent back CHANNEL_CLOSED",
                    "REQUEST 2 +20 back CHANNEL_CLOSED",
                    "REQUEST 3 back CHANNEL_CLOSED",
                    "REQUEST 4 back CHANNEL_CLOSED",
                    "REQUEST 6 back CHANNEL_CLOSED",
                    "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void whatWasReceivedStaysDelivered() {
        try (StreamRig rig = StreamRig.client()) {
            rig.receive(Frame.request(5), Frame.request(6));
            byte[] half = java.util.Arrays.copyOf(Frame.request(7).withBody(9).bytes(), 20);
            rig.receive(half);

            rig.post(Frame.byeSignal(9));

            rig.checkEnded(
                    true,
                    "REQUEST 5",
                    "REQUEST 6",
                    "BYE_SIGNAL 9 urgent back CHANNEL_CLOSED",
                    "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void nothingIsTakenAfterTheEnd() {
        try (StreamRig rig = StreamRig.in(State.CLOSED)) {
            assertThat(rig.offer(Frame.request(2))).isEqualTo(CLOSED);
            assertThat(rig.offer(Frame.byeSignal(3))).isEqualTo(CLOSED);
            assertThat(rig.offer(Frame.helloResponse(4))).isEqualTo(CLOSED);
        }
    }

    @Test
    void nothingHappensAfterTheEnd() {
        try (StreamRig rig = StreamRig.in(State.CLOSED)) {
            rig.stream.onPost(rig.now);
            rig.stream.onTick(rig.now + 1_000_000);
            rig.stream.onPeerClosed();
            rig.stream.onReceiveFailure(tofu.api.Status.RECV_FAILED);
            rig.stream.onSendFailure(tofu.api.Status.SEND_FAILED, rig.now);
            rig.stream.onGroupClosed(rig.now);
            rig.stream.onEvicted(tofu.api.Status.HANDSHAKE_TIMEOUT);

            rig.checkEnded(false);
        }
    }
}
