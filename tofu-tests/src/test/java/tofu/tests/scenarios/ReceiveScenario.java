package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.Status;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Stage;

/// Waiting for messages.
///
/// Rows of the wire spec's section 5:
/// - "engine closed while a thread waits": `aWaitingReceiverIsToldThatItsGroupCloses`,
///   `everyWaitingReceiverIsToldThatItsEngineCloses`
class ReceiveScenario {
    @RegisterExtension final Stage stage = new Stage();

    private static void expectRefusal(Status reason, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        AmpeException.class, e -> assertThat(e.status()).isEqualTo(reason));
    }

    @Test
    void aWaitingReceiverIsToldThatItsGroupCloses() {
        Peer peer = stage.peer();
        Running<Received> receiving = Running.start(peer::next).awaitWaiting();
        peer.group().close();
        receiving.expectRefusal(Status.SHUTDOWN_STARTED);
    }

    @Test
    void everyWaitingReceiverIsToldThatItsEngineCloses() {
        Ampe engine = stage.engine(o -> o.loops(2));
        List<Running<Received>> receivers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Peer peer = stage.peerOn(engine);
            receivers.add(Running.start(peer::next).awaitWaiting());
        }
        engine.close();
        receivers.forEach(receiver -> receiver.expectRefusal(Status.SHUTDOWN_STARTED));
    }

    @Test
    void aSecondReceiverIsTurnedAwayAndTheFirstGoesOn() {
        Peer peer = stage.peer();
        Running<Received> receiving = Running.start(peer::next).awaitWaiting();
        expectRefusal(Status.CONCURRENT_RECEIVE, () -> peer.group().waitReceive(Duration.ZERO));
        expectRefusal(
                Status.CONCURRENT_RECEIVE, () -> peer.group().waitReceiveNanos(Long.MAX_VALUE));
        peer.group().updateReceiver(null);
        assertThat(receiving.result().status()).isEqualTo(Status.RECEIVER_UPDATE);
        assertThat(peer.poll(Duration.ZERO)).isNull();
    }

    @Test
    void anInterruptEndsTheWaitAndNothingElse() {
        Peer peer = stage.peer();
        Running<Message> receiving =
                Running.start(() -> peer.group().waitReceive(Peer.PATIENCE)).awaitWaiting();
        receiving.interrupt();
        receiving.failure(InterruptedException.class);
        peer.group().updateReceiver(null);
        peer.expectNotice(Status.RECEIVER_UPDATE, 0);
    }

    @Test
    void anInterruptBeforeTheWaitEndsItToo() {
        Peer peer = stage.peer();
        peer.group().updateReceiver(null);
        Running<Message> receiving =
                Running.start(
                        () -> {
                            Thread.currentThread().interrupt();
                            return peer.group().waitReceive(Peer.PATIENCE);
                        });
        receiving.failure(InterruptedException.class);
        peer.expectNotice(Status.RECEIVER_UPDATE, 0);
    }

    @Test
    void waitingForNothingTakesAsLongAsItShould() throws Exception {
        Peer peer = stage.peer();
        assertThat(peer.group().waitReceiveNanos(0)).isNull();
        assertThat(peer.group().waitReceiveNanos(-1)).isNull();
        assertThat(peer.group().waitReceive(Duration.ofMillis(50))).isNull();
        assertThat(peer.group().waitReceive(Duration.ofSeconds(Long.MIN_VALUE))).isNull();
        Running<Message> receiving =
                Running.start(() -> peer.group().waitReceive(Duration.ofSeconds(Long.MAX_VALUE)))
                        .awaitWaiting();
        peer.group().updateReceiver(null);
        receiving.result().close();
    }
}
