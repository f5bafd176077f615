package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Ampe;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// Very many virtual threads that ask and wait for answers: none keeps its carrier, none waits for
/// ever, each is answered once. Alone in the process, as it records the whole of it.
@Isolated
class VirtualThreadFault {
    private static final int THREADS_PER_GROUP = 50;
    private static final int ROUNDS = 20;

    @RegisterExtension final Stage stage = new Stage();

    /// One group, its channel, and the threads that share it: all but one ask, and whoever asks
    /// waits for his answer, which that one receives and hands on.
    private static final class Desk {
        private final Peer peer;
        private final int channel;
        private final ConcurrentHashMap<Long, CountDownLatch> asked = new ConcurrentHashMap<>();

        Desk(Peer peer, int channel) {
            this.peer = peer;
            this.channel = channel;
        }

        /// Asks, and waits for the answer.
        void ask(long id) throws InterruptedException {
            CountDownLatch answered = new CountDownLatch(1);
            assertThat(asked.put(id, answered)).as("asked twice").isNull();
            try (Message request = peer.message().opCode(OpCode.REQUEST).channel(channel).id(id)) {
                request.body().append(Long.toString(id));
                peer.group().enqueueToPeer(request, Peer.PATIENCE);
            }
            long patience = 10 * Peer.PATIENCE.toSeconds();
            assertThat(answered.await(patience, TimeUnit.SECONDS)).as("answer to " + id).isTrue();
        }

        /// Receives so many answers.
        void receive(int count) throws InterruptedException {
            for (int i = 0; i < count; i++) {
                try (Message answer = peer.group().waitReceive(Duration.ofMinutes(5))) {
                    assertThat(answer).as("answer " + i + " of " + count).isNotNull();
                    assertThat(answer.opCode()).isEqualTo(OpCode.RESPONSE);
                    assertThat(answer.body().text()).isEqualTo(Long.toString(answer.id()));
                    CountDownLatch waiting = asked.remove(answer.id());
                    assertThat(waiting).as("answered twice").isNotNull();
                    waiting.countDown();
                }
            }
        }
    }

    /// Waits while it is initialized, which pins; once in a process.
    private static final class Pinned {
        static {
            LockSupport.parkNanos(1_000_000);
        }

        private Pinned() {}

        static void touch() {}
    }

    @Test
    void whatPinsIsRecorded() throws Exception {
        try (Pinning pinning = Pinning.record()) {
            Thread.ofVirtual().start(Pinned::touch).join();
            assertThat(pinning.stop()).isNotEmpty().noneMatch(Pinning::isOurs);
        }
    }

    @ParameterizedTest
    @EnumSource
    void fiveHundredAskAndAreAnswered(Transport transport) throws Exception {
        run(transport, 500);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("long")
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void tenThousandAskAndAreAnswered(Transport transport) throws Exception {
        run(transport, 10_000);
    }

    private void run(Transport transport, int threads) throws Exception {
        Peer server = stage.peer();
        String address = server.listen(transport).address();
        Ampe engine = stage.engine(o -> o.sendQueueMessages(32));
        List<Desk> desks = new ArrayList<>();
        List<Link> links = new ArrayList<>();
        for (int i = 0; i < threads / THREADS_PER_GROUP; i++) {
            Link link = Link.open(stage.peerOn(engine), server, address);
            links.add(link);
            desks.add(new Desk(link.client(), link.clientChannel()));
        }
        Running<Long> echo = Echo.start(server);
        List<RecordedEvent> pinned;
        try (Pinning pinning = Pinning.record()) {
            work(desks);
            pinned = pinning.stop();
        }
        for (Link link : links) {
            link.client().group().close();
        }
        server.group().close();
        long asked = (long) desks.size() * (THREADS_PER_GROUP - 1) * ROUNDS;
        assertThat(echo.result()).isEqualTo(asked);
        assertThat(pinned.stream().filter(Pinning::isOurs)).as("pinned").isEmpty();
        report(transport, threads, asked, pinned.size());
    }

    private static void work(List<Desk> desks) throws Exception {
        List<Future<?>> all = new ArrayList<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Desk desk : desks) {
                int askers = THREADS_PER_GROUP - 1;
                all.add(
                        executor.submit(
                                () -> {
                                    desk.receive(askers * ROUNDS);
                                    return desk;
                                }));
                for (int i = 0; i < askers; i++) {
                    long first = (long) i * ROUNDS + 1;
                    all.add(
                            executor.submit(
                                    () -> {
                                        for (long id = first; id < first + ROUNDS; id++) {
                                            desk.ask(id);
                                        }
                                        return desk;
                                    }));
                }
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        for (Desk desk : desks) {
            assertThat(desk.asked).as("not answered").isEmpty();
        }
    }

    private static void report(Transport transport, int threads, long asked, int pinned) {
        System.out.printf(
                Locale.ROOT,
                "virtual threads: %s, %,d threads, %,d requests answered once each,"
                        + " 0 pinned in tofu (%d elsewhere)%n",
                transport,
                threads,
                asked,
                pinned);
    }
}
