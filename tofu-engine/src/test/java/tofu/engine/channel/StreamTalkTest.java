package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static tofu.engine.channel.SendQueue.Outcome.ACCEPTED;
import static tofu.engine.channel.SendQueue.Outcome.FULL;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamTalkTest {
    private static Frame[] requests(long from, long to) {
        return LongStream.rangeClosed(from, to).mapToObj(Frame::request).toArray(Frame[]::new);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void messagesTravelAsTheyWereEnqueuedAndInOrder(boolean client) {
        try (StreamRig rig = client ? StreamRig.client() : StreamRig.server()) {
            Frame[] frames = {
                Frame.request(5).with(Frame.MORE).withHeaders("a:b\r\n").withBody(3),
                Frame.request(5),
                Frame.signal(0).withBody(9_000),
                Frame.of(tofu.api.OpCode.RESPONSE, -1).withBody(65_535)
            };
            rig.post(frames);

            assertThat(rig.write()).containsExactly(frames);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatThePeerSendsIsDeliveredInOrderAndCleaned(boolean client) {
        try (StreamRig rig = client ? StreamRig.client() : StreamRig.server()) {
            Frame[] frames = {
                Frame.request(5).with(Frame.MORE | Frame.OUT_OF_BAND).withBody(3),
                Frame.signal(0).with(Frame.ORIGIN | Frame.INTERNAL_B).withStatus(22),
                Frame.of(tofu.api.OpCode.RESPONSE, -1).withHeaders("x:y\r\n").withBody(65_535)
            };
            rig.outlet.fromPeer.clear();
            rig.receive(frames);

            assertThat(rig.outlet.fromPeer)
                    .isEqualTo(
                            List.of(frames).stream()
                                    .map(frame -> frame.received(StreamRig.NUMBER))
                                    .toList());
        }
    }

    @Test
    void outOfBandMessagesOvertakeWhatHasNotBegun() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(requests(2, 4));
            assertThat(rig.write(20)).isEqualTo(20); // 3 is under way
            rig.post(
                    Frame.signal(5).with(Frame.OUT_OF_BAND),
                    Frame.request(6),
                    Frame.signal(7).with(Frame.OUT_OF_BAND));

            assertThat(rig.write()).extracting(Frame::id).containsExactly(2L, 3L, 5L, 7L, 4L, 6L);
        }
    }

    @Test
    void aMessageCountsInTheQueueUntilTheKernelHasItsLastByte() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(requests(2, 9));
            assertThat(rig.offer(Frame.request(10))).isEqualTo(FULL);

            rig.write(15);
            assertThat(rig.offer(Frame.request(10))).isEqualTo(FULL);
            rig.write(1);
            assertThat(rig.offer(Frame.request(10))).isEqualTo(ACCEPTED);
            assertThat(rig.offer(Frame.request(11))).isEqualTo(FULL);
        }
    }

    // -- the notice of room

    @Test
    void whoWasRefusedIsToldOnceWhenHalfIsSent() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(requests(2, 9));
            assertThat(rig.offer(Frame.request(10))).isEqualTo(FULL);
            assertThat(rig.offer(Frame.request(11))).isEqualTo(FULL);

            rig.write(3 * 16);
            assertThat(rig.outlet.takeAll()).isEmpty();
            rig.write(16);
            assertThat(rig.outlet.takeAll()).containsExactly("notice SEND_QUEUE_READY 1");
            rig.write();
            assertThat(rig.outlet.takeAll()).isEmpty();
        }
    }

    @Test
    void whoeverIsNotRefusedIsToldNothing() {
        try (StreamRig rig = StreamRig.client()) {
            rig.post(requests(2, 9));
            rig.write();

            assertThat(rig.outlet.takeAll()).isEmpty();
        }
    }

    @Test
    void aNoticeOfRoomThatWasNotTakenStandsForTheNextOneToo() {
        try (StreamRig rig = StreamRig.client()) {
            for (int round = 0; round < 3; round++) {
                rig.post(requests(2, 9));
                assertThat(rig.offer(Frame.request(10))).isEqualTo(FULL);
                rig.write();
            }
            assertThat(rig.outlet.takeAll()).containsExactly("notice SEND_QUEUE_READY 1");

            rig.post(requests(2, 9));
            assertThat(rig.offer(Frame.request(10))).isEqualTo(FULL);
            rig.write();
            assertThat(rig.outlet.takeAll()).containsExactly("notice SEND_QUEUE_READY 1");
        }
    }

    @Test
    void aServersNoticeOfRoomHasTheIdOfTheHello() {
        try (StreamRig rig = StreamRig.accepted()) {
            rig.receive(Frame.helloRequest(99));
            rig.outlet.takeAll();
            rig.post(Frame.helloResponse(99));
            rig.post(requests(2, 8));
            assertThat(rig.offer(Frame.request(10))).isEqualTo(FULL);
            rig.write();

            assertThat(rig.outlet.takeAll()).containsExactly("notice SEND_QUEUE_READY 99");
        }
    }

    @Test
    void aQueueThatFilledWhileConnectingTellsOfRoomOnceItIsSent() {
        try (StreamRig rig = StreamRig.connecting()) {
            rig.post(requests(2, 8));
            assertThat(rig.offer(Frame.request(9))).isEqualTo(FULL);
            rig.connect();
            rig.write();

            assertThat(rig.outlet.takeAll()).containsExactly("notice SEND_QUEUE_READY 1");
        }
    }
}
