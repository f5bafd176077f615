package tofu.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Secured;
import tofu.tests.rigs.Stage;

/// Records of TLS 1.3 that are well encrypted, and that no decent peer sends.
class TlsRecordScenario {
    private static final String LISTEN = "tls|127.0.0.1|0";

    @RegisterExtension final Stage stage = new Stage();

    private static final byte[] NOTHING = {};
    private static final byte[] ASKS_FOR_NO_ANSWER = {24, 0, 0, 1, 0};

    /// More changes of keys than a peer may make that sends no data.
    private static final int ROUNDS = 700;

    /// As many data as pay for one of them.
    private static final Duration CALM = Duration.ofMillis(200);
    /// The JDK refuses longer ones, and their room is bounded by that.
    private static final int MOST_BYTES = 17 << 10;

    private static final String MUCH = "much".repeat(7_500);

    @ParameterizedTest
    @CsvSource({"1, 0", "1, 300", "1, 16000", "50, 16000"})
    void recordsMayBeLittleButPadding(int contentBytes, int paddingBytes) throws Exception {
        Peer server = stage.peer(Secured.server());
        String address = server.listen(LISTEN).address();
        byte[] bytes =
                Frame.concat(Frame.hello(1), Frame.of(OpCode.SIGNAL, 2, "behind much of nothing"));
        try (Handmade client = Handmade.connect(address)) {
            for (int at = 0; at < bytes.length; at += contentBytes) {
                int end = Math.min(at + contentBytes, bytes.length);
                client.send(Handmade.DATA, Arrays.copyOfRange(bytes, at, end), paddingBytes);
            }
            Received hello = server.expect(OpCode.HELLO_REQUEST, 1);
            assertThat(server.expect(OpCode.SIGNAL, 2).body()).isEqualTo("behind much of nothing");
            server.say(OpCode.BYE_SIGNAL, hello.channel());
            server.untilClosed(hello.channel());
        }
    }

    @Test
    void whoChangesKeysForEverIsCutOff() throws Exception {
        Peer server = stage.peer(Secured.server());
        String address = server.listen(LISTEN).address();
        try (Handmade client = Handmade.connect(address)) {
            Thread flood = Thread.ofPlatform().daemon().start(() -> changeKeysForEver(client));
            Received notice = server.next();
            assertThat(notice.status()).isEqualTo(Status.TLS_FAILED);
            assertThat(notice.required(Status.CAUSE)).contains("too much without data");
            server.expectClosed(notice.channel(), 0);
            assertThat(flood.join(Peer.PATIENCE)).as("it is cut off").isTrue();
        }
        Link.open(stage.peer(Secured.client()), server, address).bye();
    }

    private static void changeKeysForEver(Handmade client) {
        try {
            while (true) {
                client.sendUpdate(ASKS_FOR_NO_ANSWER);
            }
        } catch (IOException cut) {
            // That is what ends it.
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /// The JDK takes so many changes of keys in one record, and makes keys for each of them.
    @Test
    void thousandsOfNewKeysInOneRecordAreTheLast() throws Exception {
        Peer server = stage.peer(Secured.server());
        String address = server.listen(LISTEN).address();
        byte[] updates = new byte[16_380];
        for (int at = 0; at < updates.length; at += ASKS_FOR_NO_ANSWER.length) {
            System.arraycopy(ASKS_FOR_NO_ANSWER, 0, updates, at, ASKS_FOR_NO_ANSWER.length);
        }
        try (Handmade client = Handmade.connect(address)) {
            client.send(Handmade.DATA, Frame.concat(Frame.hello(1)), 0);
            Received hello = server.expect(OpCode.HELLO_REQUEST, 1);
            client.send(Handmade.HANDSHAKE, updates, 0);
            server.expectNotice(Status.TLS_FAILED, hello.channel());
            server.expectClosed(hello.channel(), 1);
        }
        Link.open(stage.peer(Secured.client()), server, address).bye();
    }

    /// Each of them makes the other end compute a key, and, if it is asked for, answer with a
    /// record that this peer never reads.
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void newKeysWithoutEndHoldUpNobody(int asksForAnswer) throws Exception {
        Peer server = stage.peer(Secured.server());
        Link link =
                Link.open(stage.peer(Secured.client()), server, server.listen(LISTEN).address());
        Peer victim = new Peer(server.ampe());
        victim.ignoreRest();
        byte[] update = {24, 0, 0, 1, (byte) asksForAnswer};
        byte[] signal = Frame.concat(Frame.of(OpCode.SIGNAL, 2, MUCH));
        try (Handmade client = Handmade.connect(victim.listen(LISTEN).address())) {
            client.send(Handmade.DATA, Frame.concat(Frame.hello(1)), 0);
            Received hello = victim.expect(OpCode.HELLO_REQUEST, 1);
            for (int i = 0; i < ROUNDS; i++) {
                client.sendUpdate(update);
                sendInRecords(client, signal, 0, 16_000);
                victim.expect(OpCode.SIGNAL, 2);
                victim.forget();
                if (i % 50 == 0) {
                    link.echo("beside " + i);
                }
            }
            victim.say(OpCode.BYE_SIGNAL, hello.channel());
            victim.untilClosed(hello.channel());
        }
        link.bye();
    }

    /// Answers that nobody takes are kept by the JDK, each with its keys.
    @Test
    void whoTakesNoAnswersAsksForFew() throws Exception {
        Peer server = stage.peer(Secured.server());
        Peer victim = new Peer(server.ampe());
        victim.ignoreRest();
        byte[] asksForAnswer = {24, 0, 0, 1, 1};
        byte[] signal = Frame.concat(Frame.of(OpCode.SIGNAL, 2, MUCH));
        try (Handmade client = Handmade.connect(victim.listen(LISTEN).address())) {
            client.send(Handmade.DATA, Frame.concat(Frame.hello(1)), 0);
            Received hello = victim.expect(OpCode.HELLO_REQUEST, 1);
            victim.say(OpCode.HELLO_RESPONSE, hello.channel(), 1);
            sayUntilFull(victim, hello.channel());
            Status last = Status.SUCCESS;
            for (int i = 0; i < 3 * ROUNDS && last != Status.TLS_FAILED; i++) {
                client.sendUpdate(asksForAnswer);
                sendInRecords(client, signal, 0, 16_000);
                last = nextOf(victim);
                victim.forget();
            }
            assertThat(last).isEqualTo(Status.TLS_FAILED);
        }
    }

    /// Says more than the system takes of it, so that it waits: until there is no room for a while.
    private static void sayUntilFull(Peer peer, int channel) throws InterruptedException {
        try {
            while (true) {
                try (Message signal = peer.message().opCode(OpCode.SIGNAL).channel(channel)) {
                    signal.body().append(MUCH);
                    peer.group().enqueueToPeer(signal, CALM);
                }
            }
        } catch (AmpeException e) {
            assertThat(e.status()).isEqualTo(Status.SEND_QUEUE_FULL);
        }
    }

    /// What comes next, but for the news that there is room.
    private static Status nextOf(Peer peer) {
        Received told = peer.next();
        while (told.status() == Status.SEND_QUEUE_READY) {
            told = peer.next();
        }
        return told.status();
    }

    /// A record holds 16 KiB (RFC 8446, section 5.1); the JDK takes somewhat longer ones as well.
    @ParameterizedTest
    @ValueSource(ints = {16_384, 16_385, 17_000, 17_500, 20_000, 32_000})
    void recordsThatAreTooLongAreReadOrRefused(int bytesEach) throws Exception {
        Peer server = stage.peer(Secured.server());
        Link link =
                Link.open(stage.peer(Secured.client()), server, server.listen(LISTEN).address());
        Peer victim = new Peer(server.ampe());
        String body = "long".repeat(16_000);
        byte[] bytes = Frame.concat(Frame.hello(1), Frame.of(OpCode.SIGNAL, 2, body));
        try (Handmade client = Handmade.connect(victim.listen(LISTEN).address())) {
            // Behind the beginning of a frame there is little room, and then there is much.
            int begun = bytes.length - body.length() + 10;
            client.send(Handmade.DATA, Arrays.copyOf(bytes, begun), 0);
            Received hello = victim.expect(OpCode.HELLO_REQUEST, 1);
            sendInRecords(client, bytes, begun, bytesEach);
            Received told = victim.next();
            if (told.isFromEngine()) {
                assertThat(told.status()).as(told.toString()).isEqualTo(Status.TLS_FAILED);
                assertThat(bytesEach).as("a record's length").isGreaterThan(1 << 14);
                victim.expectClosed(hello.channel(), 1);
            } else {
                assertThat(bytesEach).as("a record's length").isLessThan(MOST_BYTES);
                assertThat(told.body()).isEqualTo(body);
                victim.say(OpCode.BYE_SIGNAL, hello.channel());
                victim.untilClosed(hello.channel());
            }
        }
        link.echo("not held up");
        link.bye();
    }

    /// What is left of a frame that has begun is less room than such a record takes.
    @Test
    void aRecordThatIsTooLongForTheRestOfAFrameEndsTheChannel() throws Exception {
        Peer server = stage.peer(Secured.server());
        String address = server.listen(LISTEN).address();
        byte[] bytes = Frame.concat(Frame.hello(1), Frame.of(OpCode.SIGNAL, 2, "x".repeat(10_000)));
        try (Handmade client = Handmade.connect(address)) {
            client.send(Handmade.DATA, Arrays.copyOf(bytes, bytes.length - 2_000), 0);
            Received hello = server.expect(OpCode.HELLO_REQUEST, 1);
            sendInRecords(client, new byte[100_000], 0, 20_000);
            server.expectNotice(Status.TLS_FAILED, hello.channel());
            server.expectClosed(hello.channel(), 1);
        }
        Link.open(stage.peer(Secured.client()), server, address).bye();
    }

    private static void sendInRecords(Handmade client, byte[] bytes, int begin, int bytesEach)
            throws GeneralSecurityException {
        try {
            for (int at = begin; at < bytes.length; at += bytesEach) {
                int end = Math.min(at + bytesEach, bytes.length);
                client.send(Handmade.DATA, Arrays.copyOfRange(bytes, at, end), 0);
            }
        } catch (IOException cut) {
            // The first one was too long; the others do not matter.
        }
    }

    /// What is well encrypted, and is not what belongs there.
    static List<Arguments> misfits() {
        return List.of(
                Arguments.of("an empty part of a handshake", Handmade.HANDSHAKE, NOTHING),
                Arguments.of("a hello", Handmade.HANDSHAKE, new byte[] {1, 0, 0, 2, 3, 3}),
                Arguments.of("a request to say hello", Handmade.HANDSHAKE, new byte[4]),
                Arguments.of("an empty alert", Handmade.ALERT, NOTHING),
                Arguments.of("no alert that there is", Handmade.ALERT, new byte[] {2, 99}),
                Arguments.of("nothing, which the JDK does not take", Handmade.DATA, NOTHING),
                Arguments.of("no kind at all", 99, new byte[20]),
                Arguments.of("far too much", Handmade.DATA, new byte[40_000]));
    }

    @ParameterizedTest
    @MethodSource("misfits")
    void whatDoesNotBelongThereEndsTheChannel(String what, int kind, byte[] content)
            throws Exception {
        Peer server = stage.peer(Secured.server());
        String address = server.listen(LISTEN).address();
        try (Handmade client = Handmade.connect(address)) {
            client.send(Handmade.DATA, Frame.concat(Frame.hello(1)), 0);
            Received hello = server.expect(OpCode.HELLO_REQUEST, 1);
            client.send(kind, content, 0);
            server.expectNotice(Status.TLS_FAILED, hello.channel());
            server.expectClosed(hello.channel(), 1);
            client.awaitEnd();
        }
        Link.open(stage.peer(Secured.client()), server, address).bye();
    }
}
