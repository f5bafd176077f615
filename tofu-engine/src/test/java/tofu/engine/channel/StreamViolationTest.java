package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.OpCode;
import tofu.api.Status;

/// What a peer may not send, and what becomes of it (the wire spec, section 5).
class StreamViolationTest {
    static Stream<Arguments> violations() {
        return Stream.of(
                Arguments.of(Frame.request(9).withOpCode(10), Status.INVALID_OP_CODE),
                Arguments.of(Frame.request(9).withOpCode(15), Status.INVALID_OP_CODE),
                Arguments.of(Frame.request(0), Status.INVALID_MESSAGE_ID),
                Arguments.of(Frame.of(OpCode.RESPONSE, 0), Status.INVALID_MESSAGE_ID),
                Arguments.of(Frame.byeRequest(0), Status.INVALID_MESSAGE_ID),
                Arguments.of(Frame.byeRequest(9).with(Frame.MORE), Status.INVALID_MORE_USAGE),
                Arguments.of(Frame.byeResponse(9).with(Frame.MORE), Status.INVALID_MORE_USAGE),
                Arguments.of(Frame.byeSignal(9), Status.INVALID_MESSAGE),
                Arguments.of(Frame.of(OpCode.WELCOME_REQUEST, 9), Status.INVALID_MESSAGE),
                Arguments.of(Frame.of(OpCode.WELCOME_RESPONSE, 9), Status.INVALID_MESSAGE),
                Arguments.of(Frame.helloRequest(9), Status.INVALID_MESSAGE),
                Arguments.of(Frame.helloResponse(9), Status.INVALID_MESSAGE));
    }

    private static void checkRefused(StreamRig rig, Frame violation, Status expected, long id) {
        int delivered = rig.outlet.fromPeer.size();
        byte[] bytes = Frame.encode(violation.withBody(30), Frame.request(10));
        rig.receive(bytes);

        assertThat(rig.outlet.fromPeer).as("delivered").hasSize(delivered);
        rig.checkEnded(false, "notice " + expected + " " + id, "notice CHANNEL_CLOSED " + id);
    }

    @ParameterizedTest
    @MethodSource("violations")
    void aGreetedServerClosesTheChannel(Frame violation, Status expected) {
        try (StreamRig rig = StreamRig.server()) {
            checkRefused(rig, violation, expected, 1);
        }
    }

    @ParameterizedTest
    @MethodSource("violations")
    void aGreetedClientClosesTheChannel(Frame violation, Status expected) {
        try (StreamRig rig = StreamRig.client()) {
            checkRefused(rig, violation, expected, 1);
        }
    }

    @ParameterizedTest
    @EnumSource(
            names = {"HELLO_REQUEST"},
            mode = EnumSource.Mode.EXCLUDE)
    void aServersFirstFrameIsAHelloRequestOrAViolation(OpCode opCode) {
        try (StreamRig rig = StreamRig.accepted()) {
            checkRefused(rig, Frame.of(opCode, 9), Status.INVALID_MESSAGE, 0);
        }
    }

    @Test
    void aHelloRequestIsNothingForAClient() {
        try (StreamRig rig = StreamRig.connecting()) {
            rig.connect();
            rig.write();

            checkRefused(rig, Frame.helloRequest(9), Status.INVALID_MESSAGE, 1);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"REQUEST", "SIGNAL", "BYE_REQUEST", "BYE_RESPONSE"})
    void nothingMayFollowAPeersByeRequest(OpCode opCode) {
        try (StreamRig rig = StreamRig.in(State.BYE_RECEIVED)) {
            checkRefused(rig, Frame.of(opCode, 9), Status.INVALID_MESSAGE, 1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothingMayFollowAPeersByeRequestWhenWeHaveAnswered(boolean unasked) {
        try (StreamRig rig = StreamRig.client()) {
            if (unasked) {
                rig.post(Frame.byeResponse(2));
                rig.receive(Frame.byeRequest(3));
            } else {
                rig.receive(Frame.byeRequest(3));
                rig.post(Frame.byeResponse(3));
            }
            rig.write();
            rig.outlet.takeAll();

            checkRefused(rig, Frame.request(9), Status.INVALID_MESSAGE, 1);
        }
    }

    @Test
    void nothingMayFollowACrossingByeWhenOurDirectionHasEnded() {
        try (StreamRig rig = StreamRig.in(State.BYE_SENT)) {
            rig.receive(Frame.byeRequest(3));
            rig.outlet.takeAll();
            assertThat(rig.stream.wantsShutdown()).isTrue();

            checkRefused(rig, Frame.request(9), Status.INVALID_MESSAGE, 1);
        }
    }

    @Test
    void nothingMayFollowAPeersByeInTheSameBytes() {
        try (StreamRig rig = StreamRig.server()) {
            rig.receive(Frame.encode(Frame.byeRequest(2), Frame.request(3)));

            rig.checkEnded(
                    false, "BYE_REQUEST 2", "notice INVALID_MESSAGE 1", "notice CHANNEL_CLOSED 1");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 3})
    void whatFollowsAByeResponseCountsForNothingWhereverItIsCut(long id) {
        byte[] bytes = Frame.encode(Frame.byeResponse(2), Frame.request(id));
        for (int cut = 0; cut <= bytes.length; cut++) {
            try (StreamRig rig = StreamRig.in(State.BYE_SENT)) {
                rig.receive(java.util.Arrays.copyOf(bytes, cut));
                rig.receive(java.util.Arrays.copyOfRange(bytes, cut, bytes.length));

                rig.checkEnded(false, "BYE_RESPONSE 2", "notice CHANNEL_CLOSED 1");
            }
        }
    }

    @Test
    void whatFollowsACrossingByeIsRefusedWhereverItIsCut() {
        byte[] bytes = Frame.encode(Frame.byeRequest(2), Frame.request(3));
        for (int cut = 0; cut <= bytes.length; cut++) {
            try (StreamRig rig = StreamRig.in(State.BYE_SENT)) {
                rig.receive(java.util.Arrays.copyOf(bytes, cut));
                rig.receive(java.util.Arrays.copyOfRange(bytes, cut, bytes.length));

                rig.checkEnded(
                        false,
                        "BYE_REQUEST 2",
                        "notice INVALID_MESSAGE 1",
                        "notice CHANNEL_CLOSED 1");
            }
        }
    }

    @Test
    void whatIsUnsentComesBackWithTheReason() {
        try (StreamRig rig = StreamRig.server()) {
            rig.post(Frame.request(2).withBody(9), Frame.request(3));
            rig.write(5);
            rig.offer(Frame.request(4));

            rig.receive(Frame.encode(Frame.request(0)));

            rig.checkEnded(
                    false,
                    "REQUEST 2 +9 back INVALID_MESSAGE_ID",
                    "REQUEST 3 back INVALID_MESSAGE_ID",
                    "REQUEST 4 back INVALID_MESSAGE_ID",
                    "notice INVALID_MESSAGE_ID 1",
                    "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void whatCameBeforeStaysDelivered() {
        try (StreamRig rig = StreamRig.server()) {
            rig.receive(Frame.encode(Frame.request(2), Frame.signal(3), Frame.request(0)));

            rig.checkEnded(
                    false,
                    "REQUEST 2",
                    "SIGNAL 3",
                    "notice INVALID_MESSAGE_ID 1",
                    "notice CHANNEL_CLOSED 1");
        }
    }

    @Test
    void aViolationNeedsNoMoreThanItsHeader() {
        try (StreamRig rig = StreamRig.accepted()) {
            byte[] longest =
                    Frame.request(9).withHeaders("h".repeat(65_535)).withBody(65_535).bytes();

            rig.receive(java.util.Arrays.copyOf(longest, 16));

            rig.checkEnded(false, "notice INVALID_MESSAGE 0", "notice CHANNEL_CLOSED 0");
        }
    }
}
