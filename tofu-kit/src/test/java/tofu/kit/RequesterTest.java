package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Origin;
import tofu.api.Status;
import tofu.kit.RequestException.Reason;

/// What [RequesterProperties] does not see: threads that wait, requests that are not sent, bounds.
///
/// Somewhat long, since each case is one conversation with the far side.
@Timeout(60)
class RequesterTest {
    private static final Duration LONG = Duration.ofSeconds(Long.MAX_VALUE);

    private Rig rig;
    private Requester requester;
    private int channel;

    @BeforeEach
    void open() throws InterruptedException {
        rig =
                new Rig(
                        Options.builder()
                                .sendQueueMessages(4)
                                .receiveWindowMessages(2)
                                .closeTimeout(Duration.ofMillis(200))
                                .build());
        requester = new Requester(rig.dispatcher, 8);
        channel = rig.connect();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private static Reason reason(CompletableFuture<?> future) throws InterruptedException {
        try {
            future.get(20, TimeUnit.SECONDS);
            throw new AssertionError("an answer");
        } catch (ExecutionException e) {
            return Outcome.reason(e);
        } catch (java.util.concurrent.TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    private CompletableFuture<Message> ask(String text, Duration timeout) {
        try (Message request = rig.message()) {
            request.body().append(text);
            return requester.ask(channel, request, timeout);
        }
    }

    @Test
    void aThreadWaitsForItsAnswer() throws Exception {
        CompletableFuture<String> answer = new CompletableFuture<>();
        Thread asker =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try (Message request = rig.message();
                                            Message response =
                                                    requester.askAndWait(channel, request, LONG)) {
                                        answer.complete(response.body().text());
                                    } catch (InterruptedException e) {
                                        answer.completeExceptionally(e);
                                    }
                                });
        try (Message request = rig.farNext(OpCode.REQUEST)) {
            rig.farSend(OpCode.RESPONSE, request.channel(), request.id(), "so it is");
        }
        rig.until("answer", answer::isDone);
        assertThat(answer.get()).isEqualTo("so it is");
        asker.join();
    }

    @Test
    void waitingEndsInTimeThoughNobodyRunsTheLoop() {
        Duration timeout = Duration.ofMillis(50);
        try (Message request = rig.message()) {
            assertThatThrownBy(() -> requester.askAndWait(channel, request, timeout))
                    .isInstanceOfSatisfying(
                            RequestException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.TIMEOUT));
        }
        assertThat(requester.pending()).isZero();
    }

    /// The time for room in a full send queue is the answer's, too: not twice as long.
    @Test
    void roomAndAnswerShareOneTimeout() throws Exception {
        rig.fill(channel);
        Duration timeout = Duration.ofMillis(200);
        long start = System.nanoTime();
        try (Message request = rig.message()) {
            assertThatThrownBy(() -> requester.askAndWait(channel, request, timeout))
                    .isInstanceOfSatisfying(
                            AmpeException.class,
                            e -> assertThat(e.status()).isEqualTo(Status.SEND_QUEUE_FULL));
            assertThat(request.isEmptied()).isFalse();
        }
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(timeout.toNanos());
        assertThat(requester.pending()).isZero();
    }

    @Test
    void aFullQueueLeavesTheRequestWithItsAsker() throws Exception {
        rig.fill(channel);
        try (Message request = rig.message()) {
            assertThatThrownBy(() -> requester.ask(channel, request, LONG))
                    .isInstanceOfSatisfying(
                            AmpeException.class,
                            e -> assertThat(e.status()).isEqualTo(Status.SEND_QUEUE_FULL));
            assertThat(request.isEmptied()).isFalse();
        }
        assertThat(requester.pending()).isZero();
    }

    @Test
    void aRequestThatComesBackWasNotSent() throws Exception {
        Reason reason = Reason.CHANNEL_ENDED;
        for (int tries = 0; reason == Reason.CHANNEL_ENDED && tries < 20; tries++) {
            if (tries > 0) { // the system had room for it, so it may have been sent
                close();
                open();
            }
            fillAllButOne();
            CompletableFuture<Message> asked = ask("too late", LONG);
            rig.dispatcher.cut(channel);
            rig.until("failure", asked::isDone);
            reason = reason(asked);
        }
        assertThat(reason).isEqualTo(Reason.NOT_SENT);
    }

    /// So that there is room for a few more, which are not sent before the peer reads on.
    private void fillAllButOne() throws InterruptedException {
        rig.fill(channel);
        boolean[] ready = new boolean[1];
        rig.dispatcher.filter(message -> ready[0] |= message.status() == Status.SEND_QUEUE_READY);
        rig.farTakesUntil("room", () -> ready[0]);
        for (int i = 0; i < 2; i++) {
            try (Message signal = rig.message()) {
                signal.opCode(OpCode.SIGNAL).channel(channel).body().append(new byte[60_000]);
                rig.dispatcher.send(signal);
            }
        }
    }

    @Test
    void whoIsInterruptedGetsNoAnswer() throws Exception {
        CompletableFuture<Throwable> failure = new CompletableFuture<>();
        Thread asker =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try (Message request = rig.message()) {
                                        requester.askAndWait(channel, request, LONG).close();
                                    } catch (InterruptedException e) {
                                        failure.complete(e);
                                    }
                                });
        Message request = rig.farNext(OpCode.REQUEST);
        asker.interrupt();
        assertThat(failure.get(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
        try (request) {
            rig.farSend(OpCode.RESPONSE, request.channel(), request.id(), "late");
        }
        rig.until("late", () -> requester.late() == 1);
    }

    @Test
    void theLoopMayNotWaitForItself() throws Exception {
        try (Ampe ampe = Ampe.open();
                Dispatcher dispatcher = new Dispatcher(ampe).start()) {
            Requester own = new Requester(dispatcher);
            CompletableFuture<Throwable> thrown = new CompletableFuture<>();
            dispatcher.onFailure((failure, number) -> thrown.complete(failure));
            dispatcher.execute(
                    () -> {
                        try (Message request = dispatcher.message()) {
                            own.askAndWait(1, request, LONG).close();
                        } catch (InterruptedException e) {
                            thrown.complete(e);
                        }
                    });
            assertThat(thrown.get(20, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void requestsUnderWayHaveABound() throws Exception {
        List<CompletableFuture<Message>> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            all.add(ask("q", LONG));
            rig.farNext(OpCode.REQUEST).close();
        }
        try (Message request = rig.message()) {
            assertThatThrownBy(() -> requester.ask(channel, request, LONG))
                    .isInstanceOfSatisfying(
                            RequestException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.NOT_SENT));
            assertThat(request.isEmptied()).isFalse();
        }
        all.getFirst().cancel(true);
        ask("room again", LONG);
        assertThat(requester.pending()).isEqualTo(8);
    }

    /// Whoever has its answer may ask again: it is not under way any more.
    @Test
    void theBoundHasRoomForWhoHasJustBeenAnswered() throws Exception {
        CompletableFuture<Message> second = askAgain(LONG);
        for (String text : List.of("one", "two")) {
            try (Message request = rig.farNext(OpCode.REQUEST)) {
                rig.farSend(OpCode.RESPONSE, request.channel(), request.id(), text);
            }
        }
        rig.until("answer", second::isDone);
        try (Message answer = second.get()) {
            assertThat(answer.body().text()).isEqualTo("two");
        }
    }

    @Test
    void theBoundHasRoomForWhoWasJustToldOfAFailure() throws Exception {
        CompletableFuture<Message> second = askAgain(Duration.ofSeconds(1));
        rig.farNext(OpCode.REQUEST).close();
        rig.advance(Duration.ofSeconds(1));
        try (Message request = rig.farNext(OpCode.REQUEST)) {
            rig.farSend(OpCode.RESPONSE, request.channel(), request.id(), "two");
        }
        rig.until("answer", second::isDone);
        second.get().close();
    }

    /// Asks with a bound of one request, and once more when the first request has ended.
    private CompletableFuture<Message> askAgain(Duration first) {
        requester = new Requester(rig.dispatcher, 1);
        return ask("one", first)
                .handle(
                        (answer, failure) -> {
                            if (answer != null) {
                                answer.close();
                            }
                            return ask("two", LONG);
                        })
                .thenCompose(second -> second);
    }

    /// What depends on a request runs on the loop's thread, whoever closes.
    @Test
    void whoClosesRunsNothingOfTheAskers() throws Exception {
        CompletableFuture<String> where =
                ask("q", LONG).handle((answer, failure) -> Thread.currentThread().getName());
        rig.dispatcher.start();
        requester.close();
        assertThat(where.get(20, TimeUnit.SECONDS)).isEqualTo("tofu-dispatcher");
        assertThatThrownBy(() -> ask("more", LONG)).isInstanceOf(AmpeException.class);
    }

    @Test
    void anAnswerToAClosedRequesterIsClosed() throws Exception {
        rig.dispatcher.otherwise(rig.note("handler"));
        CompletableFuture<Message> asked = ask("q", LONG);
        requester.close();
        requester.close();
        try (Message request = rig.farNext(OpCode.REQUEST)) {
            rig.farSend(OpCode.RESPONSE, request.channel(), request.id(), "late");
            rig.farSend(OpCode.REQUEST, request.channel(), request.id(), "its own");
            rig.farSend(OpCode.RESPONSE, request.channel(), request.id() + 1, "no answer");
        }
        rig.untilEvents(2);
        assertThat(rig.events).containsExactly("handler its own", "handler no answer");
        assertThat(requester.late()).isEqualTo(1);
        assertThat(reason(asked)).isEqualTo(Reason.STOPPED);
    }

    @Test
    void idsOfAClosedRequesterGoOnBehindTheGreatestNumber() throws Exception {
        rig.dispatcher.otherwise(rig.note("handler"));
        AtomicLong late = new AtomicLong();
        rig.dispatcher.closedRequesters().add(-3, 4, late); // -2, -1, 0 and 1
        rig.dispatcher.closedRequesters().add(100, 1, late);
        int far = rig.farNumber(channel);
        for (long id : new long[] {-2, 1, 2, 100}) {
            rig.farSend(OpCode.RESPONSE, far, id, "" + id);
        }
        rig.untilEvents(2);
        assertThat(rig.events).containsExactly("handler 2", "handler 100");
        assertThat(late).hasValue(2);
    }

    @Test
    void ofManyClosedRequestersTheOldestAreForgotten() throws Exception {
        rig.dispatcher.otherwise(rig.note("handler"));
        for (int i = 0; i <= ClosedRequesters.MOST; i++) {
            requester = new Requester(rig.dispatcher);
            requester.prepare(LONG, new Answer.Single()).future().cancel(false);
            if (i <= 1) {
                ask("q" + i, LONG);
            }
            requester.close();
            rig.dispatcher.turn(0);
        }
        assertThat(rig.dispatcher.filters()).hasSize(2); // that of the first one that was made, too
        for (int i = 0; i <= 1; i++) {
            try (Message request = rig.farNext(OpCode.REQUEST)) {
                rig.farSend(OpCode.RESPONSE, request.channel(), request.id(), "late" + i);
            }
        }
        rig.farSend(OpCode.SIGNAL, rig.farNumber(channel), 1, "end");
        rig.untilEvents(2);
        assertThat(rig.events).containsExactly("handler late0", "handler end");
    }

    @Test
    void aClosedRequesterEndsAllThoughTheLoopTakesNoMoreTasks() throws Exception {
        CompletableFuture<Message> asked = ask("q", LONG);
        for (int i = 0; i < Tasks.MAX_TASKS; i++) {
            rig.dispatcher.execute(() -> {});
        }
        requester.close();
        assertThat(reason(asked)).isEqualTo(Reason.STOPPED);
    }

    @Test
    void anAnswerOfNoPartsIsRefusedBeforeAnythingIsSent() {
        try (Message request = rig.message()) {
            assertThatThrownBy(() -> requester.askForParts(channel, request, LONG, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("maxParts is 0, must be at least 1");
            assertThat(request.isEmptied()).isFalse();
        }
        assertThat(requester.pending()).isZero();
    }

    @Test
    void theBytesOfAnAnswersPartsHaveABound() throws Exception {
        CompletableFuture<List<Message>> asked;
        try (Message request = rig.message()) {
            assertThatThrownBy(() -> requester.askForParts(channel, request, LONG, 9, 131_085))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("maxBytes is 131085, must be at least 131086");
            asked = requester.askForParts(channel, request, LONG, 9, 131_086);
        }
        try (Message request = rig.farNext(OpCode.REQUEST)) {
            String part = "x".repeat(60_000);
            for (int i = 0; i < 3; i++) {
                assertThat(asked).isNotDone();
                rig.farSend(OpCode.RESPONSE, request.channel(), request.id(), part, true);
                rig.dispatcher.turn(Duration.ofSeconds(20).toNanos());
            }
        }
        rig.until("end", asked::isDone);
        assertThat(reason(asked)).isEqualTo(Reason.TOO_MANY_PARTS);
        assertThatThrownBy(asked::get)
                .hasMessageContaining("the answer has more than 131086 bytes");
    }

    @Test
    void whoseChannelHasEndedIsToldWhy() throws Exception {
        rig.close();
        rig =
                new Rig(
                        Options.builder()
                                .sendQueueMessages(4)
                                .receiveWindowMessages(2)
                                .sendTimeout(Duration.ofMillis(100))
                                .build());
        rig.dispatcher.filter(message -> message.origin() == Origin.ENGINE); // takes all notices
        requester = new Requester(rig.dispatcher);
        channel = rig.connect();
        CompletableFuture<Message> asked = ask("q", LONG);
        rig.fill(channel);
        assertEndedBy(asked, Status.SEND_TIMEOUT);
    }

    @Test
    void anEndWithoutAReasonIsAnEnd() throws Exception {
        CompletableFuture<Message> asked = ask("q", LONG);
        rig.farSend(OpCode.BYE_SIGNAL, rig.farNumber(channel), 1, "");
        assertEndedBy(asked, Status.CHANNEL_CLOSED);
    }

    private void assertEndedBy(CompletableFuture<Message> asked, Status why) throws Exception {
        rig.until("end", asked::isDone);
        assertThatThrownBy(asked::get)
                .cause()
                .isInstanceOfSatisfying(
                        RequestException.class,
                        e -> {
                            assertThat(e.reason()).isEqualTo(Reason.CHANNEL_ENDED);
                            assertThat(e.status()).isEqualTo(why);
                        })
                .hasMessageEndingWith("channel " + channel + " has ended: " + why);
    }

    private CompletableFuture<Long> askForStream(Handler sink) {
        try (Message request = rig.message()) {
            return requester.askForStream(channel, request, LONG, sink);
        }
    }

    @Test
    void anAnswerIsHandedOverPartByPart() throws Exception {
        List<String> parts = new ArrayList<>();
        CompletableFuture<Long> asked = askForStream(part -> parts.add(part.body().text()));
        try (Message request = rig.farNext(OpCode.REQUEST)) {
            for (int i = 1; i <= 5; i++) {
                rig.farSend(OpCode.RESPONSE, request.channel(), request.id(), "p" + i, i < 5);
                int count = i;
                rig.until("part", () -> parts.size() == count);
            }
        }
        assertThat(asked.get(20, TimeUnit.SECONDS)).isEqualTo(5);
        assertThat(parts).containsExactly("p1", "p2", "p3", "p4", "p5");
    }

    @Test
    void aPartThatASinkKeepsIsItsOwn() throws Exception {
        List<Message> kept = new ArrayList<>();
        CompletableFuture<Long> asked =
                askForStream(
                        part -> {
                            if (part.body().text().startsWith("k")) {
                                kept.add(rig.dispatcher.keep(part));
                            }
                        });
        try (Message request = rig.farNext(OpCode.REQUEST)) {
            for (String text : List.of("k1", "p2", "k3")) {
                boolean more = !text.equals("k3");
                rig.farSend(OpCode.RESPONSE, request.channel(), request.id(), text, more);
            }
        }
        rig.until("end", asked::isDone);
        assertThat(kept).extracting(part -> part.body().text()).containsExactly("k1", "k3");
        kept.forEach(Message::close);
    }

    @Test
    void aSinkThatThrowsEndsItsRequestOnly() throws Exception {
        CompletableFuture<Long> asked =
                askForStream(
                        part -> {
                            throw new java.io.IOException("disk full");
                        });
        try (Message request = rig.farNext(OpCode.REQUEST)) {
            rig.farSend(OpCode.RESPONSE, request.channel(), request.id(), "1", true);
            rig.farSend(OpCode.RESPONSE, request.channel(), request.id(), "2", false);
        }
        rig.until("the rest", () -> requester.late() == 1);
        assertThatThrownBy(asked::get).hasRootCauseMessage("disk full");
        CompletableFuture<Message> next = ask("still there?", LONG);
        try (Message request = rig.farNext(OpCode.REQUEST)) {
            rig.farSend(OpCode.RESPONSE, request.channel(), request.id(), "yes");
        }
        rig.until("answer", next::isDone);
        next.get().close();
        assertThat(rig.failures).isEmpty();
    }

    @Test
    void aSinkWithAnErrorEndsItsRequestOnly() throws Exception {
        CompletableFuture<Long> asked =
                askForStream(
                        part -> {
                            throw new AssertionError("not what was asked for");
                        });
        try (Message request = rig.farNext(OpCode.REQUEST)) {
            rig.farSend(OpCode.RESPONSE, request.channel(), request.id(), "1", false);
        }
        rig.until("end", asked::isDone);
        assertThatThrownBy(asked::get).hasRootCauseMessage("not what was asked for");
        assertThat(rig.failures).isEmpty();
    }

    @Test
    void aRequestOfPartsIsRefused() {
        try (Message request = rig.message().more(true)) {
            assertThatThrownBy(() -> requester.ask(channel, request, LONG))
                    .isInstanceOfSatisfying(
                            AmpeException.class,
                            e -> assertThat(e.status()).isEqualTo(Status.INVALID_MORE_USAGE));
        }
        assertThat(requester.pending()).isZero();
    }

    @Test
    void theEndOfTheDispatcherEndsAll() throws Exception {
        CompletableFuture<Message> asked = ask("q", LONG);
        rig.dispatcher.close();
        assertThat(reason(asked)).isEqualTo(Reason.STOPPED);
        assertThatThrownBy(() -> ask("more", LONG)).isInstanceOf(AmpeException.class);
    }

    @Test
    void aTimeoutThatIsOverAtOnceLeavesNothing() throws Exception {
        CompletableFuture<Message> asked = ask("q", Duration.ofSeconds(-1));
        rig.advance(Duration.ZERO);
        assertThat(reason(asked)).isEqualTo(Reason.TIMEOUT);
        assertThat(requester.pending()).isZero();
    }
}
