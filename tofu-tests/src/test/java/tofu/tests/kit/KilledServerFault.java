package tofu.tests.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.Message;
import tofu.kit.Connector;
import tofu.kit.Dispatcher;
import tofu.kit.RequestException;
import tofu.tests.rigs.ChildProcess;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.Transport;

/// The server's process is killed in the middle of answering, again and again. Each request that
/// was made through the kit ends exactly once, and the next server is found.
class KilledServerFault {
    private static final int KILLS = 1_000;
    private static final int CLIENTS = 4;
    private static final int REQUESTS = 200;
    private static final Duration LONG = Duration.ofMinutes(1);

    private final AtomicInteger answers = new AtomicInteger();
    private final Map<RequestException.Reason, AtomicInteger> reasons =
            new EnumMap<>(RequestException.Reason.class);

    KilledServerFault() {
        for (RequestException.Reason reason : RequestException.Reason.values()) {
            reasons.put(reason, new AtomicInteger());
        }
    }

    @Test
    void aKilledServerLeavesNobodyWaiting() throws Exception {
        long seed = System.nanoTime();
        killAll(3, new Random(seed), seed);
        report(3, seed);
    }

    /// Four clients at a time, each with servers of its own.
    @Test
    @Tag("long")
    @Timeout(value = 2, unit = TimeUnit.HOURS)
    void aThousandKilledServersLeaveNobodyWaiting() throws Exception {
        long seed = System.nanoTime();
        List<Future<?>> clients = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
            for (int i = 0; i < CLIENTS; i++) {
                Random random = new Random(seed + i);
                clients.add(
                        threads.submit(
                                () -> {
                                    killAll(KILLS / CLIENTS, random, seed);
                                    return null;
                                }));
            }
            for (Future<?> client : clients) {
                client.get();
            }
        }
        report(KILLS, seed);
    }

    private void report(int kills, long seed) {
        System.out.printf(
                "KilledServerFault: %,d servers killed; %,d answers, no answer: %s; seed %d%n",
                kills, answers.get(), reasons, seed);
    }

    private void killAll(int count, Random random, long seed) {
        String address = Transport.UDS.listenAddress();
        try (Ampe ampe = Ampe.open();
                Dispatcher dispatcher = new Dispatcher(ampe).start();
                Connector connector =
                        Connector.builder(dispatcher)
                                .to(Address.connectTo(address))
                                .backoff(Duration.ofMillis(1), Duration.ofMillis(50))
                                .maxWaiting(REQUESTS)
                                .start()) {
            for (int round = 0; round < count; round++) {
                Process server = ChildProcess.start(MortalServer.class, address);
                try (BufferedReader said = server.inputReader()) {
                    assertThat(said.readLine()).isNotNull();
                    kill(connector, server, random.nextInt(REQUESTS));
                } finally {
                    server.destroyForcibly().waitFor();
                }
            }
            assertThat(dispatcher.isEnded()).isFalse();
        } catch (Exception | AssertionError e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    /// Asks all at once, and kills the server after so many answers.
    private void kill(Connector connector, Process server, int moment) throws InterruptedException {
        Map<Integer, AtomicInteger> ends = new ConcurrentHashMap<>();
        AtomicInteger ended = new AtomicInteger();
        AtomicInteger answered = new AtomicInteger();
        try (Message first = connector.askAndWait(question -> {}, LONG)) {
            assertThat(first.body().length()).isZero();
        }
        int asked = 0;
        for (int i = 0; i < REQUESTS; i++) {
            int number = i;
            try {
                var _ =
                        connector
                                .ask(
                                        question -> question.body().append("question " + number),
                                        Duration.ofSeconds(2))
                                .whenComplete(
                                        (answer, failure) -> {
                                            ends.computeIfAbsent(number, key -> new AtomicInteger())
                                                    .incrementAndGet();
                                            if (answer != null) {
                                                answered.incrementAndGet();
                                                answer.close();
                                            } else {
                                                RequestException e = (RequestException) failure;
                                                Objects.requireNonNull(reasons.get(e.reason()))
                                                        .incrementAndGet();
                                            }
                                            ended.incrementAndGet();
                                        });
                asked++;
            } catch (RequestException e) {
                assertThat(e.reason()).isEqualTo(RequestException.Reason.NOT_SENT);
            }
        }
        int all = asked;
        // On a machine that is busy with other things, questions may time out before.
        Eventually.holds(
                "so many answers, or no more to come",
                () -> answered.get() >= moment || ended.get() == all);
        server.destroyForcibly().waitFor();
        Eventually.holds("all requests have ended", () -> ended.get() == all);
        assertThat(ends).hasSize(all);
        assertThat(ends.values()).allMatch(count -> count.get() == 1);
        answers.addAndGet(answered.get());
    }
}
