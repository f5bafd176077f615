package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.Channel;
import tofu.api.LeakDetection;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Transport;

/// Two groups that talk over a real connection, with queues and windows for a handful of messages:
/// whatever they send, take, pause and say to themselves, in any order, what was accepted arrives
/// once, in order, and what was refused has stayed with its sender. Nothing is refused for which
/// there is room, the queues keep to their bounds, and who pauses gets little more.
class GroupProperties {
    private static final int BOUND = 4;
    private static final int MOST_BYTES = 1 << 18;
    private static final int HEADER_BYTES = 16;

    /// A hello is always taken, and may still count when its answer is here.
    private static final int HELLOS = 1;

    /// What is received of a channel that is paused, besides what had come before: what one reading
    /// brings, with what the message that it ends had before.
    private static final int READING_BYTES = (1 << 16) + Options.MAX_MESSAGE_BYTES;

    /// Who does something.
    enum Side {
        CLIENT,
        SERVER
    }

    /// What happens next.
    sealed interface Step {
        Side by();

        record Send(Side by, OpCode opCode, int length, boolean outOfBand, boolean offer)
                implements Step {}

        /// Takes what is there, at most so many messages.
        record Take(Side by, int count) implements Step {}

        /// Sends itself something.
        record Update(Side by) implements Step {}

        record Pause(Side by, boolean on) implements Step {}

        /// Pauses, and goes on to take while the other sends much.
        record Ignore(Side by) implements Step {}

        /// Says bye; all that was sent before arrives, then they connect again.
        record Bye(Side by) implements Step {}
    }

    /// What is to arrive at a side: three queues, each in order.
    private enum Lane {
        IN_BAND,
        OUT_OF_BAND,
        UPDATE;

        static Lane of(Received received) {
            if (received.status() == Status.RECEIVER_UPDATE) {
                return UPDATE;
            }
            return received.header().outOfBand() ? OUT_OF_BAND : IN_BAND;
        }
    }

    private static Ampe engine;

    @BeforeContainer
    static void open() {
        engine =
                Ampe.open(
                        Options.builder()
                                .sendQueueMessages(BOUND)
                                .sendQueueBytes(MOST_BYTES)
                                .receiveWindowMessages(BOUND)
                                .receiveWindowBytes(MOST_BYTES)
                                .leakDetection(LeakDetection.PARANOID)
                                .build());
    }

    @AfterContainer
    static void close() {
        engine.close();
    }

    @Provide
    Arbitrary<Step> steps() {
        Arbitrary<Side> side = Arbitraries.of(Side.class);
        Arbitrary<Boolean> yesOrNo = Arbitraries.of(false, true);
        Arbitrary<OpCode> opCode = Arbitraries.of(OpCode.REQUEST, OpCode.RESPONSE, OpCode.SIGNAL);
        Arbitrary<Integer> length =
                Arbitraries.oneOf(
                        Arbitraries.integers().between(0, 100),
                        Arbitraries.integers().between(0, 65_000));
        return Arbitraries.frequencyOf(
                Tuple.of(
                        8,
                        Combinators.combine(side, opCode, length, yesOrNo, yesOrNo)
                                .as(Step.Send::new)),
                Tuple.of(
                        4,
                        Combinators.combine(side, Arbitraries.integers().between(1, 6))
                                .as(Step.Take::new)),
                Tuple.of(1, side.map(Step.Update::new)),
                Tuple.of(2, Combinators.combine(side, yesOrNo).as(Step.Pause::new)),
                Tuple.of(1, side.map(Step.Ignore::new)),
                Tuple.of(1, side.map(Step.Bye::new)));
    }

    @Property(tries = 150)
    void whatWasAcceptedArrivesOnceAndInOrder(@ForAll List<@From("steps") Step> steps) {
        Run run = new Run();
        try {
            steps.forEach(run::take);
            run.bye(Side.CLIENT);
        } finally {
            run.close();
        }
    }

    /// A side as it is, with what the model says that is still to come.
    private static final class End {
        private final Peer peer = new Peer(engine);
        private final Map<Lane, Queue<String>> expected = new EnumMap<>(Lane.class);
        private int channel;
        private boolean wasRefused;

        /// How much may still come while it is paused, else for ever.
        private long mayComeBytes = Long.MAX_VALUE;

        End() {
            for (Lane lane : Lane.values()) {
                expected.put(lane, new ArrayDeque<>());
            }
        }

        Queue<String> lane(Lane lane) {
            return Objects.requireNonNull(expected.get(lane));
        }

        Channel view() {
            return Objects.requireNonNull(peer.group().channel(channel));
        }

        long untakenBytes() {
            return engine.statistics().channels().stream()
                    .filter(one -> one.number() == channel)
                    .mapToLong(one -> one.traffic().untakenBytes())
                    .sum();
        }

        boolean waits() {
            return expected.values().stream().anyMatch(lane -> !lane.isEmpty());
        }
    }

    private static final class Run {
        private final Map<Side, End> ends = new EnumMap<>(Side.class);
        private final String address;
        private int sent;

        Run() {
            for (Side side : Side.values()) {
                ends.put(side, new End());
            }
            address = end(Side.SERVER).peer.listen(Transport.UDS).address();
            connect();
        }

        private End end(Side side) {
            return Objects.requireNonNull(ends.get(side));
        }

        private End other(Side side) {
            return end(side == Side.CLIENT ? Side.SERVER : Side.CLIENT);
        }

        private void connect() {
            End client = end(Side.CLIENT);
            End server = end(Side.SERVER);
            Link link = Link.open(client.peer, server.peer, address);
            client.channel = link.clientChannel();
            server.channel = link.serverChannel();
            client.wasRefused = false;
            server.wasRefused = false;
        }

        void take(Step step) {
            End end = end(step.by());
            switch (step) {
                case Step.Send send -> send(send);
                case Step.Take take -> {
                    for (int i = 0; i < take.count(); i++) {
                        Received received = end.peer.poll(Duration.ZERO);
                        if (received != null) {
                            check(end, received);
                        }
                    }
                }
                case Step.Update _ -> {
                    try (Message update = end.peer.message()) {
                        String text = "update " + sent++;
                        update.opCode(OpCode.SIGNAL).body().append(text);
                        update(end, update, text);
                    }
                }
                case Step.Pause pause -> pause(end, pause.on());
                case Step.Ignore ignore -> ignore(ignore.by());
                case Step.Bye bye -> {
                    bye(bye.by());
                    connect();
                }
            }
        }

        /// Adds an update, unless as many wait as may.
        private static void update(End end, Message update, String text) {
            boolean full = end.lane(Lane.UPDATE).size() == BOUND;
            try {
                end.peer.group().updateReceiver(update);
                assertThat(full).isFalse();
                end.lane(Lane.UPDATE).add(text);
            } catch (AmpeException refused) {
                assertThat(refused.status()).isEqualTo(Status.INBOX_FULL);
                assertThat(full).isTrue();
            }
        }

        private static void pause(End end, boolean on) {
            Channel channel = end.view();
            boolean was = channel.isReceivePaused();
            if (on) {
                channel.pauseReceive();
                if (!was) {
                    end.mayComeBytes = end.untakenBytes() + READING_BYTES;
                }
            } else {
                channel.resumeReceive();
                end.mayComeBytes = Long.MAX_VALUE;
            }
            assertThat(channel.isReceivePaused()).isEqualTo(on);
        }

        private void ignore(Side by) {
            Side sender = by == Side.CLIENT ? Side.SERVER : Side.CLIENT;
            End end = end(by);
            pause(end, true);
            for (int i = 0; i < 3 * BOUND; i++) {
                send(new Step.Send(sender, OpCode.SIGNAL, 60_000, false, true));
                Received received = end.peer.poll(Duration.ofMillis(1));
                if (received != null) {
                    check(end, received);
                }
            }
        }

        private void send(Step.Send send) {
            End end = end(send.by());
            String text = sent++ + " " + "x".repeat(send.length());
            try (Message message = end.peer.message()) {
                message.opCode(send.opCode()).channel(end.channel).id(sent);
                message.outOfBand(send.outOfBand());
                message.body().append(text);
                // Nobody else sends, so there is not more in the queue than this when it is tried.
                Channel queue = end.view();
                boolean room =
                        queue.queuedMessages() < BOUND
                                && queue.queuedBytes() + HEADER_BYTES + text.length() <= MOST_BYTES;
                boolean accepted = accepted(end, message, send.offer());
                assertThat(accepted || !room).as("refused though there is room").isTrue();
                assertThat(queue.queuedMessages()).isLessThanOrEqualTo(BOUND + HELLOS);
                assertThat(queue.queuedBytes()).isLessThanOrEqualTo(MOST_BYTES + HEADER_BYTES);
                if (accepted) {
                    assertThat(message.isEmptied()).isTrue();
                    other(send.by())
                            .lane(send.outOfBand() ? Lane.OUT_OF_BAND : Lane.IN_BAND)
                            .add(text);
                } else {
                    assertThat(message.body().text()).isEqualTo(text);
                    end.wasRefused = true;
                }
            }
        }

        private static boolean accepted(End end, Message message, boolean offer) {
            if (offer) {
                return end.peer.group().offerToPeer(message);
            }
            try {
                end.peer.group().enqueueToPeer(message);
                return true;
            } catch (AmpeException full) {
                assertThat(full.status()).isEqualTo(Status.SEND_QUEUE_FULL);
                return false;
            }
        }

        /// Whether what came is what is next, or the engine's word that there is room again.
        private static void check(End end, Received received) {
            if (received.status() == Status.SEND_QUEUE_READY) {
                assertThat(end.wasRefused).as("there was none before").isTrue();
                return;
            }
            assertThat(received.isFromEngine()).as(received.toString()).isFalse();
            Lane lane = Lane.of(received);
            assertThat(received.body()).isEqualTo(end.lane(lane).poll());
            if (lane != Lane.UPDATE) {
                end.mayComeBytes -= HEADER_BYTES + received.body().length();
                assertThat(end.mayComeBytes).as("while it is paused").isNotNegative();
            }
        }

        /// Ends the channel in good order; nothing may be left that was to arrive.
        void bye(Side by) {
            ends.values().forEach(end -> pause(end, false));
            for (Side side : Side.values()) {
                while (other(side).waits()) {
                    check(other(side), other(side).peer.next());
                }
            }
            End end = end(by);
            End other = other(by);
            long id = say(end, OpCode.BYE_REQUEST, 0);
            nextOf(other, OpCode.BYE_REQUEST);
            say(other, OpCode.BYE_RESPONSE, id);
            nextOf(end, OpCode.BYE_RESPONSE);
            ends.values().forEach(GroupProperties::awaitEnd);
            ends.values().forEach(one -> assertThat(one.waits()).isFalse());
        }

        private static long say(End end, OpCode opCode, long id) {
            return end.peer.say(opCode, end.channel, id).id();
        }

        /// What comes but for the remarks on queues.
        private static void nextOf(End end, OpCode opCode) {
            Received received = end.peer.next();
            while (received.status() == Status.SEND_QUEUE_READY) {
                check(end, received);
                received = end.peer.next();
            }
            assertThat(received.opCode()).isEqualTo(opCode);
        }

        void close() {
            ends.values().forEach(end -> end.peer.group().close());
        }
    }

    private static void awaitEnd(End end) {
        @Nullable Received received = null;
        while (received == null || received.status() == Status.SEND_QUEUE_READY) {
            received = end.peer.next();
        }
        assertThat(received.status()).isEqualTo(Status.CHANNEL_CLOSED);
        assertThat(received.channel()).isEqualTo(end.channel);
    }
}
