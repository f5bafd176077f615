package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;
import tofu.api.Ampe;
import tofu.api.LeakDetection;
import tofu.api.Message;
import tofu.api.MessageInputStream;
import tofu.api.MessageOutputStream;
import tofu.api.MessageStreamException;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Origin;
import tofu.api.Status;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Transport;

/// Streams over `more` on several channels, in both directions, with ids of which some are the
/// same, written and received a bit at a time in any order: each arrives whole, or as far as it
/// went until it was aborted or its channel ended, and ends exactly once.
class InterleavedStreamProperties {
    private static final int CHANNELS = 2;
    private static final int MOST_IDS = 2;
    private static final int MOST_PARTS = 10_000;

    enum Side {
        CLIENT,
        SERVER;

        Side other() {
            return this == CLIENT ? SERVER : CLIENT;
        }
    }

    /// What tells a chain of messages from others at the same time.
    record Key(Side from, int channel, OpCode opCode, long id) {}

    /// What happens next. Streams are counted modulo how many are being written.
    sealed interface Step {
        /// Unless there is such a one already.
        record Begin(Key key, int chunkLength) implements Step {}

        record Write(int stream, int length) implements Step {}

        record Flush(int stream) implements Step {}

        record Finish(int stream) implements Step {}

        record Abort(int stream) implements Step {}

        /// Receives what is there, at most so many messages.
        record Receive(Side by, int count) implements Step {}
    }

    private static Ampe engine;

    @BeforeContainer
    static void open() {
        engine = Ampe.open(Options.builder().leakDetection(LeakDetection.PARANOID).build());
    }

    @AfterContainer
    static void close() {
        engine.close();
    }

    @Provide
    Arbitrary<Step> steps() {
        Arbitrary<Side> side = Arbitraries.of(Side.class);
        Arbitrary<Integer> which = Arbitraries.integers().between(0, 9);
        Arbitrary<Key> key =
                Combinators.combine(
                                side,
                                Arbitraries.integers().between(0, CHANNELS - 1),
                                Arbitraries.of(OpCode.REQUEST, OpCode.RESPONSE, OpCode.SIGNAL),
                                Arbitraries.longs().between(1, MOST_IDS))
                        .as(Key::new);
        Arbitrary<Integer> chunk = Arbitraries.integers().between(50, 300);
        Arbitrary<Integer> length = Arbitraries.integers().between(0, 600);
        return Arbitraries.frequencyOf(
                Tuple.of(4, Combinators.combine(key, chunk).as(Step.Begin::new)),
                Tuple.of(8, Combinators.combine(which, length).as(Step.Write::new)),
                Tuple.of(2, which.map(Step.Flush::new)),
                Tuple.of(2, which.map(Step.Finish::new)),
                Tuple.of(1, which.map(Step.Abort::new)),
                Tuple.of(4, Combinators.combine(side, which).as(Step.Receive::new)));
    }

    @Property(tries = 60)
    void eachStreamArrivesWholeAndEndsOnce(@ForAll @Size(max = 60) List<@From("steps") Step> steps)
            throws Exception {
        try (Run run = new Run()) {
            for (Step step : steps) {
                run.take(step);
            }
            run.bye();
        }
    }

    /// A stream as it is written, and how much of it the peer should have in the end.
    private static final class Written {
        private final Key key;
        private final int chunkLength;
        private final MessageOutputStream out;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private int unsent;
        private boolean isFinished;
        private boolean isAborted;

        Written(Key key, int chunkLength, MessageOutputStream out) {
            this.key = key;
            this.chunkLength = chunkLength;
            this.out = out;
        }

        /// A chunk that is full is sent when the next byte comes.
        void write(int length) throws IOException {
            byte[] piece = new byte[length];
            for (int i = 0; i < length; i++) {
                piece[i] = (byte) (bytes.size() + i);
            }
            out.write(piece);
            bytes.write(piece);
            unsent += length;
            unsent -= Math.max(0, unsent - 1) / chunkLength * chunkLength;
        }

        void flush() throws IOException {
            out.flush();
            unsent = 0;
        }

        void finish() throws IOException {
            out.finish();
            unsent = 0;
            isFinished = true;
        }

        void abort() throws IOException {
            out.close();
            isAborted = true;
        }

        byte[] sent() {
            return Arrays.copyOf(bytes.toByteArray(), bytes.size() - unsent);
        }
    }

    private static final class Run implements AutoCloseable {
        private final Peer client = new Peer(engine);
        private final Peer server = new Peer(engine);
        private final List<Link> links = new ArrayList<>();
        private final List<Written> open = new ArrayList<>();

        /// What is to arrive, in order.
        private final Map<Key, Deque<Written>> underWay = new HashMap<>();

        private final Map<Key, MessageInputStream> reading = new LinkedHashMap<>();
        private int ends;

        Run() {
            String address = server.listen(Transport.UDS).address();
            for (int i = 0; i < CHANNELS; i++) {
                links.add(Link.open(client, server, address));
            }
        }

        private Peer peer(Side side) {
            return side == Side.CLIENT ? client : server;
        }

        private int number(Side side, Link link) {
            return side == Side.CLIENT ? link.clientChannel() : link.serverChannel();
        }

        void take(Step step) throws Exception {
            switch (step) {
                case Step.Begin begin -> begin(begin.key(), begin.chunkLength());
                case Step.Receive receive -> {
                    for (int i = 0; i < receive.count(); i++) {
                        receive(receive.by(), Duration.ZERO);
                    }
                }
                case Step.Write write -> {
                    if (!open.isEmpty()) {
                        open.get(write.stream() % open.size()).write(write.length());
                    }
                }
                case Step.Flush flush -> {
                    if (!open.isEmpty()) {
                        open.get(flush.stream() % open.size()).flush();
                    }
                }
                case Step.Finish finish -> {
                    if (!open.isEmpty()) {
                        open.remove(finish.stream() % open.size()).finish();
                    }
                }
                case Step.Abort abort -> {
                    if (!open.isEmpty()) {
                        open.remove(abort.stream() % open.size()).abort();
                    }
                }
            }
        }

        private void begin(Key key, int chunkLength) {
            if (open.stream().anyMatch(stream -> stream.key.equals(key))) {
                return;
            }
            Peer peer = peer(key.from());
            try (Message first = peer.message()) {
                first.opCode(key.opCode()).channel(number(key.from(), links.get(key.channel())));
                first.id(key.id());
                MessageOutputStream out =
                        new MessageOutputStream(
                                engine, peer.group(), first, Peer.PATIENCE, chunkLength);
                Written stream = new Written(key, chunkLength, out);
                open.add(stream);
                underWay.computeIfAbsent(key, k -> new ArrayDeque<>()).add(stream);
            }
        }

        private void receive(Side side, Duration timeout) throws Exception {
            try (@Nullable Message message = peer(side).group().waitReceive(timeout)) {
                if (message == null) {
                    assertThat(timeout).as("something is to come").isZero();
                } else if (message.endsChannel()) {
                    channelEnds(side, message);
                } else if (message.opCode() == OpCode.BYE_REQUEST) {
                    peer(side).group().enqueueToPeer(message.opCode(OpCode.BYE_RESPONSE));
                } else if (message.opCode().type() == OpCode.Type.REGULAR) {
                    assertThat(message.origin()).isEqualTo(Origin.APPLICATION);
                    takePart(side, message);
                }
            }
        }

        private int channel(Side side, Message message) {
            for (int i = 0; i < CHANNELS; i++) {
                if (number(side, links.get(i)) == message.channel()) {
                    return i;
                }
            }
            throw new AssertionError("of no channel: " + message.header());
        }

        private void takePart(Side side, Message part) throws Exception {
            Key key = new Key(side.other(), channel(side, part), part.opCode(), part.id());
            boolean more = part.more();
            MessageInputStream in = reading.remove(key);
            assertThat(reading.values()).noneMatch(other -> other.accepts(part));
            if (in == null) {
                in = MessageInputStream.fed(part, MOST_PARTS, Duration.ZERO);
            } else {
                assertThat(in.accepts(part)).isTrue();
                assertThat(in.feed(part, Duration.ZERO)).isEqualTo(more);
            }
            if (more) {
                reading.put(key, in);
            } else {
                expectEnd(in, key);
            }
        }

        private void expectEnd(MessageInputStream in, Key key) throws IOException {
            Written stream = Objects.requireNonNull(underWay.get(key)).remove();
            assertThat(in.readNBytes(stream.sent().length)).isEqualTo(stream.sent());
            if (stream.isFinished) {
                assertThat(in.read()).isEqualTo(-1);
                assertThat(in.read()).as("again").isEqualTo(-1);
            } else {
                assertThat(stream.isAborted).as("the sender goes on").isTrue();
                assertThatThrownBy(in::read).hasMessageContaining("aborted");
            }
        }

        /// Each of the streams that were being read is told.
        private void channelEnds(Side side, Message last) throws Exception {
            ends++;
            int channel = channel(side, last);
            for (Map.Entry<Key, MessageInputStream> entry : reading.entrySet()) {
                if (entry.getKey().from() == side || entry.getKey().channel() != channel) {
                    continue;
                }
                MessageInputStream in = entry.getValue();
                Written stream = Objects.requireNonNull(underWay.get(entry.getKey())).remove();
                assertThat(in.readNBytes(stream.sent().length)).isEqualTo(stream.sent());
                assertThat(in.available()).isZero();
                assertThat(in.feed(last, Duration.ZERO)).isFalse();
                assertThat(last.isEmptied()).as("moved").isFalse();
                assertThatThrownBy(in::read)
                        .isInstanceOfSatisfying(
                                MessageStreamException.class,
                                e -> assertThat(e.status()).isEqualTo(Status.CHANNEL_CLOSED));
            }
        }

        /// All that was sent arrives before the channels end, and nothing else.
        void bye() throws Exception {
            for (Link link : links) {
                client.say(OpCode.BYE_REQUEST, link.clientChannel());
            }
            while (ends < CHANNELS) {
                receive(Side.SERVER, Peer.PATIENCE);
            }
            while (ends < 2 * CHANNELS) {
                receive(Side.CLIENT, Peer.PATIENCE);
            }
            assertThat(underWay.values().stream().flatMap(Deque::stream))
                    .allMatch(stream -> stream.sent().length == 0 && open.contains(stream));
        }

        @Override
        public void close() {
            client.group().close();
            server.group().close();
            for (Written stream : open) {
                assertThatThrownBy(stream::abort).isInstanceOf(MessageStreamException.class);
            }
        }
    }
}
