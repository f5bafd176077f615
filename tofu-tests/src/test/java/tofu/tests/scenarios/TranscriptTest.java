package tofu.tests.scenarios;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.BinaryHeader;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawDoor;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;
import tofu.tests.scenarios.Transcript.Sent;

/// The recordings of the Zig reference, replayed from both sides: each time one side is our engine,
/// the other a raw socket that sends the recorded bytes and expects them, channel numbers apart.
///
/// The address header is that of the recording; only where our client has to reach us, its port is
/// ours. What happens to the sockets at the end is ours: [Finale] says how and why.
class TranscriptTest {
    /// How our side, or the raw one, ends a replay.
    enum Finale {
        /// Wire spec, section 5, row "close": the reference breaks the connection, we end it.
        WE_END_THE_STREAM,
        /// A ByeSignal: both break the connection.
        WE_BREAK_THE_CONNECTION,
        /// Row "ByeSignal out of turn": the reference lets it travel, we close instead.
        WE_REFUSE_THE_BYE_SIGNAL,
        /// The other side goes, as it did in the recording.
        THEY_BREAK_THE_CONNECTION,
        /// Row "close": our application closes its group, and the peer sees the end of the stream.
        WE_CLOSE_THE_GROUP
    }

    /// The recordings, and how a replay ends when our engine is the client, and the server.
    enum Recording {
        HELLO("01-hello", Finale.WE_END_THE_STREAM, Finale.THEY_BREAK_THE_CONNECTION),
        REQ_RESP("02-req-resp", Finale.WE_END_THE_STREAM, Finale.THEY_BREAK_THE_CONNECTION),
        MORE("03-more", Finale.WE_END_THE_STREAM, Finale.THEY_BREAK_THE_CONNECTION),
        SIGNAL("04-signal", Finale.WE_END_THE_STREAM, Finale.THEY_BREAK_THE_CONNECTION),
        BYE_SIGNAL(
                "05-byesignal-client",
                Finale.WE_BREAK_THE_CONNECTION,
                Finale.THEY_BREAK_THE_CONNECTION),
        /// Ours never travels, whatever its out-of-band flag says; theirs is refused.
        RAW_BYE_SIGNAL(
                "06-byesignal-raw",
                Finale.WE_BREAK_THE_CONNECTION,
                Finale.WE_REFUSE_THE_BYE_SIGNAL),
        SERVERS_BYE_SIGNAL(
                "07-byesignal-server",
                Finale.THEY_BREAK_THE_CONNECTION,
                Finale.WE_BREAK_THE_CONNECTION),
        SERVERS_BYE(
                "08-byerequest-server", Finale.THEY_BREAK_THE_CONNECTION, Finale.WE_END_THE_STREAM),
        REJECTED_BY_BYE_REQUEST(
                "09-reject-byereq", Finale.WE_CLOSE_THE_GROUP, Finale.THEY_BREAK_THE_CONNECTION),
        REJECTED_BY_BYE_RESPONSE(
                "09-reject-byeresp", Finale.WE_END_THE_STREAM, Finale.THEY_BREAK_THE_CONNECTION),
        REJECTED_BY_BYE_SIGNAL(
                "09-reject-byesignal",
                Finale.THEY_BREAK_THE_CONNECTION,
                Finale.WE_BREAK_THE_CONNECTION),
        REJECTED_SILENTLY(
                "09-reject-silent", Finale.WE_CLOSE_THE_GROUP, Finale.THEY_BREAK_THE_CONNECTION),
        REJECTED_BY_HEADER(
                "09-reject-status", Finale.WE_CLOSE_THE_GROUP, Finale.THEY_BREAK_THE_CONNECTION),
        SERVER_INITIATED(
                "10-server-initiated", Finale.WE_END_THE_STREAM, Finale.THEY_BREAK_THE_CONNECTION),
        OUT_OF_BAND("11-oob", Finale.WE_END_THE_STREAM, Finale.THEY_BREAK_THE_CONNECTION),
        ABRUPT_EXIT(
                "12-abrupt-client-exit",
                Finale.WE_CLOSE_THE_GROUP,
                Finale.THEY_BREAK_THE_CONNECTION),
        /// Row "crossing ByeRequests": the reference waits for ever, each of our sides ends its
        /// direction and waits for the other's end.
        CROSSING_BYE("14-crossing-bye", Finale.WE_END_THE_STREAM, Finale.WE_END_THE_STREAM),
        PIPELINED(
                "15-pipelined-after-hello",
                Finale.WE_END_THE_STREAM,
                Finale.THEY_BREAK_THE_CONNECTION);

        final String file;
        final Finale asClient;
        final Finale asServer;

        Recording(String file, Finale asClient, Finale asServer) {
            this.file = file;
            this.asClient = asClient;
            this.asServer = asServer;
        }
    }

    private static final Pattern RECORDED =
            Pattern.compile("^~connect_to:tcp\\|127.0.0.1\\|\\d{5}");

    @RegisterExtension final Stage stage = new Stage();

    @ParameterizedTest
    @EnumSource
    void ourServerTalksToTheRecordedClient(Recording recording) {
        Peer server = stage.peer();
        RawPeer client = stage.raw(server.listen(Transport.TCP).address());
        int channel = 0;
        for (Sent sent : Transcript.read(recording.file).sent()) {
            Frame frame = sent.frame();
            if (frame.opCode() == OpCode.BYE_SIGNAL.code()) {
                client.send(frame);
            } else if (sent.byClient()) {
                client.send(frame);
                Received received = server.next();
                channel = received.channel();
                assertThat(received).isEqualTo(Received.of(frame, channel));
            } else {
                say(server, channel, frame);
                client.expect(frame);
            }
        }
        finish(recording.asServer, server, channel, client);
        if (recording.asServer == Finale.WE_BREAK_THE_CONNECTION) {
            server.expectReturned(OpCode.BYE_SIGNAL, 2, Status.CHANNEL_CLOSED);
        }
        server.expectClosed(channel, 1);
    }

    @ParameterizedTest
    @EnumSource
    void ourClientTalksToTheRecordedServer(Recording recording) {
        Transcript transcript = Transcript.read(recording.file);
        Peer client = stage.peer();
        RawDoor door = stage.rawDoor(Transport.TCP);
        List<String> seen = new ArrayList<>();
        RawPeer server = null;
        int channel = 0;
        for (Sent sent : transcript.sent()) {
            Frame frame = withOurPort(sent.frame(), door.address());
            if (server == null) {
                channel = say(client, 0, frame).channel();
                server = stage.accept(door);
                server.expect(frame);
            } else if (frame.opCode() == OpCode.BYE_SIGNAL.code()) {
                break;
            } else if (sent.byClient()) {
                say(client, channel, frame);
                server.expect(frame);
            } else {
                server.send(sent.frame());
                seen.add(Transcript.seen(client.next()));
            }
        }
        assertThat(server).isNotNull();
        finish(recording.asClient, client, channel, server);
        if (recording.asClient != Finale.WE_CLOSE_THE_GROUP) {
            for (Received before : client.untilClosed(channel)) {
                seen.add(Transcript.seen(before));
            }
            seen.add("Signal engine more=0 oob=0 status=22 id=1 headers=0 body=0");
        }
        assertThat(seen).isEqualTo(expectedToBeSeen(recording, transcript));
    }

    /// What the reference's client saw, but for the endings that it never reached.
    private static List<String> expectedToBeSeen(Recording recording, Transcript transcript) {
        List<String> expected = new ArrayList<>(transcript.seen());
        switch (recording) {
            case RAW_BYE_SIGNAL ->
                    expected.add("ByeSignal engine more=0 oob=1 status=22 id=2 headers=0 body=0");
            case CROSSING_BYE -> {}
            default -> {
                return expected;
            }
        }
        expected.add("Signal engine more=0 oob=0 status=22 id=1 headers=0 body=0");
        return expected;
    }

    private void finish(Finale finale, Peer ours, int channel, RawPeer theirs) {
        switch (finale) {
            case WE_END_THE_STREAM -> {
                theirs.expectEnd();
                assertThat(ours.refusal(OpCode.BYE_RESPONSE, channel, m -> m.id(77)))
                        .isEqualTo(Status.CHANNEL_CLOSED);
                theirs.finish();
            }
            case WE_BREAK_THE_CONNECTION -> {
                ours.say(OpCode.BYE_SIGNAL, channel, m -> m.id(2).outOfBand(false));
                assertThat(theirs.expectEnding()).isEqualTo(RawPeer.Ending.RESET);
            }
            case WE_REFUSE_THE_BYE_SIGNAL -> {
                ours.expectNotice(Status.INVALID_MESSAGE, channel);
                theirs.expectEnd();
            }
            case THEY_BREAK_THE_CONNECTION -> theirs.reset();
            case WE_CLOSE_THE_GROUP -> {
                Running<Boolean> closing = Running.run(ours.group()::close);
                theirs.expectEnd();
                theirs.reset();
                closing.result();
            }
        }
    }

    /// Enqueues what makes a frame, id included.
    private static BinaryHeader say(Peer peer, int channel, Frame frame) {
        OpCode opCode = OpCode.of(frame.opCode());
        assertThat(opCode).isNotNull();
        return peer.say(opCode, channel, message -> fill(message, frame));
    }

    private static void fill(Message message, Frame frame) {
        message.id(frame.id());
        message.more((frame.proto() & Frame.MORE) != 0);
        message.outOfBand((frame.proto() & Frame.OUT_OF_BAND) != 0);
        for (String line : frame.headers().lines().toList()) {
            int colon = line.indexOf(':');
            message.headers().append(line.substring(0, colon), line.substring(colon + 1));
        }
        message.body().append(frame.body().getBytes(ISO_8859_1));
    }

    private static Frame withOurPort(Frame frame, String address) {
        return frame.withHeaders(
                RECORDED.matcher(frame.headers())
                        .replaceFirst(Matcher.quoteReplacement("~connect_to:" + address)));
    }
}
