package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tofu.api.Status;
import tofu.pool.Slot;

/// A hello in pieces, what is behind it, and how both come back.
class OutflowTest {
    private static final Frame HELLO = Frame.helloRequest(1);
    private static final Frame NEXT = Frame.request(2).withBody(100);

    private final Memory memory = new Memory();
    private final FakeOutlet outlet = new FakeOutlet();
    private final SendQueue queue = new SendQueue(4, 1_000, memory.logs, outlet, false);
    private final Outflow outflow = new Outflow(queue, outlet);
    private final ByteBuffer[] sources = new ByteBuffer[1];

    @BeforeEach
    void aHelloAndAMessageAreToBeSent() {
        offer(HELLO);
        offer(NEXT);
        outflow.begin(Objects.requireNonNull(queue.takeOpening()));
    }

    @AfterEach
    void everySlotIsHome() {
        outlet.takeAll();
        outflow.abandon();
        assertThat(memory.pool.messagesOut()).as("slots that are not home").isZero();
        memory.close();
    }

    private void offer(Frame frame) {
        assertThat(queue.offer(memory.slot(frame, Slot.Owner.LEASE), false, false))
                .isEqualTo(SendQueue.Outcome.ACCEPTED);
    }

    /// What is to be written next.
    private byte[] offered() {
        assertThat(outflow.sources(sources)).isOne();
        byte[] bytes = new byte[sources[0].remaining()];
        sources[0].get(bytes);
        return bytes;
    }

    /// The kernel takes a part of what is offered.
    private void send(byte[] expected, int from, int to) {
        assertThat(offered()).containsExactly(rest(expected, from));
        outflow.sent(to - from);
    }

    private static Frame back(Frame frame) {
        return frame.with(Frame.ORIGIN).withStatus(Status.PEER_DISCONNECTED.code());
    }

    private static byte[] rest(byte[] bytes, int from) {
        return Arrays.copyOfRange(bytes, from, bytes.length);
    }

    @Test
    void theHelloIsSentInPiecesThenWhatTheQueueHas() {
        byte[] hello = HELLO.bytes();
        send(hello, 0, 5);
        send(hello, 5, 16);
        send(hello, 16, hello.length - 1);
        assertThat(outflow.hello()).isNotNull();
        assertThat(queue.messages()).as("a hello that is not sent whole counts").isEqualTo(2);

        send(hello, hello.length - 1, hello.length);

        assertThat(outflow.hello()).isNull();
        assertThat(queue.messages()).isOne();
        assertThat(memory.pool.messagesOut()).as("its slot is home").isZero();
        assertThat(outflow.isSent()).isFalse();

        byte[] next = NEXT.bytes();
        send(next, 0, 50);
        send(next, 50, next.length);

        assertThat(outflow.isSent()).isTrue();
        assertThat(outflow.sources(sources)).isZero();
        assertThat(queue.messages()).isZero();
    }

    @Test
    void aHelloAloneIsNotSentUntilItIsWhole() {
        Outflow other = new Outflow(new SendQueue(4, 1_000, memory.logs, outlet, false), outlet);
        assertThat(other.isSent()).isTrue();
        assertThat(other.hello()).isNull();

        Slot slot = memory.slot(HELLO, Slot.Owner.LEASE);
        other.begin(slot.handOver(Slot.Owner.LEASE, Slot.Owner.QUEUE));

        assertThat(other.isSent()).isFalse();
        assertThat(other.hello()).isSameAs(slot);
        other.abandon();
        assertThat(other.hello()).isNull();
        assertThat(other.isSent()).isTrue();
    }

    @Test
    void aHelloThatIsSentInPartComesBackAsItWas() {
        send(HELLO.bytes(), 0, 20);
        assertThat(offered()).hasSize(HELLO.length() - 20);

        outflow.close(Status.PEER_DISCONNECTED);

        assertThat(outflow.hello()).isNull();
        assertThat(outlet.cameBack).containsExactly(back(HELLO), back(NEXT));
        assertThat(queue.messages()).isZero();
        outflow.close(Status.PEER_DISCONNECTED);
        assertThat(outlet.cameBack).as("once").hasSize(2);
    }

    @Test
    void aHelloThatTheLoopHasNotSeenComesBackToo() {
        SendQueue unread = new SendQueue(4, 1_000, memory.logs, outlet, false);
        Slot slot = memory.slot(HELLO, Slot.Owner.LEASE);
        assertThat(unread.offer(slot, false, false)).isEqualTo(SendQueue.Outcome.ACCEPTED);

        new Outflow(unread, outlet).close(Status.PEER_DISCONNECTED);

        assertThat(outlet.cameBack).containsExactly(back(HELLO));
        assertThat(unread.messages()).isZero();
    }

    @Test
    void whatHasFailedSendsNothingAndSaysWhyForGood() {
        assertThat(outflow.hasFailed()).isFalse();
        assertThat(outflow.reasonOr(Status.PEER_DISCONNECTED)).isEqualTo(Status.PEER_DISCONNECTED);

        outflow.fail(Status.SEND_FAILED);

        assertThat(outflow.hasFailed()).isTrue();
        assertThat(outflow.reasonOr(Status.PEER_DISCONNECTED)).isEqualTo(Status.SEND_FAILED);
        assertThat(outflow.sources(sources)).isZero();
        Slot late = memory.slot(NEXT, Slot.Owner.LEASE);
        assertThat(queue.offer(late, false, false)).isNotEqualTo(SendQueue.Outcome.ACCEPTED);
        late.release(Slot.Owner.LEASE);
    }
}
