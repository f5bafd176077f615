package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.AmpeException;
import tofu.api.BinaryHeader;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// The bound of what waits to be sent.
///
/// Rows of the wire spec's section 5:
/// - "send queue": `aFullQueueRefusesAndTheMessageStaysTheCallers`,
///   `anOfferToAFullQueueIsNoExceptionAndTheMessageStaysTheCallers`,
///   `theQueueIsBoundedInBytesToo`, `thereIsOneNoticeOfRoomForEachTimeOfBeingRefused`,
///   `whatManyThreadsWaitToSendArrivesInTheOrderOfEach`
class SendQueueScenario {
    private static final Duration A_MOMENT = Duration.ofMillis(200);
    private static final int BOUND = 16;

    @RegisterExtension final Stage stage = new Stage();

    /// A client whose peer does not read yet.
    private record Stalled(Peer client, int channel, RawPeer raw) {
        /// Says as much as there is room for, until the system's buffers are full, too; refused at
        /// last.
        ///
        /// @return how many messages; their ids count from `first`
        int fill(long first) {
            for (int count = 0; ; count++) {
                try (Message message = big(first + count)) {
                    client.group().enqueueToPeer(message, A_MOMENT);
                } catch (AmpeException e) {
                    assertThat(e.status()).isEqualTo(Status.SEND_QUEUE_FULL);
                    return count;
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
        }

        Message big(long id) {
            Message message = client.message().opCode(OpCode.REQUEST).channel(channel).id(id);
            message.body().append("b".repeat(60_000));
            return message;
        }

        /// Starts to wait for room.
        Running<BinaryHeader> wait(Message message) {
            return Running.start(() -> client.group().enqueueToPeer(message, Peer.PATIENCE));
        }

        /// Reads frames with these ids.
        void read(long first, long count) {
            for (long id = first; id < first + count; id++) {
                assertThat(raw.receive().id()).isEqualTo(id);
            }
        }
    }

    private Stalled stalled(Transport transport, UnaryOperator<Options.Builder> options) {
        Dialled dialled = Dialled.open(stage, stage.peer(options), transport);
        return new Stalled(dialled.client(), dialled.channel(), dialled.raw());
    }

    private Stalled stalled(Transport transport) {
        return stalled(transport, o -> o.sendQueueMessages(BOUND));
    }

    @ParameterizedTest
    @EnumSource
    void aFullQueueRefusesAndTheMessageStaysTheCallers(Transport transport) {
        Stalled stalled = stalled(transport);
        int sent = stalled.fill(1);
        assertThat(sent).isGreaterThanOrEqualTo(BOUND);
        try (Message message = stalled.big(sent + 1L)) {
            assertThat(stalled.client.refusal(message)).isEqualTo(Status.SEND_QUEUE_FULL);
            stalled.read(1, sent);
            stalled.client.expectNotice(Status.SEND_QUEUE_READY, stalled.channel());
            stalled.client.group().enqueueToPeer(message);
        }
        stalled.read(sent + 1, 1);
    }

    @ParameterizedTest
    @EnumSource
    void anOfferToAFullQueueIsNoExceptionAndTheMessageStaysTheCallers(Transport transport) {
        Stalled stalled = stalled(transport);
        int sent = stalled.fill(1);
        try (Message message = stalled.big(sent + 1L)) {
            assertThat(stalled.client.group().offerToPeer(message)).isFalse();
            assertThat(message.isEmptied()).isFalse();
            assertThat(message.body().length()).isEqualTo(60_000);
            stalled.read(1, sent);
            stalled.client.expectNotice(Status.SEND_QUEUE_READY, stalled.channel());
            assertThat(stalled.client.group().offerToPeer(message)).isTrue();
            assertThat(message.isEmptied()).isTrue();
            assertThatThrownBy(() -> stalled.client.group().offerToPeer(message))
                    .isInstanceOf(AmpeException.class)
                    .extracting(e -> ((AmpeException) e).status())
                    .isEqualTo(Status.NULL_MESSAGE);
        }
        stalled.read(sent + 1, 1);
    }

    @Test
    void anOfferThatIsRefusedAllocatesNothing() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Stalled stalled = stalled(Transport.UDS);
        int sent = stalled.fill(1);
        ChannelGroup group = stalled.client.group();
        try (Message message = stalled.big(sent + 1L)) {
            assertThat(refusals(group, message, 1_000)).isEqualTo(1_000); // what is made once, is
            long before = threads.getCurrentThreadAllocatedBytes();
            int refused = refusals(group, message, 1_000);
            long bytes = threads.getCurrentThreadAllocatedBytes() - before;
            assertThat(refused).isEqualTo(1_000);
            assertThat(bytes).isZero();
        }
    }

    private static int refusals(ChannelGroup group, Message message, int offers) {
        int refused = 0;
        for (int i = 0; i < offers; i++) {
            refused += group.offerToPeer(message) ? 0 : 1;
        }
        return refused;
    }

    @ParameterizedTest
    @EnumSource
    void theQueueIsBoundedInBytesToo(Transport transport) {
        Stalled stalled = stalled(transport, o -> o.sendQueueBytes(Options.MAX_MESSAGE_BYTES));
        int sent = stalled.fill(1);
        stalled.read(1, sent);
        stalled.client.expectNotice(Status.SEND_QUEUE_READY, stalled.channel());
    }

    @ParameterizedTest
    @EnumSource
    void thereIsOneNoticeOfRoomForEachTimeOfBeingRefused(Transport transport) {
        Stalled stalled = stalled(transport);
        long next = 1;
        for (int i = 0; i < 5; i++) {
            int sent = stalled.fill(next);
            for (int again = 0; again < 5; again++) {
                try (Message message = stalled.big(0)) {
                    assertThat(stalled.client.refusal(message)).isEqualTo(Status.SEND_QUEUE_FULL);
                }
            }
            stalled.read(next, sent);
            next += sent;
            stalled.client.expectNotice(Status.SEND_QUEUE_READY, stalled.channel());
            stalled.client.expectNothing();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoWasNeverRefusedGetsNoNotice(Transport transport) {
        Stalled stalled = stalled(transport);
        for (int id = 1; id <= BOUND / 2; id++) {
            try (Message message = stalled.big(id)) {
                stalled.client.group().enqueueToPeer(message);
            }
        }
        stalled.read(1, BOUND / 2);
        stalled.client.expectNothing();
    }

    @Test
    void theQueueIsBoundedWhileItsChannelConnects() {
        Peer client = stage.peer(o -> o.sendQueueMessages(BOUND));
        BinaryHeader hello = client.sayHello(stage.own(FullDoor.open(Transport.TCP)).address());
        for (int id = 1; id < BOUND; id++) {
            client.say(OpCode.REQUEST, hello.channel(), id);
        }
        assertThat(client.refusal(OpCode.REQUEST, hello.channel()))
                .isEqualTo(Status.SEND_QUEUE_FULL);
        client.say(OpCode.BYE_SIGNAL, hello.channel(), 1001);
        client.expectReturned(OpCode.BYE_SIGNAL, 1001, Status.CHANNEL_CLOSED);
        assertThat(client.untilClosed(hello.channel())).hasSize(BOUND);
    }

    @ParameterizedTest
    @EnumSource
    void aByeIsNeverRefusedForWantOfRoom(Transport transport) {
        Stalled stalled = stalled(transport);
        int sent = stalled.fill(1);
        stalled.client.say(OpCode.BYE_REQUEST, stalled.channel(), 1001);
        stalled.read(1, sent);
        stalled.raw.expect(Frame.of(OpCode.BYE_REQUEST, 1001));
        stalled.client.expectNotice(Status.SEND_QUEUE_READY, stalled.channel());

        Stalled other = stalled(transport);
        other.fill(1);
        other.client.say(OpCode.BYE_SIGNAL, other.channel(), 1001);
        other.client.expectReturned(OpCode.BYE_SIGNAL, 1001, Status.CHANNEL_CLOSED);
        assertThat(other.client.untilClosed(other.channel())).hasSizeBetween(1, BOUND);
    }

    // ---- waiting for room

    @ParameterizedTest
    @EnumSource
    void waitingForRoomEndsWhenThereIsSome(Transport transport) {
        Stalled stalled = stalled(transport);
        // Filled by those who wait, too: nobody was refused, so nobody gets a notice.
        long sent = 0;
        Running<BinaryHeader> waiting;
        do {
            sent++;
            waiting = stalled.wait(stalled.big(sent)).awaitWaitingOrDone();
        } while (waiting.isDone());
        stalled.read(1, sent);
        assertThat(waiting.result().id()).isEqualTo(sent);
        stalled.client.expectNothing();
    }

    @ParameterizedTest
    @EnumSource
    void waitingForRoomEndsWithTheTimeAndTheMessageStaysTheCallers(Transport transport)
            throws Exception {
        Stalled stalled = stalled(transport);
        int sent = stalled.fill(1);
        try (Message message = stalled.big(sent + 1L)) {
            for (Duration timeout : List.of(A_MOMENT, Duration.ZERO, Duration.ofSeconds(-1))) {
                assertThatThrownBy(() -> stalled.client.group().enqueueToPeer(message, timeout))
                        .isInstanceOfSatisfying(
                                AmpeException.class,
                                e -> assertThat(e.status()).isEqualTo(Status.SEND_QUEUE_FULL));
                assertThat(message.body().length()).isEqualTo(60_000);
            }
            stalled.read(1, sent);
            stalled.client.group().enqueueToPeer(message, Peer.PATIENCE);
        }
        stalled.read(sent + 1, 1);
        stalled.client.expectNotice(Status.SEND_QUEUE_READY, stalled.channel());
    }

    @ParameterizedTest
    @EnumSource
    void waitingForRoomEndsWithTheChannel(Transport transport) {
        Stalled stalled = stalled(transport);
        int sent = stalled.fill(1);
        try (Message message = stalled.big(sent + 1L)) {
            Running<BinaryHeader> waiting = stalled.wait(message).awaitWaiting();
            stalled.raw.reset();
            waiting.expectRefusal(Status.CHANNEL_CLOSED);
            assertThat(message.body().length()).isEqualTo(60_000);
        }
        assertThat(stalled.client.untilClosed(stalled.channel())).hasSizeBetween(1, BOUND);
    }

    @ParameterizedTest
    @EnumSource
    void waitingForRoomEndsWithTheGroup(Transport transport) {
        Stalled stalled =
                stalled(transport, o -> o.sendQueueMessages(BOUND).closeTimeout(A_MOMENT));
        int sent = stalled.fill(1);
        try (Message message = stalled.big(sent + 1L)) {
            Running<BinaryHeader> waiting = stalled.wait(message).awaitWaiting();
            stalled.client.group().close();
            waiting.expectRefusal(Status.SHUTDOWN_STARTED);
            assertThat(message.body().length()).isEqualTo(60_000);
        }
    }

    @ParameterizedTest
    @EnumSource
    void waitingForRoomEndsWithAnInterrupt(Transport transport) {
        Stalled stalled = stalled(transport);
        int sent = stalled.fill(1);
        try (Message message = stalled.big(sent + 1L)) {
            Running<BinaryHeader> waiting = stalled.wait(message).awaitWaiting();
            waiting.interrupt();
            waiting.failure(InterruptedException.class);
            assertThat(message.body().length()).isEqualTo(60_000);
            stalled.read(1, sent);
            stalled.client.expectNotice(Status.SEND_QUEUE_READY, stalled.channel());
            stalled.client.group().enqueueToPeer(message);
        }
        stalled.read(sent + 1, 1);
    }

    @ParameterizedTest
    @EnumSource
    void whatManyThreadsWaitToSendArrivesInTheOrderOfEach(Transport transport) {
        Link link = stage.link(transport, o -> o.sendQueueMessages(BOUND));
        int threads = 4;
        int count = 1000;
        List<Running<Boolean>> senders = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            long first = thread * 100_000L + 1;
            senders.add(Running.run(() -> sendPatiently(link, first, count)));
        }
        long[] next = new long[threads];
        for (int i = 0; i < threads * count; i++) {
            long id = link.server().expect(OpCode.SIGNAL).id();
            int thread = (int) (id / 100_000);
            assertThat(id % 100_000).isEqualTo(++next[thread]);
        }
        senders.forEach(Running::result);
        link.bye();
    }

    private static void sendPatiently(Link link, long first, int count)
            throws InterruptedException {
        for (long id = first; id < first + count; id++) {
            try (Message message = link.client().message().opCode(OpCode.SIGNAL).id(id)) {
                message.channel(link.clientChannel());
                link.client().group().enqueueToPeer(message, Peer.PATIENCE);
            }
        }
    }
}
