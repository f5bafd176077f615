package tofu.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tofu.api.AmpeException;
import tofu.api.BinaryHeader;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Hellos;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawDoor;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Secured;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// Peers that send what is nearly TLS, or nothing of the kind; each round is repeated by its seed.
class TlsGarbageScenario {
    private static final int ROUNDS = 300;

    /// What such a peer may be told of; it never gets as far as a hello.
    private static final Set<Status> REFUSALS =
            Set.of(
                    Status.TLS_PLAINTEXT,
                    Status.TLS_FAILED,
                    Status.TLS_TRUNCATED,
                    Status.TLS_NOT_TOFU,
                    Status.TLS_NO_COMMON_VERSION,
                    Status.RECV_FAILED);

    /// More than fits into a few records.
    private static final List<String> SAID =
            IntStream.range(0, 8).mapToObj(i -> i + "x".repeat(8_000)).toList();

    /// Why a server hears no more: by TLS, or as the client has lost patience, or its system has.
    private static final List<Status> CUT_SHORT =
            Stream.of(Status.values())
                    .filter(
                            status ->
                                    status.name().startsWith("TLS_")
                                            || status == Status.HANDSHAKE_TIMEOUT
                                            || status == Status.RECV_FAILED
                                            || status == Status.SEND_FAILED)
                    .toList();

    private static final long SEED = Long.getLong("tofu.seed", System.nanoTime());

    @RegisterExtension final Stage stage = new Stage();

    private static byte[] spoilt(byte[] hello, Random random) {
        byte[] bytes = hello.clone();
        switch (random.nextInt(5)) {
            case 0 -> random.nextBytes(bytes);
            case 1 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            case 2 -> {
                for (int i = random.nextInt(4); i >= 0; i--) {
                    bytes[6 + random.nextInt(bytes.length - 6)] ^= (byte) (1 + random.nextInt(255));
                }
            }
            case 3 -> { // lengths
                bytes[3 + random.nextInt(6)] = (byte) random.nextInt(256);
            }
            default -> { // another record behind it, of any kind
                bytes = Arrays.copyOf(hello, hello.length + 40);
                for (int i = hello.length; i < bytes.length; i++) {
                    bytes[i] = (byte) random.nextInt(256);
                }
                bytes[hello.length] = (byte) (20 + random.nextInt(5));
                bytes[hello.length + 1] = 3;
                bytes[hello.length + 2] = 3;
                bytes[hello.length + 3] = 0;
                bytes[hello.length + 4] = (byte) random.nextInt(36);
            }
        }
        return bytes;
    }

    @Test
    void aServerRefusesWhatIsNoHandshake() throws IOException {
        Peer server = stage.peer(Secured.server());
        String address = server.listen("tls|127.0.0.1|0").address();
        byte[] hello = Hellos.client();
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = spoilt(hello, new Random(SEED + round));
            RawPeer peer = stage.raw(address.replace("tls|", "tcp|"));
            peer.send(bytes).finish();
            Received notice = server.next();
            assertThat(notice.status()).as("seed %d, %s", SEED + round, notice).isIn(REFUSALS);
            server.expectClosed(notice.channel(), 0);
        }
        Link.open(stage.peer(Secured.client()), server, address).bye();
    }

    @Test
    void aClientRefusesWhatIsNoHandshake() {
        Peer client = stage.peer(Secured.client());
        RawDoor door = stage.rawDoor(Transport.TCP);
        for (int round = 0; round < ROUNDS / 3; round++) {
            Random random = new Random(SEED + round);
            byte[] bytes = new byte[1 + random.nextInt(200)];
            random.nextBytes(bytes);
            if (random.nextBoolean()) {
                byte[] header = {(byte) (20 + random.nextInt(5)), 3, 3, 0, (byte) bytes.length};
                System.arraycopy(header, 0, bytes, 0, Math.min(header.length, bytes.length));
            }
            BinaryHeader hello = client.sayHello(door.address().replace("tcp|", "tls|"));
            stage.accept(door).send(bytes).finish();
            Received notice = client.untilClosed(hello.channel()).getLast();
            assertThat(notice.status())
                    .as("seed %d, %s", SEED + round, notice)
                    .satisfiesAnyOf(
                            status -> assertThat(status).isIn(REFUSALS),
                            // By an alert the server may say what it likes.
                            status -> assertThat(status.name()).startsWith("TLS_"));
        }
    }

    @Test
    void peersThatBeginAndDoNotEndGiveWay() {
        Peer server =
                stage.peer(
                        o ->
                                Secured.server()
                                        .apply(o)
                                        .maxPendingHandshakes(4)
                                        .handshakeTimeout(Duration.ofSeconds(30)));
        String address = server.listen("tls|127.0.0.1|0").address();
        byte[] begun = {22, 3, 1, 1, 0, 1, 0, 0};
        for (int i = 0; i < 20; i++) {
            stage.raw(address.replace("tls|", "tcp|")).send(begun);
        }
        Peer client = stage.peer(Secured.client());
        BinaryHeader hello = client.sayHello(address);
        int refused = 0;
        Received told = server.next();
        while (told.isFromEngine()) {
            assertThat(told.status()).isIn(Status.HANDSHAKE_TIMEOUT, Status.CHANNEL_CLOSED);
            refused += told.status() == Status.HANDSHAKE_TIMEOUT ? 1 : 0;
            told = server.next();
        }
        assertThat(told.id()).as("the honest client's").isEqualTo(hello.id());
        assertThat(refused).isBetween(16, 17);
        server.ignoreRest();
    }

    /// Does one thing to one record of those that pass, and lets the others be.
    private static Relay.Meddler meddler(Random random, AtomicReference<String> done) {
        int victim = random.nextInt(10);
        int how = random.nextInt(6);
        return new Relay.Meddler() {
            private byte @Nullable [] held;

            @Override
            public @Nullable List<byte[]> onRecord(int number, byte[] record) {
                byte[] late = held;
                if (late != null) {
                    held = null;
                    return List.of(record, late);
                }
                if (number != victim) {
                    return List.of(record);
                }
                done.set("record " + number + " of " + record.length + " bytes, way " + how);
                switch (how) {
                    case 0 ->
                            record[random.nextInt(record.length)] ^=
                                    (byte) (1 << random.nextInt(8));
                    case 1 -> {
                        return List.of(record, record);
                    }
                    case 2 -> {
                        return List.of();
                    }
                    case 3 -> held = record;
                    case 4 -> {
                        return null;
                    }
                    default -> record = Arrays.copyOf(record, random.nextInt(record.length));
                }
                return held == null ? List.of(record) : List.of();
            }
        };
    }

    /// However somebody on the way meddles with a conversation: what is heard of it are its first
    /// messages, unchanged, and its end is never a clean one before the last of them.
    @Test
    void whatIsHeardIsWhatWasSaidOrItsBeginning() throws Exception {
        meddle(15);
    }

    @Test
    @Tag("long")
    @Timeout(600)
    void whatIsHeardIsWhatWasSaidOrItsBeginningInTheLongRun() throws Exception {
        meddle(300);
    }

    private void meddle(int rounds) throws Exception {
        Peer server =
                stage.peer(o -> Secured.server().apply(o).handshakeTimeout(Duration.ofMillis(500)));
        String address = server.listen("tls|127.0.0.1|0").address();
        Peer client =
                stage.peer(
                        o ->
                                Secured.client()
                                        .apply(o)
                                        .closeTimeout(Duration.ofMillis(500))
                                        .handshakeTimeout(Duration.ofMillis(500))
                                        .byeTimeout(Duration.ofMillis(500)));
        int met = 0;
        for (int round = 0; round < rounds; round++) {
            Random random = new Random(SEED + round);
            AtomicReference<String> done = new AtomicReference<>("nothing");
            Relay.Meddler meddler = meddler(random, done);
            boolean there = random.nextBoolean();
            try (Relay relay =
                    Relay.before(
                            address,
                            there ? meddler : Relay.HONEST,
                            there ? Relay.HONEST : meddler)) {
                List<String> heard = converse(server, client, relay.address());
                met += heard.size() < SAID.size() ? 1 : 0;
                assertThat(heard).isEqualTo(SAID.subList(0, heard.size()));
            } catch (AssertionError e) {
                throw new AssertionError("seed " + (SEED + round) + ", " + done, e);
            }
            client.forget();
            server.forget();
        }
        assertThat(met).as("conversations that were cut short").isPositive();
    }

    /// Says all that there is to say, and answers nothing but the bye.
    ///
    /// @return what was heard of it
    private static List<String> converse(Peer server, Peer client, String address) {
        BinaryHeader hello = client.sayHello(address);
        sayUnlessClosed(
                () -> {
                    for (String said : SAID) {
                        client.say(OpCode.SIGNAL, hello.channel(), said);
                    }
                    client.say(OpCode.BYE_REQUEST, hello.channel());
                });
        List<String> heard = new ArrayList<>();
        List<Status> reasons = new ArrayList<>();
        Received told = server.next();
        while (told.status() != Status.CHANNEL_CLOSED) {
            if (told.isFromEngine()) {
                reasons.add(told.status());
            } else if (told.opCode() == OpCode.SIGNAL) {
                heard.add(told.body());
            } else if (told.opCode() == OpCode.BYE_REQUEST) {
                Received bye = told;
                sayUnlessClosed(() -> server.say(OpCode.BYE_RESPONSE, bye.channel(), bye.id()));
            }
            told = server.next();
        }
        client.untilClosed(hello.channel());
        if (heard.size() < SAID.size()) {
            assertThat(reasons).as("why it has ended").containsAnyElementsOf(CUT_SHORT);
        }
        return heard;
    }

    /// The channel may end at any time.
    private static void sayUnlessClosed(Runnable saying) {
        try {
            saying.run();
        } catch (AmpeException e) {
            assertThat(e.status()).isEqualTo(Status.CHANNEL_CLOSED);
        }
    }
}
