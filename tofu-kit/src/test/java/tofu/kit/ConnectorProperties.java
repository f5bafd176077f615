package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
import tofu.kit.Connector.WhileDown;

/// Servers that come, go, refuse, say nothing and leave, while requests are made, answered,
/// forgotten and late: whom the connector calls, when it is up and down, and what becomes of each
/// request is what a small model says.
///
/// Somewhat long, because a connector has to do with servers and with requests.
class ConnectorProperties {
    private static final int SERVERS = 2;
    private static final int MOST_WAITING = 2;

    /// Any rest is over, and any server that says nothing is given up, when so much has passed.
    private static final Duration REST = Duration.ofSeconds(8);

    private static final Patience PATIENCE = new Patience();

    /// What a server does when it is called.
    enum Manner {
        ABSENT,
        ACCEPTS,
        REFUSES,
        SILENT
    }

    /// How it ends.
    enum Finish {
        /// The connector is closed, and the server answers its bye.
        CLOSE,
        /// The dispatcher is closed before it can.
        CLOSE_BOTH,
        CLOSE_DISPATCHER
    }

    /// What happens next. Requests are counted modulo how many there are.
    sealed interface Step {
        record Become(int server, Manner manner) implements Step {}

        /// The server on the line ends it, in good order or at once.
        record Leave(boolean inGoodOrder) implements Step {}

        /// With a timeout that is shorter or longer than all else.
        record Ask(boolean shortly) implements Step {}

        record Answer(int request) implements Step {}

        /// Nobody wants the answer any more.
        record Forget(int request) implements Step {}

        /// We say something that wants no answer.
        record Tell() implements Step {}

        /// Time passes, enough for any rest.
        record Pass() implements Step {}
    }

    @Provide
    Arbitrary<Step> steps() {
        Arbitrary<Integer> server = Arbitraries.integers().between(0, SERVERS - 1);
        Arbitrary<Integer> which = Arbitraries.integers().between(0, 9);
        Arbitrary<Boolean> yesOrNo = Arbitraries.of(true, false);
        Arbitrary<Manner> manner =
                Arbitraries.of(
                        Manner.ACCEPTS,
                        Manner.ACCEPTS,
                        Manner.ABSENT,
                        Manner.REFUSES,
                        Manner.SILENT);
        return Arbitraries.frequencyOf(
                Tuple.of(3, Combinators.combine(server, manner).as(Step.Become::new)),
                Tuple.of(2, yesOrNo.map(Step.Leave::new)),
                Tuple.of(5, yesOrNo.map(Step.Ask::new)),
                Tuple.of(4, which.map(Step.Answer::new)),
                Tuple.of(1, which.map(Step.Forget::new)),
                Tuple.of(1, Arbitraries.create(Step.Tell::new)),
                Tuple.of(4, Arbitraries.create(Step.Pass::new)));
    }

    @Property(tries = 50)
    void upsDownsAndRequestsAreAsTheModelSays(
            @ForAll WhileDown whileDown,
            @ForAll List<@From("steps") Step> steps,
            @ForAll Finish finish)
            throws Exception {
        try (Run run = new Run(whileDown)) {
            run.call();
            run.check();
            for (Step step : steps) {
                run.take(step);
                run.check();
            }
            run.finish(finish);
        }
    }

    /// A server, as the model has it.
    private static final class Callee {
        private final Address.Server address = Rig.fresh();
        private Manner manner = Manner.ABSENT;

        /// Its listener, while it has one.
        private int listener;
    }

    /// A request as it is, and as the model has it.
    private static final class Asked {
        private final String body;
        private final boolean shortly;
        private final CompletableFuture<Message> future;
        private String outcome = "";

        /// As the server knows it, and the connection on which it came; 0 while it waits.
        private long id;

        private int connection;

        Asked(String body, boolean shortly, CompletableFuture<Message> future) {
            this.body = body;
            this.shortly = shortly;
            this.future = future;
        }

        boolean isOpen() {
            return outcome.isEmpty();
        }

        boolean waits() {
            return isOpen() && connection == 0;
        }

        void end(String how) {
            if (isOpen()) {
                outcome = how;
            }
        }

        String real() {
            return Outcome.of(future, answer -> answer.body().text());
        }

        void close() {
            if (future.isDone() && !future.isCompletedExceptionally()) {
                future.join().close();
            }
        }
    }

    private static final class Run implements AutoCloseable {
        private final Rig rig = new Rig(PATIENCE);
        private final WhileDown whileDown;
        private final Connector connector;
        private final List<String> heard = new ArrayList<>();
        private int marks;

        // The model.
        private final List<Callee> servers = new ArrayList<>();
        private final List<Asked> requests = new ArrayList<>();
        private final List<String> expected = new ArrayList<>();
        private int next;
        private long failures;
        private long refusals;
        private boolean isUp;
        private int connections;

        /// The server's number of the channel, from its hello to its end; else 0.
        private int far;

        Run(WhileDown whileDown) throws InterruptedException {
            this.whileDown = whileDown;
            Connector.Builder builder =
                    Connector.builder(rig.dispatcher)
                            .backoff(REST, REST)
                            .helloTimeout(REST)
                            .whileDown(whileDown)
                            .maxWaiting(MOST_WAITING)
                            .onUp(channel -> heard.add("up"))
                            .onDown(status -> heard.add("down"))
                            .onMessage(
                                    message -> marks += message.opCode() == OpCode.SIGNAL ? 1 : 0);
            for (int i = 0; i < SERVERS; i++) {
                Callee server = new Callee();
                servers.add(server);
                builder.to(Address.connectTo(server.address.toString()));
            }
            connector = builder.start();
        }

        void take(Step step) throws InterruptedException {
            switch (step) {
                case Step.Become become -> become(servers.get(become.server()), become.manner());
                case Step.Leave leave -> leave(leave.inGoodOrder());
                case Step.Ask ask -> ask(ask.shortly());
                case Step.Answer answer -> {
                    if (!requests.isEmpty()) {
                        answer(requests.get(answer.request() % requests.size()));
                    }
                }
                case Step.Forget forget -> {
                    if (!requests.isEmpty()) {
                        Asked asked = requests.get(forget.request() % requests.size());
                        asked.future.cancel(false);
                        asked.end(Outcome.CANCELLED);
                    }
                }
                case Step.Tell _ -> tell();
                case Step.Pass _ -> pass();
            }
        }

        private void become(Callee server, Manner manner) throws InterruptedException {
            server.manner = manner;
            if (manner == Manner.ABSENT && server.listener != 0) {
                rig.farSend(OpCode.BYE_SIGNAL, server.listener, 1, "");
                rig.farEnd(server.listener);
                server.listener = 0;
            } else if (manner != Manner.ABSENT && server.listener == 0) {
                server.listener = rig.farListen(server.address);
            }
        }

        /// What a connector does that has nothing to wait for: it calls one after the other.
        void call() throws InterruptedException {
            do {
                Callee server = servers.get(next);
                if (server.manner == Manner.ABSENT) {
                    failed();
                } else if (hello(server)) {
                    return;
                }
            } while (next != 0);
        }

        /// @return whether it has found somebody, or waits
        private boolean hello(Callee server) throws InterruptedException {
            try (Message hello = rig.farNext(OpCode.HELLO_REQUEST)) {
                assertThat(hello.headers().first(Address.CONNECT_TO))
                        .isEqualTo(server.address.toString());
                far = hello.channel();
                if (server.manner == Manner.SILENT) {
                    return true;
                }
                boolean accepts = server.manner == Manner.ACCEPTS;
                OpCode opCode = accepts ? OpCode.HELLO_RESPONSE : OpCode.BYE_RESPONSE;
                rig.far.enqueueToPeer(hello.opCode(opCode));
            }
            if (server.manner == Manner.REFUSES) {
                refusals++;
                ended();
                return false;
            }
            up();
            return true;
        }

        private void up() throws InterruptedException {
            isUp = true;
            connections++;
            expected.add("up");
            rig.until("up", () -> connector.channel() != 0);
            for (Asked asked : requests) {
                if (asked.waits()) {
                    arrives(asked);
                }
            }
        }

        /// It has not come to a connection.
        private void failed() throws InterruptedException {
            failures++;
            next = (next + 1) % SERVERS;
            rig.until("failure", () -> connector.failures() >= failures);
        }

        /// What was begun has ended, as both sides know.
        private void ended() throws InterruptedException {
            int ended = far;
            far = 0;
            rig.farEnd(ended);
            if (isUp) {
                isUp = false;
                next = 0;
                expected.add("down");
                rig.until("down", () -> heard.size() >= expected.size());
                requests.stream()
                        .filter(asked -> asked.connection == connections)
                        .forEach(asked -> asked.end("CHANNEL_ENDED"));
            } else {
                failed();
            }
        }

        private void leave(boolean inGoodOrder) throws InterruptedException {
            if (far == 0) {
                return;
            }
            boolean wasUp = isUp;
            if (inGoodOrder) {
                refusals += isUp ? 0 : 1;
                rig.farSend(OpCode.BYE_REQUEST, far, 1, "");
                rig.farNext(OpCode.BYE_RESPONSE, far).close();
            } else {
                rig.farSend(OpCode.BYE_SIGNAL, far, 1, "");
            }
            ended();
            if (!wasUp && next != 0) {
                call();
            }
        }

        private void pass() throws InterruptedException {
            requests.stream().filter(asked -> asked.shortly).forEach(asked -> asked.end("TIMEOUT"));
            rig.advance(REST);
            if (isUp) {
                return;
            }
            if (far == 0) {
                call();
            } else {
                ended(); // it was given up
                if (next != 0) {
                    call();
                }
            }
        }

        private Asked asked(boolean shortly, Duration timeout) {
            String body = "request " + (requests.size() + 1);
            try (Message request = rig.message()) {
                request.body().append(body);
                return new Asked(body, shortly, connector.ask(request, timeout));
            }
        }

        private void ask(boolean shortly) throws InterruptedException {
            long waiting = requests.stream().filter(Asked::waits).count();
            boolean room = whileDown == WhileDown.WAIT && waiting < MOST_WAITING;
            Asked asked;
            try {
                asked = asked(shortly, shortly ? Duration.ofSeconds(1) : Duration.ofDays(365));
            } catch (RequestException e) {
                assertThat(e.reason()).isEqualTo(RequestException.Reason.NOT_SENT);
                assertThat(isUp || room).as("may be sent, or wait").isFalse();
                return;
            }
            assertThat(isUp || room).as("may be sent, or wait").isTrue();
            requests.add(asked);
            if (isUp) {
                arrives(asked);
            }
        }

        /// The server has it; once, since it would be in the way of the next.
        private void arrives(Asked asked) throws InterruptedException {
            try (Message request = rig.farNext(OpCode.REQUEST, far)) {
                assertThat(request.body().text()).isEqualTo(asked.body);
                asked.id = request.id();
                asked.connection = connections;
            }
        }

        private void answer(Asked asked) throws InterruptedException {
            if (isUp && asked.connection == connections) {
                rig.farSend(OpCode.RESPONSE, far, asked.id, "answer");
                int before = marks;
                rig.farSend(OpCode.SIGNAL, far, 1, "mark");
                rig.until("mark", () -> marks > before);
                asked.end("answer");
            }
        }

        private void tell() throws InterruptedException {
            try (Message news = rig.message()) {
                news.opCode(OpCode.SIGNAL).body().append("news");
                assertThat(connector.send(news)).isEqualTo(isUp);
            }
            if (isUp) {
                rig.farNext(OpCode.SIGNAL, far).close();
            }
        }

        void check() {
            assertThat(heard).isEqualTo(expected);
            assertThat(requests.stream().map(Asked::real))
                    .isEqualTo(requests.stream().map(asked -> asked.outcome).toList());
            assertThat(connector.channel() != 0).isEqualTo(isUp);
            assertThat(connector.failures()).isEqualTo(failures);
            assertThat(connector.refusals()).isEqualTo(refusals);
            assertThat(rig.failures).isEmpty();
        }

        void finish(Finish finish) throws InterruptedException {
            if (finish != Finish.CLOSE_DISPATCHER) {
                connector.close();
                rig.dispatcher.turn(0);
            }
            requests.forEach(asked -> asked.end("STOPPED"));
            if (finish == Finish.CLOSE) {
                hangUp();
            } else {
                rig.dispatcher.close();
            }
            if (isUp) {
                isUp = false;
                expected.add("down");
            }
            check();
            askInVain();
            check();
        }

        /// The server answers the bye; then there is nothing left, and nothing comes again.
        private void hangUp() throws InterruptedException {
            if (isUp) {
                try (Message bye = rig.farNext(OpCode.BYE_REQUEST, far)) {
                    rig.far.enqueueToPeer(bye.opCode(OpCode.BYE_RESPONSE));
                }
            }
            rig.until("its end", () -> rig.dispatcher.group().channels().isEmpty());
            rig.advance(REST);
            rig.advance(REST);
            assertThat(rig.dispatcher.group().channels()).isEmpty();
        }

        private void askInVain() throws InterruptedException {
            Asked asked;
            try {
                asked = asked(false, REST);
                assertThat(whileDown).isEqualTo(WhileDown.WAIT);
            } catch (RequestException e) {
                assertThat(e.reason()).isEqualTo(RequestException.Reason.NOT_SENT);
                assertThat(whileDown).isEqualTo(WhileDown.FAIL);
                return;
            }
            if (!rig.dispatcher.isEnded()) {
                rig.dispatcher.turn(0);
            }
            asked.end("STOPPED");
            requests.add(asked);
        }

        @Override
        public void close() {
            requests.forEach(Asked::close);
            rig.close();
        }
    }
}
