package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tofu.api.Message;
import tofu.api.OpCode;

/// Requests that are neither about topics nor about jobs, such as the beat of a [Heartbeat]: who
/// asks waits for an answer, and so does a drain.
@Timeout(60)
class ForeignRequestsTest {
    private Rig rig;

    @BeforeEach
    void open() throws InterruptedException {
        rig = new Rig();
    }

    @AfterEach
    void close() {
        assertThat(rig.failures).isEmpty();
        rig.close();
    }

    @Test
    void topicsRefuseThem() throws Exception {
        Topics topics = new Topics(rig.dispatcher, Slow.DROP_OLDEST);
        assertRefuses((peer, hello) -> topics.session(peer), Topics.REFUSED);
    }

    @Test
    void aWorkQueueRefusesThem() throws Exception {
        WorkQueue queue =
                new WorkQueue(rig.dispatcher, WorkQueue.Settings.USUAL, (number, job) -> {});
        assertRefuses((peer, hello) -> queue.session(peer), WorkQueue.REFUSED);
    }

    /// Only requests have an answer, and they have one, whatever their parts.
    private void assertRefuses(Sessions sessions, String header) throws Exception {
        Server server =
                Server.builder(rig.dispatcher).listenOn(Rig.fresh()).sessions(sessions).start();
        int channel = rig.farConnect(rig.address(server));
        rig.farSend(OpCode.SIGNAL, channel, 1, "");
        rig.farSend(OpCode.RESPONSE, channel, 2, "");
        rig.farSend(OpCode.REQUEST, channel, 3, "", true);
        rig.farSend(OpCode.REQUEST, channel, 3, "");
        long beat = rig.farAsk(channel, "beat", "x", "");
        for (long id : new long[] {3, beat}) {
            try (Message answer = rig.farNext(OpCode.RESPONSE, channel)) {
                assertThat(answer.id()).isEqualTo(id);
                assertThat(answer.headers().first(header)).startsWith("not about ");
            }
        }
        CompletableFuture<Integer> drained = server.drain(Duration.ofHours(1));
        rig.farNext(OpCode.BYE_REQUEST, channel).close();
        rig.farSend(OpCode.BYE_RESPONSE, channel, 1, "");
        rig.until("drained", drained::isDone);
        assertThat(drained.join()).isZero();
        rig.farEnd(channel);
        assertThat(rig.farRest()).isEmpty();
    }
}
