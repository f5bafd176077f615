package tofu.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Secured;
import tofu.tests.rigs.Stage;

/// Records of any kind and length, well encrypted and cut anywhere, some of which have frames in
/// them: what is heard of these is what was said, or its beginning; and a neighbour is answered all
/// the while. Each round is repeated by its seed.
class TlsRandomRecordScenario {
    private static final String LISTEN = "tls|127.0.0.1|0";

    /// What the JDK takes of one record, about, in some way.
    private static final int MOST_BYTES = 33_000;

    private static final int MOST_DATA_BYTES = 1 << 14;

    private static final long SEED = Long.getLong("tofu.seed", System.nanoTime());

    @RegisterExtension final Stage stage = new Stage();

    /// One round's peer, with what it says.
    private static final class Sender {
        private final Random random;
        private final List<String> said = new ArrayList<>();
        private final byte[] frames;
        private int at;
        /// Of a hundred records so many are anything.
        private final int oddOnes;

        private boolean decent = true;

        Sender(Random random) {
            this.random = random;
            oddOnes = 5 * random.nextInt(3);
            List<Frame> all = new ArrayList<>();
            for (int i = random.nextInt(6); i >= 0; i--) {
                String body = (i + "x").repeat(random.nextInt(20_000));
                said.add(body);
                all.add(Frame.of(OpCode.SIGNAL, 2, body));
            }
            frames = Frame.concat(all.toArray(Frame[]::new));
        }

        private int length(int most) {
            return random.nextInt(1 + (random.nextBoolean() ? most : Math.min(most, 100)));
        }

        /// Sends all of its frames, and now and then something else.
        void send(Handmade client) throws Exception {
            int records = 0;
            try {
                while (at < frames.length) {
                    if (records++ < 50 && random.nextInt(100) < oddOnes) {
                        sendAnything(client);
                    } else {
                        sendFrames(client, records < 50 ? length(MOST_DATA_BYTES) : 16_000);
                    }
                }
            } catch (IOException cut) {
                assertThat(decent).as("whether it has sent what is decent only").isFalse();
            }
        }

        private void sendAnything(Handmade client) throws Exception {
            decent = false;
            byte[] content = new byte[length(MOST_BYTES)];
            switch (random.nextInt(4)) {
                case 0 -> sendFrames(client, content.length);
                case 1 -> client.sendInPieces(Handmade.ALERT, alert(), length(300), random);
                case 2 -> {
                    random.nextBytes(content);
                    client.sendInPieces(Handmade.HANDSHAKE, content, length(300), random);
                }
                default -> {
                    random.nextBytes(content);
                    int kind = random.nextInt(256);
                    // Random bytes in place of frames would be no fault of TLS.
                    client.sendInPieces(
                            kind == Handmade.DATA ? 0 : kind, content, length(MOST_BYTES), random);
                }
            }
        }

        private byte[] alert() {
            return new byte[] {(byte) random.nextInt(3), (byte) random.nextInt(120)};
        }

        private void sendFrames(Handmade client, int most) throws Exception {
            int end = Math.min(frames.length, at + Math.max(most, 1));
            byte[] content = Arrays.copyOfRange(frames, at, end);
            at = end;
            int room = Math.max(0, MOST_DATA_BYTES - content.length);
            client.sendInPieces(Handmade.DATA, content, length(room), random);
        }
    }

    @Test
    void whatIsHeardIsWhatWasSaidOrItsBeginning() throws Exception {
        run(30);
    }

    @Test
    @Tag("long")
    @Timeout(1_200)
    void whatIsHeardIsWhatWasSaidOrItsBeginningInTheLongRun() throws Exception {
        run(3_000);
    }

    private void run(int rounds) throws Exception {
        Peer server = stage.peer(Secured.server());
        Link link =
                Link.open(stage.peer(Secured.client()), server, server.listen(LISTEN).address());
        Peer victim = new Peer(server.ampe());
        String address = victim.listen(LISTEN).address();
        for (int round = 0; round < rounds; round++) {
            long seed = SEED + round;
            try {
                runOne(new Sender(new Random(seed)), victim, address);
                link.echo("beside round " + round);
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
            victim.forget();
            link.client().forget();
            server.forget();
        }
        link.bye();
    }

    private static void runOne(Sender sender, Peer victim, String address) throws Exception {
        List<String> heard = new ArrayList<>();
        Received told;
        try (Handmade client = Handmade.connect(address)) {
            client.send(Handmade.DATA, Frame.concat(Frame.hello(1)), 0);
            told = victim.expect(OpCode.HELLO_REQUEST, 1);
            sender.send(client);
            while (heard.size() < sender.said.size() && told.status() != Status.CHANNEL_CLOSED) {
                told = victim.next();
                if (told.isFromEngine()) {
                    assertThat(sender.decent).as(told.toString()).isFalse();
                } else {
                    heard.add(told.body());
                }
            }
            assertThat(heard).isEqualTo(sender.said.subList(0, heard.size()));
        }
        if (told.status() != Status.CHANNEL_CLOSED) {
            victim.untilClosed(told.channel());
        }
    }
}
