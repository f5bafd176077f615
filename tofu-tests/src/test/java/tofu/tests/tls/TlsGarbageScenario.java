package tofu.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tofu.api.BinaryHeader;
import tofu.api.Status;
import tofu.api.TlsSettings;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawDoor;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Received;
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

    private static final long SEED = Long.getLong("tofu.seed", System.nanoTime());

    @RegisterExtension final Stage stage = new Stage();

    /// The first flight of an honest client.
    private static byte[] clientHello() throws SSLException {
        SSLEngine engine = Secured.noFiles().get().createSSLEngine("localhost", 1);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {TlsSettings.PROTOCOL});
        engine.setSSLParameters(parameters);
        ByteBuffer bytes = ByteBuffer.allocate(20_000);
        engine.wrap(ByteBuffer.allocate(0), bytes);
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

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
    void aServerRefusesWhatIsNoHandshake() throws SSLException {
        Peer server = stage.peer(Secured.server());
        String address = server.listen("tls|127.0.0.1|0").address();
        byte[] hello = clientHello();
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
}
