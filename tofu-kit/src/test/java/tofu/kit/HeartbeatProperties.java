package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
import tofu.api.Message;
import tofu.api.OpCode;

/// Peers that talk, ask for a sign of life, fall silent and go, in any order, while time passes:
/// who is asked, who is cut, and how many, is what a small model says.
class HeartbeatProperties {
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final int PEERS = 2;
    private static final int MISSES = 3;

    /// What happens next.
    sealed interface Step {
        /// The peer says something.
        record Talk(int peer) implements Step {}

        /// The peer asks whether we are there.
        record Ask(int peer) implements Step {}

        record Watch(int peer, boolean on) implements Step {}

        /// An interval passes.
        record Pass() implements Step {}

        /// The peer ends its channel; another one takes its place, and is not watched yet.
        record Go(int peer) implements Step {}
    }

    private static Rig rig;

    @BeforeContainer
    static void open() throws InterruptedException {
        rig = new Rig();
    }

    @AfterContainer
    static void close() {
        rig.close();
    }

    @Provide
    Arbitrary<Step> steps() {
        Arbitrary<Integer> peer = Arbitraries.integers().between(0, PEERS - 1);
        return Arbitraries.frequencyOf(
                Tuple.of(3, peer.map(Step.Talk::new)),
                Tuple.of(1, peer.map(Step.Ask::new)),
                Tuple.of(
                        3,
                        Combinators.combine(peer, Arbitraries.of(true, true, false))
                                .as(Step.Watch::new)),
                Tuple.of(6, Arbitraries.create(Step.Pass::new)),
                Tuple.of(1, peer.map(Step.Go::new)));
    }

    @Property(tries = 100)
    void whoIsAskedAndWhoIsCutIsAsTheModelSays(
            @ForAll boolean always, @ForAll List<@From("steps") Step> steps)
            throws InterruptedException {
        Run run = new Run(always);
        try {
            for (Step step : steps) {
                run.take(step);
            }
        } finally {
            run.close();
        }
        assertThat(rig.failures).isEmpty();
    }

    /// What the heartbeat should know of a peer.
    private static final class Model {
        private boolean watched;
        private boolean heard;
        private int misses;
    }

    private static final class Run {
        private final boolean always;
        private final Channels channels;
        private final Heartbeat heartbeat;
        private final List<Model> peers = new ArrayList<>();
        private long dead;

        Run(boolean always) throws InterruptedException {
            this.always = always;
            channels = new Channels(rig, PEERS);
            heartbeat = new Heartbeat(rig.dispatcher, INTERVAL, MISSES, always);
            for (int i = 0; i < PEERS; i++) {
                peers.add(new Model());
            }
            rig.dispatcher.otherwise(
                    message ->
                            assertThat(message.headers().first(Heartbeat.BEAT))
                                    .as("a beat is nobody else's business")
                                    .isNull());
        }

        void take(Step step) throws InterruptedException {
            switch (step) {
                case Step.Talk talk -> talk(talk.peer());
                case Step.Ask ask -> ask(ask.peer());
                case Step.Watch watch -> watch(watch.peer(), watch.on());
                case Step.Pass _ -> pass();
                case Step.Go go -> {
                    channels.end(go.peer());
                    peers.set(go.peer(), new Model());
                }
            }
            assertThat(heartbeat.dead()).isEqualTo(dead);
        }

        private void talk(int peer) throws InterruptedException {
            rig.farSend(OpCode.SIGNAL, channels.far(peer), 1, "");
            channels.settle(peer);
            peers.get(peer).heard = true;
        }

        /// A beat of the peer is answered if it is watched, else it is a request like others.
        private void ask(int peer) throws InterruptedException {
            if (!peers.get(peer).watched) {
                return;
            }
            int far = channels.far(peer);
            long id = rig.farAsk(far, Heartbeat.BEAT, "?", "");
            try (Message answer = rig.farNext(OpCode.RESPONSE, far)) {
                assertThat(answer.id()).isEqualTo(id);
                assertThat(answer.headers().first(Heartbeat.BEAT)).isNotNull();
            }
            peers.get(peer).heard = true;
        }

        private void watch(int index, boolean on) throws InterruptedException {
            Model peer = peers.get(index);
            if (!on) {
                heartbeat.unwatch(channels.near(index));
            } else {
                heartbeat.watch(channels.near(index));
                if (!peer.watched) {
                    peer.heard = true;
                    peer.misses = 0;
                }
            }
            peer.watched = on;
            rig.dispatcher.turn(0);
        }

        private void pass() throws InterruptedException {
            rig.advance(INTERVAL);
            rig.dispatcher.turn(0);
            List<Integer> cut = new ArrayList<>();
            for (int i = 0; i < PEERS; i++) {
                Model peer = peers.get(i);
                if (peer.watched) {
                    peer.misses = peer.heard ? 0 : peer.misses + 1;
                    if (peer.misses < MISSES) {
                        assertThat(gotABeat(i)).isEqualTo(!peer.heard || always);
                        peer.heard = false;
                    } else {
                        cut.add(i);
                    }
                }
            }
            dead += cut.size();
            channels.replace(cut);
            cut.forEach(i -> peers.set(i, new Model()));
        }

        /// What is sent now comes behind a beat, if there is one.
        private boolean gotABeat(int peer) throws InterruptedException {
            int far = channels.far(peer);
            try (Message mark = rig.message()) {
                rig.dispatcher.send(mark.opCode(OpCode.SIGNAL).channel(channels.near(peer)));
            }
            List<Message> others = new ArrayList<>();
            boolean beat = false;
            boolean marked = false;
            while (!marked) {
                Message message = rig.farNext();
                if (message.channel() != far) {
                    others.add(message);
                    continue;
                }
                try (message) {
                    beat |= message.headers().first(Heartbeat.BEAT) != null;
                    marked = message.opCode() == OpCode.SIGNAL;
                }
            }
            rig.farBack(others);
            return beat;
        }

        void close() throws InterruptedException {
            heartbeat.close();
            channels.close();
        }
    }
}
