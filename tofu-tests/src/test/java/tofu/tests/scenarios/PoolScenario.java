package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.AllocationStrategy;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Hoard;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// A pool that runs empty.
///
/// Rows of the wire spec's section 5:
/// - "pool empty": `anEmptyPoolStopsReadingTellsTheGroupOnceAndLosesNothing`,
///   `theLoopSleepsWhileThePoolIsEmpty`, `eachGroupIsToldOnceInEachEpisode`
class PoolScenario {
    private static final Duration A_MOMENT = Duration.ofMillis(200);
    private static final int MESSAGES = 32;

    @RegisterExtension final Stage stage = new Stage();

    private Ampe engine() {
        // A window that leaves most of the pool to others: only a hoard empties it.
        return stage.engine(o -> o.maxPoolMessages(MESSAGES).receiveWindowMessages(4));
    }

    private RawPeer greeted(Peer server, String address) {
        return Greeted.open(stage, server, address).raw();
    }

    @ParameterizedTest
    @EnumSource
    void anEmptyPoolStopsReadingTellsTheGroupOnceAndLosesNothing(Transport transport) {
        Peer server = stage.peerOn(engine());
        RawPeer raw = greeted(server, server.listen(transport).address());
        Hoard hoard = Hoard.of(server.ampe());
        assertThat(hoard.size()).isEqualTo(MESSAGES);
        Burst.send(raw);

        assertThat(server.expectNotice(Status.POOL_EMPTY, 0).id()).isNotZero();
        server.expectSilence(A_MOMENT);

        hoard.takeOne().close();
        Burst.expect(server);
        hoard.close();
        server.expectNothing();
        assertThat(Hoard.sizeOf(server.ampe())).isEqualTo(MESSAGES);
    }

    @ParameterizedTest
    @EnumSource
    void theLoopSleepsWhileThePoolIsEmpty(Transport transport) {
        Peer server = stage.peerOn(engine());
        RawPeer raw = greeted(server, server.listen(transport).address());
        RawPeer other = greeted(server, server.listen(transport).address());
        Hoard hoard = Hoard.of(server.ampe());
        Burst.send(raw);
        other.send(Frame.of(OpCode.SIGNAL, 5));
        server.expectNotice(Status.POOL_EMPTY, 0);

        long before = loopCpuNanos();
        Duration watched = Duration.ofSeconds(1);
        server.expectSilence(watched);
        assertThat(Duration.ofNanos(loopCpuNanos() - before))
                .as("a loop that is busy would use much of the second")
                .isLessThan(watched.dividedBy(20));

        hoard.close();
        server.ignoreRest();
    }

    /// What the loops of this test have used of the processor.
    private long loopCpuNanos() {
        return stage.engineThreads().stream()
                .filter(thread -> thread.getName().contains("-loop-"))
                .mapToLong(
                        loop ->
                                ManagementFactory.getThreadMXBean()
                                        .getThreadCpuTime(loop.threadId()))
                .sum();
    }

    @ParameterizedTest
    @EnumSource
    void eachGroupIsToldOnceInEachEpisode(Transport transport) {
        Ampe engine = engine();
        Peer first = stage.peerOn(engine);
        Peer second = stage.peerOn(engine);
        RawPeer toFirst = greeted(first, first.listen(transport).address());
        RawPeer toSecond = greeted(second, second.listen(transport).address());
        for (int episode = 0; episode < 3; episode++) {
            Hoard hoard = Hoard.of(engine);
            Burst.send(toFirst);
            first.expectNotice(Status.POOL_EMPTY, 0);
            Burst.send(toSecond);
            second.expectNotice(Status.POOL_EMPTY, 0);
            hoard.close();
            Running<Boolean> other = Running.run(() -> Burst.expect(second));
            Burst.expect(first);
            other.result();
            first.expectNothing();
            second.expectNothing();
        }
    }

    @ParameterizedTest
    @EnumSource
    void thoughThePoolIsFullInBytesOneAfterTheOtherCanBeReceived(Transport transport) {
        Peer server = stage.peer(o -> o.maxPoolBytes(1 << 20).initialPoolMessages(0));
        RawPeer raw = greeted(server, server.listen(transport).address());
        List<Message> hoard = new ArrayList<>();
        try {
            while (hoard.size() < 1 << 20) {
                Message message = server.message();
                hoard.add(message);
                message.body().append("b".repeat(1000));
            }
        } catch (AmpeException e) {
            assertThat(e.status()).isEqualTo(Status.ALLOCATION_FAILED);
        }
        Running<Boolean> sending =
                Running.run(
                        () -> {
                            for (int id = 10; id < 20; id++) {
                                raw.send(Frame.of(OpCode.SIGNAL, id, "b".repeat(60_000)));
                            }
                        });
        for (int id = 10; id < 20; id++) {
            assertThat(server.expect(OpCode.SIGNAL, id).body()).hasSize(60_000);
        }
        sending.result();
        hoard.forEach(Message::close);
    }

    @Test
    void poolOnlyFindsNothingInAnEmptyPoolButAlwaysDoes() {
        Ampe engine = engine();
        Hoard hoard = Hoard.of(engine);
        assertThat(engine.get(AllocationStrategy.POOL_ONLY)).isNull();
        List<Message> beyond = new ArrayList<>();
        for (int i = 0; i < 10 * MESSAGES; i++) {
            beyond.add(engine.get());
        }
        hoard.close();
        beyond.forEach(Message::close);
        assertThat(Hoard.sizeOf(engine)).isEqualTo(MESSAGES);
    }

    @Test
    void allMemoryOfAnEngineIsBounded() {
        Ampe engine = stage.engine(o -> o.maxPoolBytes(1 << 20).initialPoolMessages(0));
        List<Message> hoard = new ArrayList<>();
        assertThatThrownBy(
                        () -> {
                            while (hoard.size() < 1 << 20) {
                                hoard.add(engine.get());
                            }
                        })
                .isInstanceOfSatisfying(
                        AmpeException.class,
                        e -> assertThat(e.status()).isEqualTo(Status.ALLOCATION_FAILED));
        Message last = hoard.getLast();
        last.body().append("short");
        assertThatThrownBy(() -> last.body().append("b".repeat(60_000)))
                .isInstanceOf(AmpeException.class);
        assertThat(last.body().text()).isEqualTo("short");
        hoard.forEach(Message::close);
        Message one = engine.get();
        one.body().append("b".repeat(60_000));
        one.close();
    }
}
