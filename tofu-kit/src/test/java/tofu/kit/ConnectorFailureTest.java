package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;

/// What a connector outlives: want of memory, hooks that fail, a dispatcher with too much to do;
/// and what comes while it is closed.
@Timeout(60)
class ConnectorFailureTest {
    private static final Duration LONGEST = Duration.ofSeconds(8);
    private static final Duration HELLO = Duration.ofMinutes(1);

    private final AtomicBoolean none = new AtomicBoolean();
    private final List<String> events = new ArrayList<>();
    private Rig rig;

    @BeforeEach
    void open() throws InterruptedException {
        rig = new Rig(Proxies.shortOfMemory(none));
    }

    @AfterEach
    void close() {
        none.set(false);
        rig.close();
    }

    private Connector.Builder builder() {
        return Connector.builder(rig.dispatcher)
                .to(rig.farAddress())
                .backoff(Duration.ofSeconds(1), LONGEST)
                .helloTimeout(HELLO)
                .onUp(channel -> events.add("up"))
                .onDown(status -> events.add("down"));
    }

    private int accept() throws InterruptedException {
        try (Message hello = rig.farNext(OpCode.HELLO_REQUEST)) {
            int channel = hello.channel();
            rig.far.enqueueToPeer(hello.opCode(OpCode.HELLO_RESPONSE));
            return channel;
        }
    }

    private void untilUp() throws InterruptedException {
        rig.until("up", () -> events.contains("up"));
    }

    @Test
    void itConnectsOnceThereIsMemoryAgain() throws Exception {
        none.set(true);
        Connector connector = builder().start();
        rig.dispatcher.turn(0);
        assertThat(connector.failures()).isEqualTo(1);
        none.set(false);
        rig.advance(LONGEST);
        accept();
        untilUp();
        assertThat(rig.failures).singleElement().isInstanceOf(OutOfMemoryError.class);
        connector.close();
    }

    @Test
    void anErrorOfTheHelloHookIsToldAndCostsOneTry() throws Exception {
        boolean[] bad = {true};
        Connector connector =
                builder()
                        .hello(
                                hello -> {
                                    if (bad[0]) {
                                        throw new AssertionError("not yet");
                                    }
                                })
                        .start();
        rig.dispatcher.turn(0);
        assertThat(connector.failures()).isEqualTo(1);
        bad[0] = false;
        rig.advance(LONGEST);
        accept();
        untilUp();
        assertThat(rig.failures).singleElement().asString().contains("not yet");
        connector.close();
    }

    /// It is a mistake of the application, and would never become better by itself.
    @Test
    void aHeaderThatIsNoneIsTold() throws Exception {
        Connector connector = builder().hello(hello -> hello.headers().append("token", "")).start();
        rig.dispatcher.turn(0);
        assertThat(connector.failures()).isEqualTo(1);
        assertThat(rig.failures)
                .singleElement()
                .isInstanceOfSatisfying(
                        AmpeException.class,
                        e -> assertThat(e.status()).isEqualTo(Status.INVALID_HEADER));
        connector.close();
    }

    @Test
    void whoSaysNoHelloIsGivenUpOnceThereIsMemory() throws Exception {
        Connector connector = builder().start();
        int silent;
        try (Message hello = rig.farNext(OpCode.HELLO_REQUEST)) {
            silent = hello.channel();
        }
        none.set(true);
        rig.advance(HELLO);
        none.set(false);
        rig.advance(Duration.ofSeconds(1));
        rig.farEnd(silent);
        rig.until("failure", () -> connector.failures() == 1);
        connector.close();
    }

    @Test
    void itIsClosedOnceThereIsMemory() throws Exception {
        Connector connector = builder().start();
        int channel = accept();
        untilUp();
        none.set(true);
        connector.close();
        rig.dispatcher.turn(0);
        none.set(false);
        rig.advance(Duration.ofSeconds(1));
        rig.farEnd(channel);
        rig.until("down", () -> events.contains("down"));
    }

    @Test
    void aRequestThatHasWaitedAndMeetsTheEndOfMemoryWasNotSent() throws Exception {
        rig.close();
        rig = new Rig(Proxies.shortOfMemoryToSend(none));
        Connector connector = builder().start();
        CompletableFuture<Message> asked = connector.ask(request -> {}, Duration.ofHours(1));
        none.set(true);
        accept();
        rig.until("failure", asked::isDone);
        assertThat(Outcome.of(asked, answer -> "an answer")).isEqualTo("NOT_SENT");
        none.set(false);
        var _ = connector.ask(request -> {}, Duration.ofHours(1));
        rig.farNext(OpCode.REQUEST).close();
        assertThat(rig.failures).isEmpty();
        connector.close();
    }

    @Test
    void anAnswerThatComesWhileItIsClosedIsNoMessageForTheHandler() throws Exception {
        Connector connector = builder().onMessage(message -> events.add("message")).start();
        int channel = accept();
        untilUp();
        int near = connector.channel();
        CompletableFuture<Message> asked = connector.ask(request -> {}, Duration.ofHours(1));
        try (Message request = rig.farNext(OpCode.REQUEST)) {
            rig.farSend(OpCode.RESPONSE, channel, request.id(), "late");
        }
        untilUntaken(near);
        asked.cancel(false); // or it would have the answer
        rig.dispatcher.after(Duration.ZERO, connector::close);
        rig.dispatcher.turn(0); // closes, and takes the answer before it does anything of that
        assertThat(untaken(near)).isZero();
        rig.farNext(OpCode.BYE_REQUEST).close();
        assertThat(events).containsExactly("up");
    }

    @Test
    void aRequestThatWaitsIsStoppedThoughTheServerSaysHelloMeanwhile() throws Exception {
        Connector connector = builder().start();
        CompletableFuture<Message> asked = connector.ask(request -> {}, Duration.ofHours(1));
        accept();
        untilUntaken(rig.dispatcher.group().channels().getFirst().number());
        rig.dispatcher.after(Duration.ZERO, connector::close);
        rig.dispatcher.turn(0); // closes, and takes the hello before it does anything of that
        assertThat(events).containsExactly("up");
        assertThat(Outcome.of(asked, answer -> "an answer")).isEqualTo("STOPPED");
        rig.farNext(OpCode.BYE_REQUEST).close();
    }

    /// Something has come, and no turn has taken it.
    private void untilUntaken(int channel) {
        Patience patience = new Patience();
        long start = System.nanoTime();
        while (untaken(channel) == 0) {
            patience.check(start, "something to take");
        }
    }

    private long untaken(int channel) {
        return rig.ampe.statistics().channels().stream()
                .filter(each -> each.number() == channel)
                .mapToLong(each -> each.traffic().untakenMessages())
                .sum();
    }

    private void refuseToStart() {
        List<Filter> before = filters();
        assertThatThrownBy(() -> builder().start()).isInstanceOf(RejectedExecutionException.class);
        assertThat(filters()).isEqualTo(before);
    }

    private List<Filter> filters() {
        List<Filter> filters = new ArrayList<>();
        rig.dispatcher.filters().forEach(filters::add);
        return filters;
    }

    @Test
    void oneThatIsRefusedForTooManyTasksLeavesNothingBehind() throws Exception {
        rig.fillTasks();
        refuseToStart();
        assertThat(rig.fillTimers()).hasSize(Timers.MAX_TIMERS);
    }

    @Test
    void oneThatIsRefusedForTooManyTimersLeavesNothingBehind() {
        List<Timer> timers = rig.fillTimers();
        timers.getLast().cancel();
        refuseToStart();
        assertThat(rig.fillTimers()).as("room for more").hasSize(1);
    }

    @Test
    void oneThatIsRefusedByAnEndedDispatcherLeavesNothingBehind() {
        rig.dispatcher.close();
        refuseToStart();
        assertThat(rig.fillTimers()).hasSize(Timers.MAX_TIMERS);
    }

    @Test
    void itRestsThoughThereIsNoRoomForATimer() throws Exception {
        Address.Server where = Rig.fresh();
        Connector connector =
                Connector.builder(rig.dispatcher)
                        .to(Address.connectTo(where.toString()))
                        .backoff(Duration.ofSeconds(1), LONGEST)
                        .onUp(channel -> events.add("up"))
                        .start();
        List<Timer> timers = rig.fillTimers();
        rig.until("failure", () -> connector.failures() == 1);
        rig.farListen(where);
        rig.advance(LONGEST);
        accept();
        untilUp();
        timers.forEach(Timer::cancel);
        assertThat(rig.failures).isEmpty();
        connector.close();
    }
}
