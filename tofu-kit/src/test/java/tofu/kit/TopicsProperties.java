package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import tofu.api.Address;
import tofu.api.Message;
import tofu.api.OpCode;

/// Peers that subscribe, leave, publish and go in any order, with more wishes than the bounds
/// allow: who gets what is what a small model says, and nothing else comes. All of them read; who
/// does not is in [TopicsBoundProperties].
class TopicsProperties {
    private static final int PEERS = 3;
    private static final Topics.Limits LIMITS =
            Topics.Limits.builder().topics(3).topicsPerPeer(2).waitingPerPeer(16).build();
    private static final String TOO_LONG = "x".repeat(Topics.MAX_NAME_LENGTH + 1);

    /// What happens next.
    sealed interface Step {
        record Subscribe(int peer, String topic) implements Step {}

        record Unsubscribe(int peer, String topic) implements Step {}

        /// By a request, or by a signal.
        record Publish(int peer, String topic, boolean asks) implements Step {}

        /// Published by the server itself.
        record Announce(String topic) implements Step {}

        /// The peer goes, and another one comes.
        record Replace(int peer) implements Step {}
    }

    @Provide
    Arbitrary<Step> steps() {
        Arbitrary<Integer> peer = Arbitraries.integers().between(0, PEERS - 1);
        Arbitrary<String> topic = Arbitraries.of("a", "b", "c", "d", TOO_LONG);
        Arbitrary<Boolean> asks = Arbitraries.of(true, false);
        return Arbitraries.frequencyOf(
                Tuple.of(5, Combinators.combine(peer, topic).as(Step.Subscribe::new)),
                Tuple.of(2, Combinators.combine(peer, topic).as(Step.Unsubscribe::new)),
                Tuple.of(5, Combinators.combine(peer, topic, asks).as(Step.Publish::new)),
                Tuple.of(2, Arbitraries.of("a", "b", "c", "d").map(Step.Announce::new)),
                Tuple.of(1, peer.map(Step.Replace::new)));
    }

    @Property(tries = 60)
    void whoGetsWhatIsAsTheModelSays(@ForAll Slow slow, @ForAll List<@From("steps") Step> steps)
            throws Exception {
        try (Run run = new Run(slow)) {
            for (Step step : steps) {
                run.take(step);
            }
            run.finish();
        }
    }

    private static final class Run implements AutoCloseable {
        private final Rig rig = new Rig();
        private final Topics topics;
        private final Address.Client address;
        private final int[] channels = new int[PEERS];
        private final List<Set<String>> model = new ArrayList<>();
        private int items;

        Run(Slow slow) throws InterruptedException {
            topics = new Topics(rig.dispatcher, slow, LIMITS);
            Server server =
                    Server.builder(rig.dispatcher)
                            .listenOn(Rig.fresh())
                            .sessions((peer, hello) -> topics.session(peer))
                            .start();
            address = rig.address(server);
            for (int i = 0; i < PEERS; i++) {
                channels[i] = rig.farConnect(address);
                model.add(new TreeSet<>());
            }
        }

        void take(Step step) throws InterruptedException {
            switch (step) {
                case Step.Subscribe subscribe -> subscribe(subscribe.peer(), subscribe.topic());
                case Step.Unsubscribe leave -> {
                    model.get(leave.peer()).remove(leave.topic());
                    ask(leave.peer(), Topics.UNSUBSCRIBE, leave.topic(), true);
                }
                case Step.Publish publish -> publish(publish);
                case Step.Announce announce -> announce(announce.topic());
                case Step.Replace replace -> {
                    rig.farSend(OpCode.BYE_REQUEST, channels[replace.peer()], 1, "");
                    rig.farEnd(channels[replace.peer()]);
                    model.get(replace.peer()).clear();
                    channels[replace.peer()] = rig.farConnect(address);
                }
            }
        }

        private void subscribe(int peer, String topic) throws InterruptedException {
            Set<String> mine = model.get(peer);
            Set<String> all = new TreeSet<>();
            model.forEach(all::addAll);
            boolean room =
                    mine.size() < LIMITS.topicsPerPeer()
                            && (all.contains(topic) || all.size() < LIMITS.topics());
            boolean taken = mine.contains(topic) || (room && !topic.equals(TOO_LONG));
            if (taken) {
                mine.add(topic);
            }
            ask(peer, Topics.SUBSCRIBE, topic, taken);
        }

        private void ask(int peer, String header, String topic, boolean taken)
                throws InterruptedException {
            long id = rig.farAsk(channels[peer], header, topic, "");
            try (Message answer = rig.farNext(OpCode.RESPONSE, channels[peer])) {
                assertThat(answer.id()).isEqualTo(id);
                assertThat(answer.headers().first(Topics.REFUSED) == null).isEqualTo(taken);
            }
        }

        private void publish(Step.Publish publish) throws InterruptedException {
            String item = "item " + ++items;
            int channel = channels[publish.peer()];
            boolean good = !publish.topic().equals(TOO_LONG);
            if (publish.asks()) {
                long id = rig.farAsk(channel, Topics.PUBLISH, publish.topic(), item);
                try (Message answer = rig.farNext(OpCode.RESPONSE, channel)) {
                    assertThat(answer.id()).isEqualTo(id);
                    assertThat(answer.headers().first(Topics.REFUSED) == null).isEqualTo(good);
                }
            } else {
                try (Message signal = rig.message()) {
                    signal.opCode(OpCode.SIGNAL).channel(channel);
                    signal.headers().append(Topics.PUBLISH, publish.topic());
                    signal.body().append(item);
                    rig.far.enqueueToPeer(signal);
                }
                // What the other peers do next may overtake it, as each has its own channel.
                ask(publish.peer(), Topics.UNSUBSCRIBE, "no topic of the model", true);
            }
            expect(publish.topic(), item);
        }

        private void announce(String topic) throws InterruptedException {
            String item = "item " + ++items;
            CompletableFuture<Integer> sent;
            try (Message news = rig.message()) {
                news.body().append(item);
                sent = topics.publish(topic, news);
            }
            expect(topic, item);
            rig.until("sent", sent::isDone);
            assertThat(sent.join())
                    .isEqualTo((int) model.stream().filter(t -> t.contains(topic)).count());
        }

        private void expect(String topic, String item) throws InterruptedException {
            for (int peer = 0; peer < PEERS; peer++) {
                if (model.get(peer).contains(topic)) {
                    try (Message news = rig.farNext(OpCode.SIGNAL, channels[peer])) {
                        assertThat(news.body().text()).isEqualTo(item);
                        assertThat(news.headers().first(Topics.PUBLISH)).isEqualTo(topic);
                    }
                }
            }
        }

        void finish() throws InterruptedException {
            // An answer comes behind all news, so nothing is on its way any more.
            for (int peer = 0; peer < PEERS; peer++) {
                ask(peer, Topics.UNSUBSCRIBE, "a", true);
            }
            assertThat(rig.farRest()).noneMatch(text -> text.contains("item"));
            assertThat(topics.missed()).isZero();
            assertThat(rig.failures).isEmpty();
        }

        @Override
        public void close() {
            rig.close();
        }
    }
}
