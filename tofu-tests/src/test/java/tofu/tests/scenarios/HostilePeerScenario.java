package tofu.tests.scenarios;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import tofu.api.BinaryHeader;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawDoor;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// What a peer may not send.
///
/// Rows of the wire spec's section 5:
/// - "opCode 10..15 from a peer": `anUnknownOpCodeClosesTheChannel`
/// - "Welcome*, ByeSignal, HelloResponse out of turn; a first frame that is not HelloRequest":
///   `aFrameOutOfTurnClosesTheChannel`, `aFirstFrameThatIsNoHelloRequestClosesTheConnection`,
///   `aServerThatSpeaksOutOfTurnIsCutOff`, `junkIsTurnedAway`
/// - "origin=engine, a status, internal B from a peer": `aPeerCannotSpeakInTheEnginesName`
/// - "id 0 in a Request; more=1 on hello/bye": `anIdOfZeroThatAsksForAnAnswerClosesTheChannel`,
///   `moreOnAHelloOrByeClosesTheChannel`, `aSignalNeedsNoId`
class HostilePeerScenario {
    private static final long HELLO = 1;

    @RegisterExtension final Stage stage = new Stage();

    /// A frame that a peer may not send, and what its channel is closed with.
    private static Arguments row(Transport transport, Frame frame, Status reason) {
        return Arguments.of(transport, frame, reason);
    }

    private static Stream<Transport> transports() {
        return Arrays.stream(Transport.values());
    }

    private static Stream<Arguments> overBoth(Status reason, List<Frame> frames) {
        return transports().flatMap(t -> frames.stream().map(frame -> row(t, frame, reason)));
    }

    static Stream<Arguments> unknownOpCodes() {
        List<Frame> frames =
                IntStream.rangeClosed(10, 15)
                        .mapToObj(code -> Frame.of(OpCode.REQUEST, 5, "body").withOpCode(code))
                        .toList();
        return overBoth(Status.INVALID_OP_CODE, frames);
    }

    @ParameterizedTest
    @MethodSource("unknownOpCodes")
    void anUnknownOpCodeClosesTheChannel(Transport transport, Frame frame, Status reason) {
        expectCutOff(transport, frame, reason);
        expectTurnedAway(transport, frame, reason);
    }

    static Stream<Arguments> framesOutOfTurn() {
        return overBoth(
                Status.INVALID_MESSAGE,
                List.of(
                        Frame.of(OpCode.WELCOME_REQUEST, 5)
                                .withHeaders("~listen_on:tcp|127.0.0.1|0\r\n"),
                        Frame.of(OpCode.WELCOME_RESPONSE, 5),
                        Frame.of(OpCode.BYE_SIGNAL, 5),
                        Frame.of(OpCode.BYE_SIGNAL, 5).withFlags(Frame.OUT_OF_BAND),
                        Frame.of(OpCode.HELLO_RESPONSE, HELLO),
                        Frame.hello(HELLO)));
    }

    @ParameterizedTest
    @MethodSource("framesOutOfTurn")
    void aFrameOutOfTurnClosesTheChannel(Transport transport, Frame frame, Status reason) {
        expectCutOff(transport, frame, reason);
    }

    static Stream<Arguments> firstFramesThatAreNoHello() {
        return overBoth(
                Status.INVALID_MESSAGE,
                List.of(
                        Frame.of(OpCode.REQUEST, 5, "abc"),
                        Frame.of(OpCode.RESPONSE, 5),
                        Frame.of(OpCode.SIGNAL, 5),
                        Frame.of(OpCode.HELLO_RESPONSE, 5),
                        Frame.of(OpCode.BYE_REQUEST, 5),
                        Frame.of(OpCode.BYE_RESPONSE, 5),
                        Frame.of(OpCode.BYE_SIGNAL, 5),
                        Frame.of(OpCode.WELCOME_REQUEST, 5),
                        Frame.of(OpCode.WELCOME_RESPONSE, 5)));
    }

    @ParameterizedTest
    @MethodSource("firstFramesThatAreNoHello")
    void aFirstFrameThatIsNoHelloRequestClosesTheConnection(
            Transport transport, Frame frame, Status reason) {
        expectTurnedAway(transport, frame, reason);
    }

    static Stream<Arguments> framesThatNoServerSends() {
        return overBoth(
                Status.INVALID_MESSAGE,
                List.of(
                        Frame.hello(HELLO),
                        Frame.of(OpCode.WELCOME_REQUEST, 5),
                        Frame.of(OpCode.WELCOME_RESPONSE, 5),
                        Frame.of(OpCode.BYE_SIGNAL, 5),
                        Frame.of(OpCode.HELLO_RESPONSE, 5)));
    }

    @ParameterizedTest
    @MethodSource("framesThatNoServerSends")
    void aServerThatSpeaksOutOfTurnIsCutOff(Transport transport, Frame frame, Status reason) {
        Peer client = stage.peer();
        RawDoor door = stage.rawDoor(transport);
        BinaryHeader hello = client.sayHello(door.address());
        RawPeer raw = stage.accept(door);
        assertThat(raw.receive().id()).isEqualTo(hello.id());
        raw.send(Frame.of(OpCode.HELLO_RESPONSE, hello.id()));
        client.expect(OpCode.HELLO_RESPONSE, hello.id());

        raw.send(frame);

        client.expectNotice(reason, hello.channel());
        client.expectClosed(hello.channel(), hello.id());
        raw.expectEnd();
    }

    @ParameterizedTest
    @EnumSource
    void aPeerCannotSpeakInTheEnginesName(Transport transport) {
        Peer server = stage.peer();
        RawPeer raw = stage.raw(server.listen(transport).address());
        int spoof = Frame.ORIGIN | Frame.INTERNAL_B;
        raw.send(Frame.hello(HELLO).withFlags(spoof).withStatus(22));
        raw.send(Frame.of(OpCode.SIGNAL, 5).withFlags(spoof).withStatus(22));
        raw.send(Frame.of(OpCode.SIGNAL, 6).withFlags(spoof | Frame.OUT_OF_BAND).withStatus(255));
        raw.send(Frame.of(OpCode.SIGNAL, 7).onChannel(0), Frame.of(OpCode.SIGNAL, 8).onChannel(-1));

        int channel = server.expect(OpCode.HELLO_REQUEST, HELLO).channel();
        for (int id = 5; id <= 8; id++) {
            Received signal = server.expect(OpCode.SIGNAL, id);
            assertThat(signal.header())
                    .isEqualTo(
                            new BinaryHeader(
                                    channel,
                                    OpCode.SIGNAL,
                                    Origin.APPLICATION,
                                    false,
                                    id == 6,
                                    Status.SUCCESS,
                                    id,
                                    0,
                                    0));
        }
        server.say(OpCode.SIGNAL, channel, 9);
        raw.expect(Frame.of(OpCode.SIGNAL, 9));
    }

    static Stream<Arguments> framesWithoutId() {
        return overBoth(
                Status.INVALID_MESSAGE_ID,
                List.of(
                        Frame.of(OpCode.REQUEST, 0),
                        Frame.of(OpCode.RESPONSE, 0),
                        Frame.of(OpCode.BYE_REQUEST, 0),
                        Frame.of(OpCode.BYE_RESPONSE, 0)));
    }

    @ParameterizedTest
    @MethodSource("framesWithoutId")
    void anIdOfZeroThatAsksForAnAnswerClosesTheChannel(
            Transport transport, Frame frame, Status reason) {
        expectCutOff(transport, frame, reason);
        expectTurnedAway(transport, Frame.hello(0), reason);
    }

    @ParameterizedTest
    @EnumSource
    void aSignalNeedsNoId(Transport transport) {
        Peer server = stage.peer();
        RawPeer raw = stage.raw(server.listen(transport).address());
        raw.send(Frame.hello(HELLO), Frame.of(OpCode.SIGNAL, 0));
        server.expect(OpCode.HELLO_REQUEST, HELLO);
        server.expect(OpCode.SIGNAL, 0);
    }

    static Stream<Arguments> byesWithMore() {
        return overBoth(
                Status.INVALID_MORE_USAGE,
                List.of(
                        Frame.of(OpCode.BYE_REQUEST, 5).withFlags(Frame.MORE),
                        Frame.of(OpCode.BYE_RESPONSE, 5).withFlags(Frame.MORE)));
    }

    @ParameterizedTest
    @MethodSource("byesWithMore")
    void moreOnAHelloOrByeClosesTheChannel(Transport transport, Frame frame, Status reason) {
        expectCutOff(transport, frame, reason);
        expectTurnedAway(transport, Frame.hello(HELLO).withFlags(Frame.MORE), reason);
    }

    @ParameterizedTest
    @EnumSource
    void junkIsTurnedAway(Transport transport) {
        Peer server = stage.peer();
        String address = server.listen(transport).address();
        byte[] ones = new byte[64];
        Arrays.fill(ones, (byte) 0xFF);
        List<byte[]> junk =
                List.of(
                        new byte[16],
                        ones,
                        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII));
        for (byte[] bytes : junk) {
            RawPeer raw = stage.raw(address).send(bytes);
            Received reason = server.next();
            assertThat(reason.isFromEngine()).isTrue();
            assertThat(server.untilClosed(reason.channel())).isEmpty();
            raw.expectEnding();
        }
    }

    // ---- what each of them means

    /// After the hello: the application is told why, and that the channel is closed; what came
    /// before is delivered, what comes after is not.
    private void expectCutOff(Transport transport, Frame frame, Status reason) {
        Peer server = stage.peer();
        RawPeer raw = stage.raw(server.listen(transport).address());
        raw.send(Frame.hello(HELLO));
        raw.send(Frame.of(OpCode.SIGNAL, 4), frame, Frame.of(OpCode.SIGNAL, 6));

        int channel = server.expect(OpCode.HELLO_REQUEST, HELLO).channel();
        server.expect(OpCode.SIGNAL, 4);
        assertThat(server.expectNotice(reason, channel).id()).isEqualTo(HELLO);
        server.expectClosed(channel, HELLO);
        raw.expectEnding();
        server.expectNothing();
    }

    /// Instead of the hello: the same, with the id 0.
    private void expectTurnedAway(Transport transport, Frame frame, Status reason) {
        Peer server = stage.peer();
        RawPeer raw = stage.raw(server.listen(transport).address());
        raw.send(frame);
        Received notice = server.next();
        assertThat(notice.status()).isEqualTo(reason);
        assertThat(notice.isFromEngine()).isTrue();
        server.expectClosed(notice.channel(), 0);
        raw.expectEnding();
        server.expectNothing();
    }
}
