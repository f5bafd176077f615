package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tofu.api.Address;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;

/// Publishers that wait for a slow subscriber, and cannot be told how it went; news that there is
/// no memory for.
@Timeout(60)
class TopicsFailureTest {
    private final AtomicBoolean none = new AtomicBoolean();
    private final AtomicBoolean noHeap = new AtomicBoolean();
    private final List<Peer> peers = new ArrayList<>();
    private final List<Integer> ended = new ArrayList<>();
    private Rig rig;
    private Topics topics;
    private int slow;
    private int publisher;

    @BeforeEach
    void open() throws InterruptedException {
        rig =
                new Rig(
                        Options.builder().sendQueueMessages(4).receiveWindowMessages(16).build(),
                        ampe ->
                                Proxies.shortOfMemory(noHeap)
                                        .apply(Proxies.refusing(none).apply(ampe)));
        topics = new Topics(rig.dispatcher, Slow.WAIT);
        Server server = rig.serve(peers, peer -> topics.session(peer, noted(peer.channel())));
        Address.Client address = rig.address(server);
        slow = rig.farConnect(address);
        publisher = rig.farConnect(address);
        rig.farAsk(slow, Topics.SUBSCRIBE, "news", "");
        rig.farNext(OpCode.RESPONSE, slow).close();
    }

    @AfterEach
    void close() {
        none.set(false);
        noHeap.set(false);
        rig.close();
    }

    private Session noted(int channel) {
        return new Session() {
            @Override
            public void onMessage(Message message) {}

            @Override
            public void onEnd(Status reason) {
                ended.add(channel);
            }
        };
    }

    @Test
    void newsThatThereIsNoMemoryForIsMissedByAll() throws Exception {
        rig.farAsk(publisher, Topics.SUBSCRIBE, "news", "");
        rig.farNext(OpCode.RESPONSE, publisher).close();
        CompletableFuture<Integer> ours;
        try (Message news = rig.message()) {
            ours = topics.publish("news", news);
        }
        noHeap.set(true);
        rig.dispatcher.turn(0);
        noHeap.set(false);
        assertThat(ours).isCompletedWithValue(0);
        assertThat(topics.missed()).isEqualTo(2);
        assertThat(rig.failures).isEmpty();
    }

    @Test
    void whoCannotBeToldCostsTheOthersNothing() throws Exception {
        rig.fill(peers.getFirst().channel());
        boolean[] asked = new boolean[1];
        rig.dispatcher.filter(
                message -> {
                    asked[0] |= message.opCode() == OpCode.REQUEST;
                    return false;
                });
        rig.farAsk(publisher, Topics.PUBLISH, "news", "a peer's");
        rig.until("request", () -> asked[0]);
        CompletableFuture<Integer> ours;
        try (Message news = rig.message()) {
            ours = topics.publish("news", news);
        }
        rig.dispatcher.turn(0);
        assertThat(ours).isNotDone();

        none.set(true);
        rig.farSend(OpCode.BYE_SIGNAL, slow, 1, "");
        rig.until("ours", ours::isDone);
        rig.until("end", () -> ended.contains(peers.getFirst().channel()));
        none.set(false);
        rig.advance(Duration.ofSeconds(1));
        rig.farEnd(publisher); // rather than to let it wait in vain
        assertThat(rig.failures).isEmpty();
    }
}
