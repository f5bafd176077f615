package tofu.tests.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
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
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.LeakDetection;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.kit.Dispatcher;
import tofu.kit.RequestException;
import tofu.kit.Requester;
import tofu.tests.rigs.Door;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Transport;

/// Answers of several parts to requests on several channels, mixed in any order, of which some are
/// too long for who asked, or come when he has had enough: each request gets its own parts, whole
/// and in order, and ends once, as a small model says. The dispatcher runs on its own thread.
class AnswerPartsProperties {
    private static final int CHANNELS = 2;
    private static final int MOST_PARTS = 3;
    private static final Duration FOR_EVER = Duration.ofDays(1);

    /// What is made of the parts.
    enum Want {
        /// A list, of so many parts at most.
        LIST,
        /// Each as it comes.
        STREAM,
        /// Each as it comes; the second one is one too many.
        STREAM_OF_ONE
    }

    /// What happens next. Requests are counted modulo how many there are.
    sealed interface Step {
        record Ask(int channel, Want want) implements Step {}

        record Part(int request, int length, boolean isLast) implements Step {}
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
        Arbitrary<Integer> channel = Arbitraries.integers().between(0, CHANNELS - 1);
        Arbitrary<Integer> request = Arbitraries.integers().between(0, 9);
        Arbitrary<Integer> length = Arbitraries.integers().between(0, 2_000);
        Arbitrary<Boolean> isLast = Arbitraries.of(false, false, true);
        return Arbitraries.frequencyOf(
                Tuple.of(
                        1,
                        Combinators.combine(channel, Arbitraries.of(Want.class)).as(Step.Ask::new)),
                Tuple.of(3, Combinators.combine(request, length, isLast).as(Step.Part::new)));
    }

    @Property(tries = 30)
    void eachRequestGetsItsOwnPartsInOrderAndEndsOnce(
            @ForAll @Size(max = 60) List<@From("steps") Step> steps) throws Exception {
        try (Run run = new Run()) {
            for (Step step : steps) {
                run.take(step);
            }
            run.expectAll();
        }
    }

    /// A request as it is, and as the model has it.
    private static final class Asked {
        private final int channel;
        private final long id;
        private final Want want;
        private final CompletableFuture<String> future;

        /// What the sink of a stream was given.
        private final Queue<String> streamed;

        private final List<String> parts = new ArrayList<>();
        private String outcome = "";

        Asked(
                int channel,
                long id,
                Want want,
                CompletableFuture<String> future,
                Queue<String> streamed) {
            this.channel = channel;
            this.id = id;
            this.want = want;
            this.future = future;
            this.streamed = streamed;
        }

        boolean isOpen() {
            return outcome.isEmpty();
        }

        /// A part comes while it is open.
        void take(String part, boolean isLast) {
            parts.add(part);
            if (want == Want.STREAM_OF_ONE && parts.size() > 1) {
                outcome = "enough";
            } else if (want == Want.LIST && parts.size() > MOST_PARTS) {
                outcome = "TOO_MANY_PARTS";
            } else if (isLast) {
                outcome = want == Want.LIST ? String.join(",", parts) : parts.size() + " parts";
            }
        }

        String real() throws Exception {
            try {
                return future.get(Peer.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                return e.getCause() instanceof RequestException refused
                        ? refused.reason().toString()
                        : String.valueOf(Objects.requireNonNull(e.getCause()).getMessage());
            }
        }
    }

    private static final class Run implements AutoCloseable {
        private final Peer server = new Peer(engine);
        private final Dispatcher dispatcher = new Dispatcher(engine);
        private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        private final Requester requester = new Requester(dispatcher);
        private final int[] near = new int[CHANNELS];
        private final int[] far = new int[CHANNELS];
        private final List<Asked> requests = new ArrayList<>();
        private long late;

        Run() {
            dispatcher.onFailure((failure, channel) -> failures.add(failure)).start();
            Door door = server.listen(Transport.UDS);
            for (int i = 0; i < CHANNELS; i++) {
                try (Message hello = dispatcher.message()) {
                    hello.connectTo(Address.connectTo(door.address()));
                    near[i] = dispatcher.group().enqueueToPeer(hello).channel();
                }
                Received hello = server.expect(OpCode.HELLO_REQUEST);
                far[i] = hello.channel();
                server.say(OpCode.HELLO_RESPONSE, far[i], hello.id());
            }
        }

        void take(Step step) {
            switch (step) {
                case Step.Ask ask -> ask(ask.channel(), ask.want());
                case Step.Part part -> {
                    if (!requests.isEmpty()) {
                        Asked asked = requests.get(part.request() % requests.size());
                        answer(asked, part.length(), part.isLast());
                    }
                }
            }
        }

        private void ask(int channel, Want want) {
            Queue<String> streamed = new ConcurrentLinkedQueue<>();
            CompletableFuture<String> future;
            try (Message request = dispatcher.message()) {
                future =
                        want == Want.LIST
                                ? requester
                                        .askForParts(near[channel], request, FOR_EVER, MOST_PARTS)
                                        .thenApply(Run::text)
                                : requester
                                        .askForStream(
                                                near[channel],
                                                request,
                                                FOR_EVER,
                                                part -> stream(want, streamed, part))
                                        .thenApply(count -> count + " parts");
            }
            Received request = server.expect(OpCode.REQUEST);
            requests.add(new Asked(channel, request.id(), want, future, streamed));
        }

        private static String text(List<Message> parts) {
            String all =
                    parts.stream().map(part -> part.body().text()).collect(Collectors.joining(","));
            parts.forEach(Message::close);
            return all;
        }

        private static void stream(Want want, Queue<String> streamed, Message part) {
            streamed.add(part.body().text());
            if (want == Want.STREAM_OF_ONE && streamed.size() > 1) {
                throw new IllegalStateException("enough");
            }
        }

        private void answer(Asked asked, int length, boolean isLast) {
            String part = asked.parts.size() + "x".repeat(length);
            server.say(
                    OpCode.RESPONSE,
                    far[asked.channel],
                    message -> message.id(asked.id).more(!isLast).body().append(part));
            if (asked.isOpen()) {
                asked.take(part, isLast);
            } else {
                late++;
            }
        }

        /// A last question on each channel comes behind all else; those that are open end then.
        void expectAll() throws Exception {
            for (int channel = 0; channel < CHANNELS; channel++) {
                ask(channel, Want.LIST);
                answer(requests.getLast(), 0, true);
                assertThat(requests.getLast().real()).isEqualTo(requests.getLast().outcome);
            }
            assertThat(requester.late()).isEqualTo(late);
            long open = requests.stream().filter(Asked::isOpen).count();
            Eventually.holds("others have ended", () -> requester.pending() == open);
            for (int channel : far) {
                server.say(OpCode.BYE_SIGNAL, channel);
            }
            for (Asked asked : requests) {
                if (asked.isOpen()) {
                    asked.outcome = "CHANNEL_ENDED";
                }
                assertThat(asked.real()).isEqualTo(asked.outcome);
                if (asked.want != Want.LIST) {
                    assertThat(asked.streamed).containsExactlyElementsOf(asked.parts);
                }
            }
            Eventually.holds("all have ended", () -> requester.pending() == 0);
            assertThat(failures).isEmpty();
        }

        @Override
        public void close() {
            dispatcher.close();
            server.group().close();
        }
    }
}
