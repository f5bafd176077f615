package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.LeakDetection;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// A group that receives nothing any more, and 99 others of the same engine: they go on, though the
/// one has most of the pool. Alone in the process, as it measures.
///
/// The stalled group's window is a little smaller than the pool, so the others keep less than they
/// need at once, and the pool is empty again and again: that is one episode, and each group is told
/// of it once.
@Isolated
class PoolExhaustionFault {
    private static final int WORKING = 99;
    private static final int POOL = 512;
    private static final int SPARE = 64;
    private static final long QUIET_NANOS = 200_000_000;

    @RegisterExtension final Stage stage = new Stage();

    private final Askers askers = new Askers();

    @ParameterizedTest
    @EnumSource
    void oneStalledGroupDoesNotStopTheOthers(Transport transport) throws Exception {
        run(transport, 1, Duration.ofMillis(300));
    }

    @ParameterizedTest
    @EnumSource
    @Tag("long")
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void oneStalledGroupBesideNinetyNineMeasured(Transport transport) throws Exception {
        run(transport, 5, Duration.ofSeconds(5));
    }

    private void run(Transport transport, int rounds, Duration duration) throws Exception {
        Peer echo = stage.peer(o -> o.leakDetection(LeakDetection.SAMPLED));
        Peer flooding = stage.peer(o -> o.sendQueueMessages(64));
        Ampe crowded =
                stage.engine(
                        o ->
                                o.maxPoolMessages(POOL)
                                        .receiveWindowMessages(POOL - SPARE)
                                        .leakDetection(LeakDetection.SAMPLED));
        String address = echo.listen(transport).address();
        for (int i = 0; i < WORKING; i++) {
            askers.add(Link.open(stage.peerOn(crowded), echo, address));
        }
        Peer stalled = stage.peerOn(crowded);
        Link flood = Link.open(stalled, flooding, flooding.listen(transport).address());
        Running<Long> answering = Echo.start(echo);
        askers.ask(duration);
        double free = 0;
        double crammed = 0;
        int told = 0;
        long answers = 0;
        long id = 0;
        for (int i = 0; i < rounds; i++) {
            Askers.Phase without = askers.ask(duration);
            assertThat(without.told()).as("told of an empty pool").containsOnly(0);
            long last = flood(flood, id);
            Askers.Phase with = askers.ask(duration);
            assertThat(with.told()).as("told in one episode").allMatch(count -> count <= 1);
            expectAll(stalled, id, last);
            id = last;
            free += without.answersPerSecond() / rounds;
            crammed += with.answersPerSecond() / rounds;
            told += with.told().stream().mapToInt(Integer::intValue).sum();
            answers += with.answers();
        }
        assertThat(answers).as("answers beside the stalled group").isPositive();
        crowded.close();
        echo.ampe().close();
        flooding.ampe().close();
        assertThat(answering.result()).isPositive();
        System.out.printf(
                Locale.ROOT,
                "pool exhaustion: %s, %d groups: %,.0f answers/s, beside a stalled group %,.0f/s:"
                        + " %.0f %% (to reach: 90 %%); none lost, told %d times in %d episodes%n",
                transport,
                WORKING,
                free,
                crammed,
                100 * crammed / free,
                told,
                rounds);
    }

    /// Sends to the group that does not receive, until nothing more is taken for a while.
    ///
    /// @return the id of the last message
    private static long flood(Link link, long firstId) {
        String body = "b".repeat(1_000);
        long id = firstId;
        long last = System.nanoTime();
        while (System.nanoTime() - last < QUIET_NANOS) {
            try (Message message = link.server().message().opCode(OpCode.SIGNAL)) {
                message.channel(link.serverChannel()).id(id + 1).body().append(body);
                link.server().group().enqueueToPeer(message);
                id++;
                last = System.nanoTime();
            } catch (AmpeException full) {
                assertThat(full.status()).isEqualTo(Status.SEND_QUEUE_FULL);
                LockSupport.parkNanos(100_000);
            }
        }
        return id;
    }

    /// Receives what was sent, in order; the pool recovers.
    private static void expectAll(Peer stalled, long firstId, long lastId) throws Exception {
        int told = 0;
        long id = firstId;
        while (id < lastId) {
            try (Message message = stalled.group().waitReceive(Peer.PATIENCE)) {
                assertThat(message).as("message " + (id + 1)).isNotNull();
                if (message.origin() == Origin.ENGINE) {
                    assertThat(message.status()).isEqualTo(Status.POOL_EMPTY);
                    told++;
                } else {
                    assertThat(message.id()).isEqualTo(++id);
                }
            }
        }
        assertThat(told).as("told in one episode").isLessThanOrEqualTo(1);
    }
}
