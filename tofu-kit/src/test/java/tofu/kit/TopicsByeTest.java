package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;

/// What becomes of news that waits for a subscriber when its channel ends, in good order or not.
@Timeout(60)
class TopicsByeTest {
    private static final int NEWS = 10;
    private static final Duration LONG = Duration.ofHours(1);

    private final List<Peer> peers = new ArrayList<>();
    private Rig rig;
    private Topics topics;
    private Server server;
    private int slow;

    @BeforeEach
    void open() throws InterruptedException {
        rig = new Rig(Options.builder().sendQueueMessages(4).receiveWindowMessages(16).build());
        topics = new Topics(rig.dispatcher, Slow.DISCONNECT);
        server = rig.serve(peers, peer -> topics.session(peer));
        slow = rig.farConnect(rig.address(server));
        rig.farAsk(slow, Topics.SUBSCRIBE, "news", "");
        rig.farNext(OpCode.RESPONSE, slow).close();
        rig.fill(peers.getFirst().channel());
        for (int i = 0; i < NEWS; i++) {
            assertThat(publish("news " + i)).isEqualTo(1);
        }
    }

    @AfterEach
    void close() {
        assertThat(rig.failures).isEmpty();
        rig.close();
    }

    private int publish(String text) throws InterruptedException {
        try (Message news = rig.message()) {
            news.body().append(text);
            CompletableFuture<Integer> sent = topics.publish("news", news);
            rig.until("published", sent::isDone);
            return sent.join();
        }
    }

    /// Reads to the bye.
    private void assertAllBefore(OpCode bye) throws InterruptedException {
        List<String> news = new ArrayList<>();
        OpCode opCode = OpCode.SIGNAL;
        while (opCode == OpCode.SIGNAL) {
            try (Message message = rig.farNext()) {
                opCode = message.opCode();
                if (message.headers().first(Topics.PUBLISH) != null) {
                    news.add(message.body().text());
                }
                if (opCode == OpCode.BYE_REQUEST) {
                    rig.far.enqueueToPeer(message.opCode(OpCode.BYE_RESPONSE));
                }
            }
        }
        assertThat(opCode).isEqualTo(bye);
        assertThat(news).hasSize(NEWS).startsWith("news 0").endsWith("news " + (NEWS - 1));
        rig.until("gone", () -> server.peers() == 0);
        assertThat(topics.missed()).isZero();
    }

    @Test
    void theByeOfADrainComesBehindIt() throws Exception {
        CompletableFuture<Integer> drained = server.drain(LONG);
        rig.dispatcher.turn(0);
        assertThat(publish("too late")).isZero();
        assertAllBefore(OpCode.BYE_REQUEST);
        rig.until("drained", drained::isDone);
        assertThat(drained.join()).isZero();
    }

    @Test
    void aByeOfTheSessionComesBehindIt() throws Exception {
        peers.getFirst().bye();
        assertThat(publish("too late")).isZero();
        assertAllBefore(OpCode.BYE_REQUEST);
    }

    @Test
    void theAnswerToAByeComesBehindIt() throws Exception {
        rig.farSend(OpCode.BYE_REQUEST, slow, 1, "");
        assertAllBefore(OpCode.BYE_RESPONSE);
    }

    @Test
    void whatCannotBeSentAnyMoreIsMissed() throws Exception {
        rig.farSend(OpCode.BYE_SIGNAL, slow, 1, "");
        rig.until("gone", () -> server.peers() == 0);
        assertThat(topics.missed()).isEqualTo(NEWS);
    }
}
