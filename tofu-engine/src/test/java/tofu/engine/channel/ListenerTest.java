package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.pool.Slot;

class ListenerTest {
    private static final Frame WELCOME =
            new Frame(9, 8, 0, 5, "~listen_on:tcp||7099\r\nmy:own\r\n", "body");

    private final Memory memory = new Memory();
    private final FakeOutlet outlet = new FakeOutlet();
    private final AtomicInteger closedTaken = new AtomicInteger();
    private final Listener listener =
            new Listener(
                    9,
                    StreamRig.LIMITS,
                    memory.ofLoop(),
                    outlet,
                    length -> closedTaken.incrementAndGet());

    @BeforeEach
    void welcomeIsEnqueued() {
        offer(WELCOME);
        listener.onPost(0);
    }

    @AfterEach
    void everySlotIsHome() {
        listener.onGroupClosed(0);
        outlet.takeAll();
        memory.close();
    }

    private void offer(Frame frame) {
        Slot slot = memory.slot(frame, Slot.Owner.LEASE);
        assertThat(listener.sendQueue().offer(slot, true, false))
                .isEqualTo(SendQueue.Outcome.ACCEPTED);
    }

    @Test
    void waitsForItsSocketWithTheWelcomeInHand() {
        assertThat(listener.number()).isEqualTo(9);
        assertThat(listener.state()).isEqualTo(State.OPENING);
        assertThat(listener.deadlineNanos()).isEqualTo(Deadline.NONE);
        Slot welcome = listener.welcome();
        assertThat(welcome).isNotNull();
        assertThat(Frame.of(welcome)).isEqualTo(WELCOME);
        assertThat(outlet.view()).isEmpty();
    }

    @Test
    void aListeningSocketIsAnsweredWithTheWelcomeItself() {
        listener.onListening();

        assertThat(listener.state()).isEqualTo(State.LISTENING);
        assertThat(listener.welcome()).isNull();
        assertThat(outlet.fromPeer).containsExactly(WELCOME.withOpCode(9));
        assertThat(outlet.view()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(names = {"LISTEN_FAILED", "INVALID_ADDRESS", "ADDRESS_IN_USE"})
    void aFailureAnswersTheWelcomeThenEndsTheChannel(Status reason) {
        listener.onFailure(reason);

        assertThat(listener.state()).isEqualTo(State.CLOSED);
        assertThat(outlet.cameBack)
                .containsExactly(
                        WELCOME.withOpCode(9).with(Frame.ORIGIN).withStatus(reason.code()));
        assertThat(outlet.view()).hasSize(2).last().isEqualTo("notice CHANNEL_CLOSED 5");
    }

    @Test
    void theNumberIsFreeWhenTheLastNoticeIsTakenAndNotBefore() {
        listener.onListening();
        listener.onFailure(Status.ACCEPT_FAILED);
        assertThat(outlet.take()).startsWith("WELCOME_RESPONSE 5");
        assertThat(closedTaken).hasValue(0);

        assertThat(outlet.take()).isEqualTo("notice CHANNEL_CLOSED 5");
        assertThat(closedTaken).hasValue(1);
    }

    @Test
    void aByeSignalEndsAListeningChannel() {
        listener.onListening();
        offer(Frame.byeSignal(6));
        listener.onPost(1);

        assertThat(listener.state()).isEqualTo(State.CLOSED);
        assertThat(outlet.takeAll())
                .containsExactly(
                        "WELCOME_RESPONSE 5",
                        "BYE_SIGNAL 6 urgent back CHANNEL_CLOSED",
                        "notice CHANNEL_CLOSED 5");
    }

    @Test
    void aByeSignalOvertakesTheAnswer() {
        offer(Frame.byeSignal(6));
        listener.onPost(1);

        assertThat(outlet.takeAll())
                .containsExactly(
                        "WELCOME_RESPONSE 5 back CHANNEL_CLOSED",
                        "BYE_SIGNAL 6 urgent back CHANNEL_CLOSED",
                        "notice CHANNEL_CLOSED 5");
    }

    @Test
    void aGroupThatClosesEndsTheListenerOnce() {
        listener.onGroupClosed(1);
        listener.onGroupClosed(2);
        listener.onFailure(Status.ACCEPT_FAILED);
        listener.onPost(3);

        assertThat(outlet.takeAll())
                .containsExactly(
                        "WELCOME_RESPONSE 5 back SHUTDOWN_STARTED", "notice CHANNEL_CLOSED 5");
    }

    @Test
    void aClosedListenerTakesNoMore() {
        listener.onFailure(Status.LISTEN_FAILED);
        Slot slot = memory.slot(Frame.byeSignal(6), Slot.Owner.LEASE);

        assertThat(listener.sendQueue().offer(slot, true, false))
                .isEqualTo(SendQueue.Outcome.CLOSED);
        slot.release(Slot.Owner.LEASE);
    }

    @ParameterizedTest
    @EnumSource
    void takesAByeSignalAndNothingElse(OpCode opCode) {
        assertThat(listener.takes(opCode)).isEqualTo(opCode == OpCode.BYE_SIGNAL);
    }

    @Test
    void hasNoDeadlineToTick() {
        assertThatThrownBy(() -> listener.onTick(0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aWelcomeThatIsMarkedUrgentIsAWelcomeAllTheSame() {
        FakeOutlet own = new FakeOutlet();
        Listener other = new Listener(9, StreamRig.LIMITS, memory.ofLoop(), own, length -> {});
        Slot slot = memory.slot(WELCOME.with(Frame.OUT_OF_BAND), Slot.Owner.LEASE);
        other.sendQueue().offer(slot, true, false);

        other.onPost(0);

        assertThat(other.state()).isEqualTo(State.OPENING);
        assertThat(other.welcome()).isNotNull();
        other.onGroupClosed(1);
        own.takeAll();
    }
}
