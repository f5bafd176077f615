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

    /// A peer, and what the heartbeat should know of it.
    private static final class Model {
        private final int channel;
        private boolean ended;
        private boolean watched;
        private boolean heard;
        private int misses;
        private int marks;

        Model(int channel) {
            this.channel = channel;
        }
    }

    private static final class Run {
        private final boolean always;
        private final Heartbeat heartbeat;
        private final List<Model> peers = new ArrayList<>();
        private long dead;

        Run(boolean always) throws InterruptedException {
            this.always = always;
            heartbeat = new Heartbeat(rig.dispatcher, INTERVAL, MISSES, always);
            for (int i = 0; i < PEERS; i++) {
                peers.add(connect());
            }
        }

        private Model connect() throws InterruptedException {
            Model peer = new Model(rig.connect());
            rig.dispatcher.on(
                    peer.channel,
                    message -> {
                        peer.ended |= message.endsChannel();
                        peer.marks += message.endsChannel() ? 0 : 1;
                        assertThat(message.headers().first(Heartbeat.BEAT)).isNull();
                    });
            return peer;
        }

        void take(Step step) throws InterruptedException {
            switch (step) {
                case Step.Talk talk -> talk(peers.get(talk.peer()));
                case Step.Ask ask -> ask(peers.get(ask.peer()));
                case Step.Watch watch -> watch(peers.get(watch.peer()), watch.on());
                case Step.Pass _ -> pass();
                case Step.Go go -> {
                    Model peer = peers.get(go.peer());
                    rig.farSend(OpCode.BYE_SIGNAL, rig.farNumber(peer.channel), 1, "");
                    replace(List.of(go.peer()));
                }
            }
            assertThat(heartbeat.dead()).isEqualTo(dead);
        }

        /// Nothing of the old one may be left: the next may have the same number on the far side.
        private void replace(List<Integer> gone) throws InterruptedException {
            for (int index : gone) {
                Model peer = peers.get(index);
                rig.until("its end", () -> peer.ended);
                rig.farEnd(rig.farNumber(peer.channel));
            }
            rig.farRest();
            for (int index : gone) {
                peers.set(index, connect());
            }
        }

        private static void talk(Model peer) throws InterruptedException {
            int before = peer.marks;
            rig.farSend(OpCode.SIGNAL, rig.farNumber(peer.channel), 1, "");
            rig.until("signal", () -> peer.marks > before);
            peer.heard = true;
        }

        /// A beat of the peer is answered if it is watched, else it is a request like others.
        private static void ask(Model peer) throws InterruptedException {
            if (!peer.watched) {
                return;
            }
            int far = rig.farNumber(peer.channel);
            long id = rig.farAsk(far, Heartbeat.BEAT, "?", "");
            try (Message answer = rig.farNext(OpCode.RESPONSE, far)) {
                assertThat(answer.id()).isEqualTo(id);
                assertThat(answer.headers().first(Heartbeat.BEAT)).isNotNull();
            }
            peer.heard = true;
        }

        private void watch(Model peer, boolean on) throws InterruptedException {
            if (!on) {
                heartbeat.unwatch(peer.channel);
            } else {
                heartbeat.watch(peer.channel);
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
            for (Model peer : peers) {
                if (peer.watched) {
                    peer.misses = peer.heard ? 0 : peer.misses + 1;
                    if (peer.misses < MISSES) {
                        assertThat(gotABeat(peer)).isEqualTo(!peer.heard || always);
                        peer.heard = false;
                    }
                }
            }
            List<Integer> cut = new ArrayList<>();
            for (int i = 0; i < PEERS; i++) {
                if (peers.get(i).misses >= MISSES) {
                    cut.add(i);
                }
            }
            dead += cut.size();
            replace(cut);
        }

        /// What is sent now comes behind a beat, if there is one.
        private static boolean gotABeat(Model peer) throws InterruptedException {
            int far = rig.farNumber(peer.channel);
            try (Message mark = rig.message()) {
                rig.dispatcher.send(mark.opCode(OpCode.SIGNAL).channel(peer.channel));
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

        /// Ends all, and leaves nothing on the far side: the next try may get the same numbers.
        void close() throws InterruptedException {
            heartbeat.close();
            for (Model peer : peers) {
                rig.dispatcher.cut(peer.channel);
                rig.farEnd(rig.farNumber(peer.channel));
            }
            rig.farRest();
        }
    }
}
