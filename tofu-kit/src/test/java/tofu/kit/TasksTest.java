package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;

/// A loop that has as many tasks to do as may wait: that is not its end, and nobody is told so.
@Timeout(60)
class TasksTest {
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

    private void fill() {
        assertThatThrownBy(
                        () -> {
                            while (true) {
                                rig.dispatcher.execute(() -> {});
                            }
                        })
                .isInstanceOf(RejectedExecutionException.class);
    }

    private static void assertRefused(Status status, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        AmpeException.class, e -> assertThat(e.status()).isEqualTo(status));
    }

    @Test
    void newsAreRefusedAsTooMany() throws Exception {
        Topics topics = new Topics(rig.dispatcher, Slow.DROP_OLDEST);
        fill();
        try (Message news = rig.message()) {
            assertRefused(Status.INBOX_FULL, () -> topics.publish("news", news));
            assertThat(news.isEmptied()).isFalse();
            rig.dispatcher.turn(0);
            CompletableFuture<Integer> published = topics.publish("news", news);
            rig.until("published", published::isDone);
        }
        rig.dispatcher.close();
        try (Message news = rig.message()) {
            assertRefused(Status.SHUTDOWN_STARTED, () -> topics.publish("news", news));
        }
    }

    @Test
    void aServerThatCannotBeginLeavesNothingBehind() throws Exception {
        Server.Builder builder =
                Server.builder(rig.dispatcher)
                        .listenOn(Rig.fresh())
                        .sessions((peer, hello) -> peer::answer);
        fill();
        assertThatThrownBy(builder::start).isInstanceOf(RejectedExecutionException.class);
        rig.dispatcher.turn(0);
        CompletableFuture<?> listening = builder.start().listening();
        rig.until("listening", listening::isDone);
    }

    @Test
    void jobsAreRefusedAsTooMany() throws Exception {
        WorkQueue queue =
                new WorkQueue(rig.dispatcher, WorkQueue.Settings.USUAL, (number, job) -> {});
        fill();
        assertRefused(Status.INBOX_FULL, () -> queue.offer(new byte[1]));
        assertThat(queue.jobs()).isZero();
        rig.dispatcher.turn(0);
        assertThat(queue.offer(new byte[1])).isTrue();
        rig.dispatcher.close();
        assertRefused(Status.SHUTDOWN_STARTED, () -> queue.offer(new byte[1]));
    }

    @Test
    void aRequestThatMayNotWaitWasNotSent() throws Exception {
        Connector connector =
                Connector.to(rig.dispatcher, Address.connectTo(Rig.fresh().toString()));
        rig.dispatcher.turn(0);
        fill();
        CompletableFuture<Message> asked = connector.ask(request -> {}, Duration.ofHours(1));
        assertThat(Outcome.of(asked, Message::toString)).isEqualTo("NOT_SENT");
        connector.close();
        rig.dispatcher.turn(0);
    }

    @Test
    void aConnectorIsClosedAllTheSame() throws Exception {
        Connector connector = Connector.to(rig.dispatcher, rig.farAddress());
        try (Message hello = rig.farNext(OpCode.HELLO_REQUEST)) {
            rig.far.enqueueToPeer(hello.opCode(OpCode.HELLO_RESPONSE));
        }
        rig.until("up", () -> connector.channel() != 0);
        fill();
        connector.close();
        rig.farNext(OpCode.BYE_REQUEST).close();
        assertThat(connector.channel()).isZero();
    }
}
