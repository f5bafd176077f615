package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.Channel;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;

/// Clients that say hello, are refused, talk, ask and leave, while the server answers, says bye,
/// cuts and drains: who has a session, what each hears, and who is left is what a small model says.
///
/// Somewhat long, because both ends have many ways to go.
class ServerProperties {
    private static final int CLIENTS = 4;
    private static final int MOST_PEERS = 3;
    private static final Duration DRAIN = Duration.ofSeconds(5);
    private static final String NAME = "name";
    private static final String KIND = "kind";

    private static final Patience PATIENCE = new Patience();

    /// What becomes of a hello.
    enum Kind {
        WELCOME,
        REFUSED,
        /// The session cannot be begun.
        BROKEN
    }

    /// What a session does with a message, after it has noted it.
    enum Manner {
        NOTE,
        /// If it is a request.
        ANSWER,
        /// Keeps it, to answer it later.
        HOLD,
        THROW
    }

    /// What happens next. Held requests are counted modulo how many there are.
    sealed interface Step {
        /// Who is there already says nothing.
        record Hello(int client, Kind kind) implements Step {}

        record Talk(int client, boolean asks, Manner manner) implements Step {}

        record Answer(int held) implements Step {}

        record Leave(int client, boolean inGoodOrder) implements Step {}

        /// The server says bye, and the client answers that.
        record Bye(int client) implements Step {}

        record Cut(int client) implements Step {}

        record Drain() implements Step {}

        /// Time passes, enough to drain.
        record Pass() implements Step {}
    }

    @Provide
    Arbitrary<Step> steps() {
        Arbitrary<Integer> client = Arbitraries.integers().between(0, CLIENTS - 1);
        Arbitrary<Boolean> yesOrNo = Arbitraries.of(true, false);
        Arbitrary<Kind> kind =
                Arbitraries.of(Kind.WELCOME, Kind.WELCOME, Kind.WELCOME, Kind.REFUSED, Kind.BROKEN);
        Arbitrary<Manner> manner =
                Arbitraries.frequency(
                        Tuple.of(1, Manner.NOTE),
                        Tuple.of(3, Manner.ANSWER),
                        Tuple.of(3, Manner.HOLD),
                        Tuple.of(1, Manner.THROW));
        return Arbitraries.frequencyOf(
                Tuple.of(5, Combinators.combine(client, kind).as(Step.Hello::new)),
                Tuple.of(6, Combinators.combine(client, yesOrNo, manner).as(Step.Talk::new)),
                Tuple.of(3, Arbitraries.integers().between(0, 9).map(Step.Answer::new)),
                Tuple.of(2, Combinators.combine(client, yesOrNo).as(Step.Leave::new)),
                Tuple.of(1, client.map(Step.Bye::new)),
                Tuple.of(1, client.map(Step.Cut::new)),
                Tuple.of(1, Arbitraries.create(Step.Drain::new)),
                Tuple.of(1, Arbitraries.create(Step.Pass::new)));
    }

    @Property(tries = 60)
    void sessionsAreAsTheModelSays(@ForAll List<@From("steps") Step> steps) throws Exception {
        try (Run run = new Run()) {
            for (Step step : steps) {
                run.take(step);
                run.check();
            }
            run.finish();
        }
    }

    /// A client, and what the server should know of it.
    private static final class Client {
        /// Every client that comes has another.
        private final String name;

        /// Its own number of the channel.
        private final int channel;

        private final Peer peer;

        /// Requests that were not answered.
        private int open;

        Client(String name, int channel, Peer peer) {
            this.name = name;
            this.channel = channel;
            this.peer = peer;
        }
    }

    /// A message that a session has kept.
    private record Held(Client client, boolean isRequest, Message message) {}

    private static final class Run implements AutoCloseable {
        private final Rig rig = new Rig(PATIENCE);
        private final Server server;
        private final Address.Client address;
        private final Map<String, List<String>> heard = new TreeMap<>();
        private final Map<String, Peer> peers = new TreeMap<>();
        private @Nullable Message kept;

        /// What comes of draining; `null` before that.
        private @Nullable CompletableFuture<Integer> drained;

        // The model.
        private final @Nullable Client[] clients = new @Nullable Client[CLIENTS];
        private final List<Held> held = new ArrayList<>();
        private final Map<String, List<String>> expected = new TreeMap<>();
        private int failures;
        private int made;
        private int said;
        private int cutOff;

        Run() throws InterruptedException {
            server =
                    Server.builder(rig.dispatcher)
                            .listenOn(Rig.fresh())
                            .maxPeers(MOST_PEERS)
                            .refuse(hello -> is(hello, Kind.REFUSED) ? "no" : null)
                            .sessions(this::open)
                            .start();
            address = rig.address(server);
        }

        private static boolean is(Message hello, Kind kind) {
            return kind.toString().equals(hello.headers().first(KIND));
        }

        private Session open(Peer peer, Message hello) {
            if (is(hello, Kind.BROKEN)) {
                throw new IllegalStateException("no session");
            }
            String name = hello.headers().first(NAME);
            peers.put(name, peer);
            List<String> events = heard.computeIfAbsent(name, n -> new ArrayList<>());
            events.add("open");
            return new Session() {
                @Override
                public void onMessage(Message message) {
                    events.add(message.body().text());
                    switch (Manner.valueOf(Objects.requireNonNull(message.headers().first(KIND)))) {
                        case NOTE -> {}
                        case ANSWER -> assertThat(peer.answer(message)).isTrue();
                        case HOLD -> kept = rig.dispatcher.keep(message);
                        case THROW -> throw new IllegalStateException("bad session");
                    }
                }

                @Override
                public void onEnd(Status reason) {
                    events.add("end");
                }
            };
        }

        void take(Step step) throws InterruptedException {
            switch (step) {
                case Step.Hello hello -> hello(hello.client(), hello.kind());
                case Step.Answer answer -> {
                    if (!held.isEmpty()) {
                        answer(held.remove(answer.held() % held.size()));
                    }
                }
                case Step.Talk talk -> {
                    Client client = clients[talk.client()];
                    if (client != null) {
                        talk(client, talk.asks(), talk.manner());
                    }
                }
                case Step.Leave leave -> {
                    Client client = clients[leave.client()];
                    if (client != null) {
                        leave(client, leave.inGoodOrder());
                    }
                }
                case Step.Bye bye -> {
                    Client client = clients[bye.client()];
                    if (client != null) {
                        client.peer.bye();
                        answerBye(client);
                    }
                }
                case Step.Cut cut -> {
                    Client client = clients[cut.client()];
                    if (client != null) {
                        client.peer.cut();
                        gone(client);
                    }
                }
                case Step.Drain _ -> drain();
                case Step.Pass _ -> pass();
            }
        }

        private int present() {
            int count = 0;
            for (Client client : clients) {
                count += client == null ? 0 : 1;
            }
            return count;
        }

        private void hello(int place, Kind kind) throws InterruptedException {
            if (clients[place] != null) {
                return;
            }
            String name = "client " + ++made;
            int channel = rig.farConnect(address, NAME, name, KIND, kind.toString());
            boolean room = drained == null && present() < MOST_PEERS;
            assertThat(channel != 0).isEqualTo(room && kind == Kind.WELCOME);
            if (channel != 0) {
                Peer peer = Objects.requireNonNull(peers.get(name));
                clients[place] = new Client(name, channel, peer);
                expected.computeIfAbsent(name, n -> new ArrayList<>()).add("open");
            } else if (room && kind == Kind.BROKEN) {
                failures++;
            }
            rig.farRest(); // an end and its reason, perhaps
        }

        private void talk(Client client, boolean asks, Manner manner) throws InterruptedException {
            String text = "message " + ++said;
            try (Message message = rig.message()) {
                message.opCode(asks ? OpCode.REQUEST : OpCode.SIGNAL).channel(client.channel);
                message.headers().append(KIND, manner.toString());
                message.body().append(text);
                rig.far.enqueueToPeer(message);
            }
            expect(client, text);
            client.open += asks ? 1 : 0;
            switch (manner) {
                case NOTE -> {}
                case ANSWER -> answered(client, asks, text);
                case HOLD -> {
                    held.add(new Held(client, asks, Objects.requireNonNull(kept)));
                    kept = null;
                }
                case THROW -> {
                    failures++;
                    gone(client);
                }
            }
        }

        private void answer(Held later) throws InterruptedException {
            try (Message message = later.message()) {
                String text = message.body().text();
                boolean isHere = Arrays.asList(clients).contains(later.client());
                assertThat(later.client().peer.answer(message)).isEqualTo(isHere);
                if (isHere) {
                    answered(later.client(), later.isRequest(), text);
                }
            }
        }

        /// The client has it; and who is to go has a bye behind the last answer.
        private void answered(Client client, boolean wasAsked, String text)
                throws InterruptedException {
            OpCode opCode = wasAsked ? OpCode.RESPONSE : OpCode.SIGNAL;
            try (Message answer = rig.farNext(opCode, client.channel)) {
                assertThat(answer.body().text()).isEqualTo(text);
            }
            if (wasAsked) {
                client.open--;
                sayByeIfIdle(client);
            }
        }

        private void leave(Client client, boolean inGoodOrder) throws InterruptedException {
            if (inGoodOrder) {
                rig.farSend(OpCode.BYE_REQUEST, client.channel, 1, "");
                rig.farNext(OpCode.BYE_RESPONSE, client.channel).close();
            } else {
                rig.farSend(OpCode.BYE_SIGNAL, client.channel, 1, "");
            }
            gone(client);
        }

        private void answerBye(Client client) throws InterruptedException {
            try (Message bye = rig.farNext(OpCode.BYE_REQUEST, client.channel)) {
                rig.far.enqueueToPeer(bye.opCode(OpCode.BYE_RESPONSE));
            }
            gone(client);
        }

        /// Both ends know that the channel has ended.
        private void gone(Client client) throws InterruptedException {
            clients[Arrays.asList(clients).indexOf(client)] = null;
            expect(client, "end");
            rig.farEnd(client.channel);
        }

        private void expect(Client client, String event) throws InterruptedException {
            List<String> wanted = Objects.requireNonNull(expected.get(client.name));
            wanted.add(event);
            List<String> events = Objects.requireNonNull(heard.get(client.name));
            rig.until(event, () -> events.size() >= wanted.size());
        }

        private void drain() throws InterruptedException {
            CompletableFuture<Integer> again = server.drain(DRAIN);
            rig.dispatcher.turn(0);
            if (drained != null) {
                return;
            }
            drained = again;
            for (Client client : clients.clone()) {
                if (client != null) {
                    sayByeIfIdle(client);
                }
            }
        }

        private void sayByeIfIdle(Client client) throws InterruptedException {
            if (drained != null && client.open == 0) {
                answerBye(client);
            }
        }

        private void pass() throws InterruptedException {
            rig.advance(DRAIN);
            if (drained != null) {
                for (Client client : clients.clone()) {
                    if (client != null) {
                        cutOff++;
                        gone(client);
                    }
                }
            }
        }

        void check() throws InterruptedException {
            assertThat(heard).isEqualTo(expected);
            assertThat(server.peers()).isEqualTo(present());
            assertThat(rig.failures).hasSize(failures);
            for (Client client : clients) {
                if (client != null) {
                    int number = client.peer.channel();
                    Channel channel =
                            Objects.requireNonNull(rig.dispatcher.group().channel(number));
                    assertThat(channel.state()).as("no bye yet").isEqualTo(Channel.State.OPEN);
                }
            }
            if (drained != null && present() == 0) {
                rig.until("drained", drained::isDone);
                assertThat(drained.join()).isEqualTo(cutOff);
            } else if (drained != null) {
                assertThat(drained).isNotDone();
            }
        }

        void finish() {
            boolean wasDrained = drained != null && present() == 0;
            rig.dispatcher.close();
            for (Client client : clients) {
                if (client != null) {
                    Objects.requireNonNull(expected.get(client.name)).add("end");
                }
            }
            assertThat(heard).isEqualTo(expected);
            assertThat(server.peers()).isZero();
            assertThat(rig.failures).hasSize(failures);
            if (drained != null && !wasDrained) {
                assertThatThrownBy(drained::join).hasCauseInstanceOf(AmpeException.class);
            }
        }

        @Override
        public void close() {
            held.forEach(each -> each.message().close());
            rig.close();
        }
    }
}
