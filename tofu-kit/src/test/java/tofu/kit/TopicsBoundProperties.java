package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.Size;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;

/// News of any length for a subscriber that stops to read and begins again: what it misses, and
/// what waits for it, is what a small model says, by both bounds.
class TopicsBoundProperties {
    private static final int MOST = 4;
    private static final long MOST_BYTES = Options.MAX_MESSAGE_BYTES;
    private static final Topics.Limits LIMITS =
            Topics.Limits.builder().waitingPerPeer(MOST).waitingBytesPerPeer(MOST_BYTES).build();

    /// What happens next.
    sealed interface Step {
        record Announce(int length) implements Step {}

        /// The subscriber stops to read, or reads all that waits, and then what comes.
        record Turn() implements Step {}
    }

    @Provide
    Arbitrary<Step> steps() {
        return Arbitraries.frequencyOf(
                Tuple.of(6, Arbitraries.of(0, 20_000, 40_000, 60_000).map(Step.Announce::new)),
                Tuple.of(1, Arbitraries.create(Step.Turn::new)));
    }

    @Property(tries = 12)
    void whatIsMissedIsAsTheModelSays(
            @ForAll Slow slow, @ForAll @Size(min = 3, max = 14) List<@From("steps") Step> steps)
            throws Exception {
        try (Run run = new Run(slow)) {
            for (Step step : steps) {
                switch (step) {
                    case Step.Announce news -> run.announce(news.length());
                    case Step.Turn _ -> run.turn();
                }
            }
            run.finish();
        }
    }

    private record News(int number, long bytes, CompletableFuture<Integer> done) {}

    private static final class Run implements AutoCloseable {
        private final Rig rig =
                new Rig(Options.builder().sendQueueMessages(4).receiveWindowMessages(16).build());
        private final Slow slow;
        private final Topics topics;
        private final List<Peer> peers = new ArrayList<>();
        private final int channel;
        private int filled;

        // The model.
        private final Deque<News> waiting = new ArrayDeque<>();
        private boolean reads;
        private boolean gone;
        private long missed;
        private int made;

        Run(Slow slow) throws InterruptedException {
            this.slow = slow;
            topics = new Topics(rig.dispatcher, slow, LIMITS);
            Server server = rig.serve(peers, peer -> topics.session(peer));
            channel = rig.farConnect(rig.address(server));
            rig.farAsk(channel, Topics.SUBSCRIBE, "news", "");
            rig.farNext(OpCode.RESPONSE, channel).close();
            filled = rig.fill(peers.getFirst().channel());
        }

        void announce(int length) throws InterruptedException {
            News news;
            try (Message message = rig.message()) {
                message.headers().append("number", Integer.toString(++made));
                message.body().append(new byte[length]);
                long topic = "publish: news\r\n".length();
                long bytes = Bounds.bytes(message) + topic;
                news = new News(made, bytes, topics.publish("news", message));
            }
            rig.dispatcher.turn(0);
            if (reads) {
                expect(news);
                assertThat(topics.missed()).isEqualTo(missed);
                return;
            }
            boolean went = !gone && takes(news);
            assertThat(topics.missed()).isEqualTo(missed);
            assertThat(news.done().isDone()).isEqualTo(slow != Slow.WAIT || !went);
            if (news.done().isDone()) {
                assertThat(news.done().join()).isEqualTo(went ? 1 : 0);
            }
        }

        private boolean takes(News news) {
            while (slow == Slow.DROP_OLDEST && !waiting.isEmpty() && !hasRoom(news)) {
                waiting.remove();
                missed++;
            }
            if (hasRoom(news)) {
                waiting.add(news);
                return true;
            }
            missed++;
            if (slow == Slow.DISCONNECT) {
                missed += waiting.size();
                waiting.clear();
                gone = true;
            }
            return false;
        }

        private boolean hasRoom(News news) {
            long bytes = waiting.stream().mapToLong(News::bytes).sum();
            return waiting.size() < MOST && bytes + news.bytes() <= MOST_BYTES;
        }

        /// It stops to read, or begins again.
        void turn() throws InterruptedException {
            if (gone) {
                return;
            }
            if (reads) {
                filled = rig.refill(peers.getFirst().channel());
            } else {
                readAll();
            }
            reads = !reads;
        }

        private void readAll() throws InterruptedException {
            for (; filled > 0; filled--) {
                rig.farNext(OpCode.SIGNAL, channel).close();
            }
            for (News news : waiting) {
                expect(news);
            }
            waiting.clear();
        }

        private void expect(News news) throws InterruptedException {
            try (Message message = rig.farNext(OpCode.SIGNAL, channel)) {
                assertThat(message.headers().first("number")).isEqualTo("" + news.number());
            }
            rig.until("told", news.done()::isDone);
            assertThat(news.done()).isCompletedWithValue(1);
        }

        /// It reads all that has waited, and nothing else.
        void finish() throws InterruptedException {
            if (gone) {
                rig.farEnd(channel);
                return;
            }
            readAll();
            assertThat(topics.missed()).isEqualTo(missed);
            assertThat(rig.failures).isEmpty();
        }

        @Override
        public void close() {
            rig.close();
        }
    }
}
