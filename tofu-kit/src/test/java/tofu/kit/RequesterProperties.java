package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
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

/// Requests over a few channels, with answers in any order and any number, ends, timeouts,
/// cancelled futures and ids forged by others: each request comes to what a small model says, and
/// to nothing else afterwards.
class RequesterProperties {
    private static final int CHANNELS = 3;
    private static final int MOST_PARTS = 3;

    /// What happens next. Requests and channels are counted modulo how many there are.
    sealed interface Step {
        /// Asks; collects parts, or wants one message.
        record Ask(int channel, boolean collects, int timeoutMillis) implements Step {}

        /// The peer sends a part of an answer, or the last.
        record Answer(int request, boolean last) implements Step {}

        /// A peer on another channel sends an answer.
        record Forge(int request, int otherChannel) implements Step {}

        /// The peer ends the channel; a new one takes its place.
        record End(int channel) implements Step {}

        /// Time passes.
        record Pass(int millis) implements Step {}

        /// Nobody wants the answer any more.
        record Cancel(int request) implements Step {}
    }

    /// A request as it is, and as the model has it.
    private static final class Asked {
        private final CompletableFuture<List<Message>> future;
        private final int slot;
        private final int farChannel;
        private final long id;
        private final int mostParts;
        private final long deadline;
        private int parts;
        private String outcome = "";

        Asked(
                CompletableFuture<List<Message>> future,
                int slot,
                int farChannel,
                long id,
                int mostParts,
                long deadline) {
            this.future = future;
            this.slot = slot;
            this.farChannel = farChannel;
            this.id = id;
            this.mostParts = mostParts;
            this.deadline = deadline;
        }

        boolean isOpen() {
            return outcome.isEmpty();
        }

        void end(String how) {
            if (isOpen()) {
                outcome = how;
            }
        }

        /// What became of the real one.
        String real() {
            return Outcome.of(
                    future,
                    parts ->
                            parts.stream()
                                    .map(part -> part.body().text())
                                    .collect(Collectors.joining(",")));
        }

        void close() {
            if (future.isDone() && !future.isCompletedExceptionally()) {
                future.join().forEach(Message::close);
            }
        }
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
        Arbitrary<Integer> which = Arbitraries.integers().between(0, 9);
        Arbitrary<Integer> channel = Arbitraries.integers().between(0, CHANNELS - 1);
        Arbitrary<Integer> millis = Arbitraries.integers().between(1, 100);
        Arbitrary<Boolean> yesOrNo = Arbitraries.of(true, false);
        return Arbitraries.frequencyOf(
                Tuple.of(6, Combinators.combine(channel, yesOrNo, millis).as(Step.Ask::new)),
                Tuple.of(8, Combinators.combine(which, yesOrNo).as(Step.Answer::new)),
                Tuple.of(3, Combinators.combine(which, channel).as(Step.Forge::new)),
                Tuple.of(1, channel.map(Step.End::new)),
                Tuple.of(2, millis.map(Step.Pass::new)),
                Tuple.of(1, which.map(Step.Cancel::new)));
    }

    @Property(tries = 100)
    void eachRequestEndsOnceAndAsTheModelSays(@ForAll List<@From("steps") Step> steps)
            throws InterruptedException {
        new Run().all(steps);
    }

    /// One try, on channels of its own.
    private static final class Run {
        private final Channels channels = new Channels(rig, CHANNELS);
        private final Requester requester = new Requester(rig.dispatcher);
        private final List<Asked> requests = new ArrayList<>();
        private long now;
        private long late;

        Run() throws InterruptedException {}

        void all(List<Step> steps) throws InterruptedException {
            try {
                for (Step step : steps) {
                    take(step);
                    check();
                }
                requester.close();
                rig.dispatcher.turn(0);
                requests.forEach(asked -> asked.end("STOPPED"));
                check();
            } finally {
                requests.forEach(Asked::close);
                channels.close();
            }
            assertThat(rig.failures).isEmpty();
        }

        private void take(Step step) throws InterruptedException {
            switch (step) {
                case Step.Ask ask -> ask(ask);
                case Step.Answer answer -> {
                    if (!requests.isEmpty()) {
                        answer(requests.get(answer.request() % requests.size()), answer.last());
                    }
                }
                case Step.Forge forge -> {
                    if (!requests.isEmpty()) {
                        forge(requests.get(forge.request() % requests.size()), forge);
                    }
                }
                case Step.End end -> end(end.channel());
                case Step.Pass pass -> {
                    now += pass.millis();
                    rig.advance(Duration.ofMillis(pass.millis()));
                    requests.stream()
                            .filter(asked -> asked.deadline <= now)
                            .forEach(asked -> asked.end("TIMEOUT"));
                }
                case Step.Cancel cancel -> {
                    if (!requests.isEmpty()) {
                        Asked asked = requests.get(cancel.request() % requests.size());
                        asked.future.cancel(false);
                        asked.end(Outcome.CANCELLED);
                    }
                }
            }
        }

        private void ask(Step.Ask ask) throws InterruptedException {
            int channel = channels.near(ask.channel());
            int mostParts = ask.collects() ? MOST_PARTS : 1;
            Duration timeout = Duration.ofMillis(ask.timeoutMillis());
            CompletableFuture<List<Message>> future = new CompletableFuture<>();
            try (Message request = rig.message()) {
                if (ask.collects()) {
                    future = requester.askForParts(channel, request, timeout, mostParts);
                } else {
                    CompletableFuture<Message> one = requester.ask(channel, request, timeout);
                    future = linked(one);
                }
            }
            try (Message request = rig.farNext(OpCode.REQUEST)) {
                requests.add(
                        new Asked(
                                future,
                                ask.channel(),
                                request.channel(),
                                request.id(),
                                mostParts,
                                now + ask.timeoutMillis()));
            }
        }

        /// As a list; to cancel it cancels what it comes from.
        private static CompletableFuture<List<Message>> linked(CompletableFuture<Message> one) {
            CompletableFuture<List<Message>> list = new CompletableFuture<>();
            one.whenComplete(
                    (message, failure) -> {
                        if (failure == null) {
                            list.complete(List.of(message));
                        } else {
                            list.completeExceptionally(failure);
                        }
                    });
            list.whenComplete(
                    (messages, failure) -> {
                        if (list.isCancelled()) {
                            one.cancel(false);
                        }
                    });
            return list;
        }

        private void answer(Asked asked, boolean last) throws InterruptedException {
            if (channels.far(asked.slot) != asked.farChannel) {
                return; // that channel has ended
            }
            asked.parts++;
            rig.farSend(OpCode.RESPONSE, asked.farChannel, asked.id, "part" + asked.parts, !last);
            channels.settle(asked.slot);
            if (!asked.isOpen()) {
                late++;
            } else if (asked.parts > asked.mostParts || (asked.mostParts == 1 && !last)) {
                asked.end("TOO_MANY_PARTS");
            } else if (last) {
                StringBuilder all = new StringBuilder("part1");
                for (int part = 2; part <= asked.parts; part++) {
                    all.append(",part").append(part);
                }
                asked.end(all.toString());
            }
        }

        private void forge(Asked asked, Step.Forge forge) throws InterruptedException {
            if (asked.slot == forge.otherChannel()) {
                return;
            }
            int farChannel = channels.far(forge.otherChannel());
            rig.farSend(OpCode.RESPONSE, farChannel, asked.id, "forged", false);
            channels.settle(forge.otherChannel());
            late++;
        }

        private void end(int slot) throws InterruptedException {
            channels.end(slot);
            requests.stream()
                    .filter(asked -> asked.slot == slot)
                    .forEach(asked -> asked.end("CHANNEL_ENDED"));
        }

        private void check() {
            assertThat(requests.stream().map(Asked::real))
                    .isEqualTo(requests.stream().map(asked -> asked.outcome).toList());
            assertThat(requester.pending())
                    .isEqualTo((int) requests.stream().filter(Asked::isOpen).count());
            assertThat(requester.late()).isEqualTo(late);
        }
    }
}
