package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Address;
import tofu.api.Channel;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Origin;
import tofu.api.Status;
import tofu.kit.RequestException.Reason;

/// Connections that come and go, and the requests on them.
///
/// Somewhat long, since each case is one conversation with the far side.
@Timeout(60)
class ConnectorTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofSeconds(8);

    private final List<String> events = new ArrayList<>();
    private Rig rig;

    @BeforeEach
    void open() throws InterruptedException {
        rig = new Rig();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private Connector.Builder builder() {
        return Connector.builder(rig.dispatcher)
                .backoff(FIRST, LONGEST)
                .onUp(channel -> events.add("up"))
                .onDown(status -> events.add("down"));
    }

    private static Address.Client nobody() {
        return Address.connectTo(Rig.fresh().toString());
    }

    /// The far side says hello.
    ///
    /// @return its channel
    private int accept() throws InterruptedException {
        try (Message hello = rig.farNext(OpCode.HELLO_REQUEST)) {
            int channel = hello.channel();
            rig.far.enqueueToPeer(hello.opCode(OpCode.HELLO_RESPONSE));
            return channel;
        }
    }

    private void untilEvents(String... expected) throws InterruptedException {
        rig.until("events " + events, () -> events.size() >= expected.length);
        assertThat(events).containsExactly(expected);
    }

    private static Reason reason(CompletableFuture<?> future) throws InterruptedException {
        try {
            future.get();
            throw new AssertionError("an answer");
        } catch (ExecutionException e) {
            return Outcome.reason(e);
        }
    }

    @Test
    void upAndDownAreToldOnceEach() throws Exception {
        Connector connector = builder().to(rig.farAddress()).start();
        int channel = accept();
        untilEvents("up");
        assertThat(connector.channel()).isNotZero();
        rig.farSend(OpCode.BYE_SIGNAL, channel, 1, "");
        untilEvents("up", "down");
        assertThat(connector.channel()).isZero();
        rig.advance(FIRST);
        accept();
        untilEvents("up", "down", "up");
        connector.close();
        rig.farNext(OpCode.BYE_REQUEST).close();
        assertThat(connector.failures()).isZero();
    }

    @Test
    void aNoticeOfIdlenessIsNoReasonForAnEnd() throws Exception {
        rig.close();
        rig = new Rig(Options.builder().idleNotice(Duration.ofMillis(10)).build());
        List<Status> told = new ArrayList<>();
        List<Status> reasons = new ArrayList<>();
        Connector connector =
                builder()
                        .onMessage(message -> told.add(message.status()))
                        .onDown(reasons::add)
                        .to(rig.farAddress())
                        .start();
        int channel = accept();
        rig.until("idle", () -> told.contains(Status.CHANNEL_IDLE));
        rig.farSend(OpCode.BYE_SIGNAL, channel, 1, "");
        rig.until("down", () -> !reasons.isEmpty());
        assertThat(reasons).doesNotContain(Status.CHANNEL_IDLE);
        connector.close();
    }

    @Test
    void theReasonOfAnEndIsToldThoughAFilterHasTakenIt() throws Exception {
        rig.close();
        rig =
                new Rig(
                        Options.builder()
                                .sendQueueMessages(4)
                                .receiveWindowMessages(16)
                                .sendTimeout(Duration.ofMillis(100))
                                .build());
        List<Status> reasons = new ArrayList<>();
        rig.dispatcher.filter(message -> message.origin() == Origin.ENGINE);
        Connector connector = builder().onDown(reasons::add).to(rig.farAddress()).start();
        accept();
        untilEvents("up");
        rig.fill(connector.channel());
        rig.until("down", () -> !reasons.isEmpty());
        assertThat(reasons).containsExactly(Status.SEND_TIMEOUT);
        connector.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"BYE_RESPONSE", "BYE_REQUEST", "BYE_SIGNAL"})
    void aByeInPlaceOfAHelloIsARefusal(OpCode bye) throws Exception {
        Connector connector = builder().to(rig.farAddress()).start();
        try (Message hello = rig.farNext(OpCode.HELLO_REQUEST)) {
            rig.far.enqueueToPeer(hello.opCode(bye));
        }
        rig.until("failure", () -> connector.failures() == 1);
        assertThat(events).isEmpty();
        assertThat(connector.channel()).isZero();
        assertThat(connector.refusals()).isEqualTo(bye == OpCode.BYE_SIGNAL ? 0 : 1);
        connector.close();
    }

    @Test
    void whatComesBeforeTheHelloIsNoHello() throws Exception {
        Connector connector = builder().helloTimeout(FIRST).to(rig.farAddress()).start();
        try (Message hello = rig.farNext(OpCode.HELLO_REQUEST)) {
            rig.farSend(OpCode.SIGNAL, hello.channel(), 1, "");
            rig.farSend(OpCode.RESPONSE, hello.channel(), 1, "");
            boolean[] seen = new boolean[1];
            rig.dispatcher.filter(
                    message -> {
                        seen[0] |= message.opCode() == OpCode.RESPONSE;
                        return false;
                    });
            rig.until("seen", () -> seen[0]);
            rig.dispatcher.turn(0);
            assertThat(connector.channel()).isZero();
            rig.advance(FIRST);
            rig.farEnd(hello.channel());
        }
        rig.until("failure", () -> connector.failures() == 1);
        assertThat(events).isEmpty();
        connector.close();
    }

    /// It must not be run down by a client that takes each refusal for a success.
    @Test
    void refusalsMakeTheRestsLonger() throws Exception {
        Connector connector = builder().to(rig.farAddress()).start();
        long restMillis = FIRST.toMillis();
        for (int i = 1; i <= 4; i++) {
            try (Message hello = rig.farNext(OpCode.HELLO_REQUEST)) {
                rig.far.enqueueToPeer(hello.opCode(OpCode.BYE_RESPONSE));
            }
            int failures = i;
            rig.until("failure", () -> connector.failures() == failures);
            rig.advance(Duration.ofMillis(restMillis / 2 - 1));
            try (Message next = rig.far.waitReceive(Duration.ZERO)) {
                assertThat(next == null || next.opCode() != OpCode.HELLO_REQUEST).isTrue();
            }
            rig.advance(Duration.ofMillis(restMillis - restMillis / 2 + 1));
            restMillis = Math.min(2 * restMillis, LONGEST.toMillis());
        }
        connector.close();
    }

    @Test
    void aServerThatAcceptsAndLeavesIsNotRunDown() throws Exception {
        Connector connector = builder().to(rig.farAddress()).start();
        for (int i = 1; i <= 3; i++) {
            int channel = accept();
            int count = 2 * i;
            rig.until("up", () -> events.size() == count - 1);
            rig.farSend(OpCode.BYE_SIGNAL, channel, 1, "");
            rig.until("down", () -> events.size() == count);
            rig.advance(Duration.ofMillis((FIRST.toMillis() << (i - 1)) / 2 - 1));
            assertThat(rig.dispatcher.turn(0)).isFalse();
            rig.advance(LONGEST);
        }
        connector.close();
    }

    @Test
    void theNextAddressIsTriedAtOnce() throws Exception {
        Connector connector =
                builder().to(nobody()).to(nobody()).to(rig.farAddress()).to(nobody()).start();
        accept();
        untilEvents("up");
        assertThat(connector.failures()).isEqualTo(2);
        connector.close();
    }

    @Test
    void afterAllAddressesItRests() throws Exception {
        Connector connector = builder().to(nobody()).to(nobody()).start();
        rig.until("a round", () -> connector.failures() == 2);
        rig.advance(Duration.ofMillis(FIRST.toMillis() / 2 - 1));
        assertThat(connector.failures()).isEqualTo(2);
        rig.advance(FIRST);
        rig.until("another", () -> connector.failures() == 4);
        connector.close();
    }

    @Test
    void aServerThatSaysNothingIsGivenUp() throws Exception {
        Connector connector = builder().helloTimeout(FIRST).to(rig.farAddress()).start();
        try (Message hello = rig.farNext(OpCode.HELLO_REQUEST)) {
            rig.advance(FIRST);
            rig.farEnd(hello.channel());
        }
        rig.until("failure", () -> connector.failures() == 1);
        connector.close();
    }

    @Test
    void requestsWaitForTheConnection() throws Exception {
        Connector connector = builder().to(rig.farAddress()).maxWaiting(2).start();
        CompletableFuture<Message> one = connector.ask(m -> m.body().append("one"), LONG);
        CompletableFuture<Message> two = connector.ask(m -> m.body().append("two"), LONG);
        assertThatThrownBy(() -> connector.ask(m -> {}, LONG))
                .isInstanceOfSatisfying(
                        RequestException.class,
                        e -> assertThat(e.reason()).isEqualTo(Reason.NOT_SENT))
                .hasMessageContaining("no more than 2 requests that wait for a connection");
        int channel = accept();
        for (String text : new String[] {"one", "two"}) {
            try (Message request = rig.farNext(OpCode.REQUEST)) {
                assertThat(request.body().text()).isEqualTo(text);
                rig.farSend(OpCode.RESPONSE, channel, request.id(), text.toUpperCase());
            }
        }
        rig.until("answers", () -> one.isDone() && two.isDone());
        try (Message first = one.get();
                Message second = two.get()) {
            assertThat(first.body().text() + second.body().text()).isEqualTo("ONETWO");
        }
        connector.close();
    }

    @Test
    void aRequestThatWaitsEndsInTimeAndIsNotSent() throws Exception {
        Connector connector = builder().to(rig.farAddress()).start();
        CompletableFuture<Message> late = connector.ask(m -> m.body().append("late"), FIRST);
        CompletableFuture<Message> unwanted = connector.ask(m -> m.body().append("no"), LONG);
        unwanted.cancel(true);
        rig.advance(FIRST);
        assertThat(reason(late)).isEqualTo(Reason.TIMEOUT);
        accept();
        untilEvents("up");
        CompletableFuture<Message> next = connector.ask(m -> m.body().append("next"), LONG);
        try (Message request = rig.farNext(OpCode.REQUEST)) {
            assertThat(request.body().text()).isEqualTo("next");
        }
        connector.close();
        rig.dispatcher.turn(0);
        assertThat(reason(next)).isEqualTo(Reason.STOPPED);
    }

    @Test
    void requestsThatWaitHaveABoundInBytes() throws Exception {
        long two = Options.MAX_MESSAGE_BYTES;
        Connector connector = builder().to(rig.farAddress()).maxWaitingBytes(two).start();
        CompletableFuture<Message> first = askBig(connector);
        askBig(connector);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> askBig(connector))
                    .isInstanceOfSatisfying(
                            RequestException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.NOT_SENT))
                    .hasMessageContaining(
                            "no more than 131086 bytes of requests that wait for a connection");
        }
        first.cancel(true);
        askBig(connector);
        assertThatThrownBy(() -> askBig(connector)).isInstanceOf(RequestException.class);
        accept();
        rig.farNext(OpCode.REQUEST).close();
        rig.farNext(OpCode.REQUEST).close();
        connector.close();
    }

    private static CompletableFuture<Message> askBig(Connector connector) {
        return connector.ask(m -> m.body().append(new byte[65_000]), LONG);
    }

    /// Whoever was told that its request has ended may ask again: it waits no more.
    @Test
    void thereIsRoomForWhoHasJustWaitedInVain() throws Exception {
        Connector connector = builder().to(nobody()).maxWaiting(1).start();
        CompletableFuture<CompletableFuture<Message>> again =
                connector
                        .ask(m -> {}, FIRST)
                        .handle((answer, failure) -> connector.ask(m -> {}, LONG));
        rig.advance(FIRST);
        assertThat(again.get()).isNotDone();
        connector.close();
    }

    @Test
    void nothingOvertakesWhatWaitsForRoom() throws Exception {
        rig.close();
        rig = new Rig(Options.builder().sendQueueMessages(4).receiveWindowMessages(2).build());
        Connector connector = builder().to(rig.farAddress()).start();
        accept();
        untilEvents("up");
        rig.fill(connector.channel());
        List<CompletableFuture<Message>> all = new ArrayList<>();
        all.add(connector.ask(m -> m.body().append("one"), LONG));
        untilThereIsRoom(connector.channel());
        all.add(connector.ask(m -> m.body().append("two"), LONG));
        try (Message signal = rig.message().opCode(OpCode.SIGNAL)) {
            assertThat(connector.send(signal)).as("sent ahead of them").isFalse();
        }
        for (String text : List.of("one", "two")) {
            try (Message request = rig.farNext(OpCode.REQUEST)) {
                assertThat(request.body().text()).isEqualTo(text);
            }
        }
        try (Message signal = rig.message().opCode(OpCode.SIGNAL)) {
            assertThat(connector.send(signal)).isTrue();
        }
        assertThat(all).noneMatch(CompletableFuture::isDone);
        connector.close();
    }

    /// Sends until the queue is full and stays so, to a peer that does not read.
    /// The far side reads, while the near side takes no turn.
    private void untilThereIsRoom(int channel) throws InterruptedException {
        Channel view = Objects.requireNonNull(rig.dispatcher.group().channel(channel));
        Patience patience = new Patience();
        long start = System.nanoTime();
        while (!view.hasRoom()) {
            Message message = rig.far.waitReceive(Duration.ofMillis(1));
            if (message != null) {
                message.close();
            }
            patience.check(start, "room");
        }
    }

    /// What depends on a request runs on the loop's thread, whoever closes.
    @Test
    void whoClosesRunsNothingOfTheAskers() throws Exception {
        Connector up = builder().to(rig.farAddress()).start();
        accept();
        untilEvents("up");
        Connector down = builder().to(nobody()).start();
        List<CompletableFuture<String>> threads = new ArrayList<>();
        for (Connector connector : List.of(up, down)) {
            threads.add(
                    connector
                            .ask(m -> {}, LONG)
                            .handle((answer, failure) -> Thread.currentThread().getName()));
        }
        rig.dispatcher.start();
        up.close();
        down.close();
        for (CompletableFuture<String> thread : threads) {
            assertThat(thread.get(20, TimeUnit.SECONDS)).isEqualTo("tofu-dispatcher");
        }
    }

    @Test
    void connectorsOfOneBuilderHaveTheirOwnRests() throws Exception {
        Connector.Builder builder = builder().to(nobody());
        Connector one = builder.start();
        rig.until("a try", () -> one.failures() == 1);
        for (int tries = 2; tries <= 4; tries++) {
            int failures = tries;
            rig.advance(LONGEST);
            rig.until("another try", () -> one.failures() == failures);
        }
        Connector other = builder.start();
        rig.until("a try", () -> other.failures() == 1);
        rig.advance(FIRST);
        rig.until("the first rest is short", () -> other.failures() == 2);
        one.close();
        other.close();
    }

    @Test
    void whatIsOutOfRangeIsRefusedByName() {
        Connector.Builder builder = builder();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.maxWaiting(-1))
                .withMessage("maxWaiting is -1, must be at least 0");
        for (int seconds : new int[] {0, -1}) {
            Duration none = Duration.ofSeconds(seconds);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> builder.helloTimeout(none))
                    .withMessage("helloTimeout is " + none + ", must be more than zero");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> builder.backoff(none, LONGEST))
                    .withMessage("not 0 < " + none + " <= PT8S <= 24 h");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> builder.backoff(LONGEST, FIRST));
    }

    @Test
    void requestsFailWhileDownIfTold() throws Exception {
        Connector connector = builder().to(nobody()).whileDown(Connector.WhileDown.FAIL).start();
        try (Message request = rig.message()) {
            assertThatThrownBy(() -> connector.ask(request, LONG))
                    .isInstanceOfSatisfying(
                            RequestException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.NOT_SENT));
            assertThat(request.isEmptied()).isFalse();
            assertThat(connector.send(request)).isFalse();
        }
        connector.close();
    }

    @Test
    void whatIsUnderWayFailsWhenTheConnectionEnds() throws Exception {
        Connector connector = builder().to(rig.farAddress()).start();
        int channel = accept();
        untilEvents("up");
        CompletableFuture<Message> asked = connector.ask(m -> {}, LONG);
        rig.farNext(OpCode.REQUEST).close();
        rig.farSend(OpCode.BYE_SIGNAL, channel, 1, "");
        rig.until("failure", asked::isDone);
        assertThat(reason(asked)).isEqualTo(Reason.CHANNEL_ENDED);
        connector.close();
    }

    @Test
    void theServersByeIsAnswered() throws Exception {
        Connector connector = builder().to(rig.farAddress()).start();
        int channel = accept();
        untilEvents("up");
        rig.farSend(OpCode.BYE_REQUEST, channel, 1, "");
        rig.farNext(OpCode.BYE_RESPONSE).close();
        untilEvents("up", "down");
        rig.advance(FIRST);
        accept();
        untilEvents("up", "down", "up");
        connector.close();
    }

    @Test
    void theHookSendsBeforeWhatHasWaited() throws Exception {
        Connector connector =
                Connector.builder(rig.dispatcher)
                        .to(rig.farAddress())
                        .hello(hello -> hello.headers().append("name", "ann"))
                        .onUp(
                                channel -> {
                                    try (Message subscribe = rig.message()) {
                                        subscribe.opCode(OpCode.SIGNAL).channel(channel);
                                        rig.dispatcher.send(subscribe);
                                    }
                                })
                        .onMessage(message -> events.add(message.body().text()))
                        .start();
        CompletableFuture<Message> asked = connector.ask(m -> {}, LONG);
        try (Message hello = rig.farNext(OpCode.HELLO_REQUEST)) {
            assertThat(hello.headers().first("name")).isEqualTo("ann");
            rig.far.enqueueToPeer(hello.opCode(OpCode.HELLO_RESPONSE));
        }
        try (Message first = rig.farNext();
                Message second = rig.farNext()) {
            assertThat(first.opCode()).isEqualTo(OpCode.SIGNAL);
            assertThat(second.opCode()).isEqualTo(OpCode.REQUEST);
            rig.farSend(OpCode.SIGNAL, second.channel(), 1, "news");
        }
        untilEvents("news");
        connector.close();
        rig.dispatcher.turn(0);
        assertThat(reason(asked)).isEqualTo(Reason.STOPPED);
    }

    @Test
    void aHookThatThrowsCostsTheConnectionOnly() throws Exception {
        boolean[] bad = {true};
        Connector connector =
                builder()
                        .to(rig.farAddress())
                        .onUp(
                                channel -> {
                                    if (bad[0]) {
                                        throw new IllegalStateException("not now");
                                    }
                                    events.add("up");
                                })
                        .start();
        accept();
        untilEvents("down");
        bad[0] = false;
        rig.advance(LONGEST);
        accept();
        untilEvents("down", "up");
        assertThat(rig.failures).singleElement().asString().contains("not now");
        connector.close();
    }

    @Test
    void theEndOfTheDispatcherIsTheEndOfAConnectionThatWasBeingClosed() throws Exception {
        Connector connector = builder().to(rig.farAddress()).start();
        accept();
        untilEvents("up");
        connector.close();
        rig.farNext(OpCode.BYE_REQUEST).close();
        rig.dispatcher.close();
        assertThat(events).containsExactly("up", "down");
    }

    @Test
    void theEndOfTheDispatcherEndsWhatWaits() throws Exception {
        Connector connector = builder().to(nobody()).start();
        CompletableFuture<Message> asked = connector.ask(m -> {}, LONG);
        rig.dispatcher.close();
        assertThat(reason(asked)).isEqualTo(Reason.STOPPED);
        connector.close();
    }
}
