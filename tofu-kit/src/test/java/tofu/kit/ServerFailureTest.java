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
import tofu.api.Channel;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;

/// What a server outlives: want of memory, of timers and of tasks, and who takes its handlers off;
/// and what it leaves behind.
@Timeout(60)
class ServerFailureTest {
    private static final Duration LONG = Duration.ofHours(1);

    private final AtomicBoolean none = new AtomicBoolean();
    private final List<String> events = new ArrayList<>();
    private final List<Peer> peers = new ArrayList<>();
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

    private Server.Builder builder() {
        return Server.builder(rig.dispatcher)
                .listenOn(Rig.fresh())
                .sessions(
                        (peer, hello) -> {
                            peers.add(peer);
                            return new Session() {
                                @Override
                                public void onMessage(Message message) {
                                    peer.answer(message);
                                }

                                @Override
                                public void onEnd(Status reason) {
                                    events.add("end");
                                }
                            };
                        });
    }

    private void drain(Server server) throws InterruptedException {
        CompletableFuture<Integer> drained = server.drain(LONG);
        rig.until("drained", drained::isDone);
        assertThat(drained.join()).isZero();
    }

    private void assertRefuses(Address.Client address) throws InterruptedException {
        assertThat(rig.farConnect(address)).isZero();
        try (Message bye = rig.farNext(OpCode.BYE_RESPONSE)) {
            assertThat(bye.headers().first(Server.REASON)).isEqualTo("closing");
        }
    }

    @Test
    void theLastSessionHasEndedWhenAllHaveLeft() throws Exception {
        Server server = builder().start();
        int channel = rig.farConnect(rig.address(server));
        var _ = server.drain(LONG).thenRun(() -> events.add("drained"));
        rig.farNext(OpCode.BYE_REQUEST, channel).close();
        rig.farSend(OpCode.BYE_RESPONSE, channel, 1, "");
        rig.until("both", () -> events.size() == 2);
        assertThat(events).containsExactly("end", "drained");
    }

    @Test
    void whatASessionThrowsAtItsEndDoesNotKeepTheServer() throws Exception {
        Session bad =
                new Session() {
                    @Override
                    public void onMessage(Message message) {}

                    @Override
                    public void onEnd(Status reason) {
                        throw new IllegalStateException("at the end");
                    }
                };
        Server server = builder().sessions((peer, hello) -> bad).start();
        int channel = rig.farConnect(rig.address(server));
        CompletableFuture<Integer> drained = server.drain(LONG);
        rig.farNext(OpCode.BYE_REQUEST, channel).close();
        rig.farSend(OpCode.BYE_RESPONSE, channel, 1, "");
        rig.until("drained", drained::isDone);
        assertThat(rig.failures).singleElement().asString().contains("at the end");
    }

    @Test
    void aServerThatMayNotBeginLeavesTheHellosToTheOneThatHasLeft() throws Exception {
        Server server = builder().start();
        rig.address(server);
        Address.Client where = rig.nearListen();
        drain(server);
        List<Timer> timers = rig.fillTimers();
        assertThatThrownBy(() -> builder().start()).isInstanceOf(RejectedExecutionException.class);
        timers.forEach(Timer::cancel);
        rig.fillTasks();
        assertThatThrownBy(() -> builder().start()).isInstanceOf(RejectedExecutionException.class);
        assertRefuses(where);
        Server second = builder().start();
        assertThat(rig.farConnect(rig.address(second))).isNotZero();
        assertThat(rig.farConnect(where)).isNotZero();
    }

    /// It may be refused yet.
    @Test
    void aServerThatHasNotBegunGreetsNobody() throws Exception {
        Address.Client where = rig.nearListen();
        boolean[] started = new boolean[1];
        rig.dispatcher.filter(
                message -> {
                    if (message.opCode() == OpCode.HELLO_REQUEST && !started[0]) {
                        started[0] = true;
                        builder().start();
                    }
                    return false;
                });
        assertRefuses(where);
        assertThat(rig.farConnect(where)).isNotZero();
    }

    @Test
    void aServerThatIsRefusedOrHasLeftKeepsNoTimer() throws Exception {
        Server server = builder().start();
        rig.address(server);
        assertThatThrownBy(() -> builder().start()).isInstanceOf(IllegalStateException.class);
        drain(server);
        assertThat(rig.fillTimers()).hasSize(Timers.MAX_TIMERS);
    }

    @Test
    void whoDoesNotLeaveIsCutOffThoughThereIsNoRoomForATimer() throws Exception {
        Server server = builder().start();
        int channel = rig.farConnect(rig.address(server));
        rig.fillTimers();
        assertThat(rig.drainBeside(channel, server)).isEqualTo(1);
    }

    @Test
    void whoDoesNotLeaveIsCutOffOnceThereIsMemory() throws Exception {
        Server server = builder().start();
        int channel = rig.farConnect(rig.address(server));
        none.set(true);
        CompletableFuture<Integer> drained = server.drain(Duration.ofSeconds(1));
        rig.dispatcher.turn(0);
        rig.advance(Duration.ofSeconds(1));
        none.set(false);
        rig.advance(Duration.ofSeconds(1));
        rig.farEnd(channel);
        rig.until("drained", drained::isDone);
        assertThat(drained.join()).isEqualTo(1);
    }

    @Test
    void whoWaitsForTheListenersIsToldThatThereIsNoMemory() throws Exception {
        Server server = builder().start();
        none.set(true);
        rig.dispatcher.turn(0);
        assertThatThrownBy(() -> server.listening().getNow(List.of()))
                .hasRootCauseInstanceOf(OutOfMemoryError.class);
        none.set(false);
        drain(server);
    }

    @Test
    void whoTakesHandlersOffChannelsTakesNoneOfAServer() throws Exception {
        Server server = builder().start();
        int channel = rig.farConnect(rig.address(server));
        for (Channel each : rig.dispatcher.group().channels()) {
            rig.dispatcher.off(each.number());
        }
        rig.farSend(OpCode.REQUEST, channel, 1, "still there?");
        rig.farNext(OpCode.RESPONSE, channel).close();
        rig.farSend(OpCode.BYE_SIGNAL, channel, 1, "");
        rig.until("end", () -> !events.isEmpty());
        assertThat(server.peers()).isZero();
        drain(server);
    }

    @Test
    void aServerHearsOfTheEndOfAPeerWhoseMessagesSomebodyElseHas() throws Exception {
        Server server = builder().start();
        int channel = rig.farConnect(rig.address(server));
        rig.dispatcher.on(
                peers.getFirst().channel(),
                message -> events.add(message.endsChannel() ? "last" : message.body().text()));
        rig.farSend(OpCode.SIGNAL, channel, 1, "signal");
        rig.until("signal", () -> !events.isEmpty()); // the bye would cut it off
        rig.farSend(OpCode.BYE_SIGNAL, channel, 1, "");
        rig.until("end", () -> events.size() == 3);
        assertThat(events).containsExactly("signal", "end", "last");
        assertThat(server.peers()).isZero();
    }
}
