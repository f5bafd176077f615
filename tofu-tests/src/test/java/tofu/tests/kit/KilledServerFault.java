package tofu.tests.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
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
import tofu.api.Statistics;
import tofu.kit.Connector;
import tofu.kit.Dispatcher;
import tofu.kit.RequestException;
import tofu.tests.rigs.ChildProcess;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.Transport;

/// The server's process is killed in the middle of answering, again and again. Each request that
/// was made through the kit ends, by the answer to it or by a reason; the next server is found, and
/// no message is left over.
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
            Eventually.holds("all memory is back", () -> leased(ampe) == 0);
        } catch (Exception | AssertionError e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    private static long leased(Ampe ampe) {
        return ampe.statistics().pool().sizes().stream()
                .mapToLong(Statistics.PerSize::leased)
                .sum();
    }

    /// Asks all at once, and kills the server after so many answers.
    private void kill(Connector connector, Process server, int moment) throws InterruptedException {
        Queue<String> wrong = new ConcurrentLinkedQueue<>();
        AtomicInteger answered = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        try (Message first = connector.askAndWait(question -> {}, LONG)) {
            assertThat(first.body().length()).isZero();
        }
        int asked = 0;
        for (int i = 0; i < REQUESTS; i++) {
            String text = "question " + i;
            try {
                var _ =
                        connector
                                .ask(
                                        question -> question.body().append(text),
                                        Duration.ofSeconds(2))
                                .whenComplete(
                                        (answer, failure) -> {
                                            if (answer != null) {
                                                try (answer) {
                                                    String body = answer.body().text();
                                                    if (!body.equals(text)) {
                                                        wrong.add(text + " got " + body);
                                                    }
                                                }
                                                answered.incrementAndGet();
                                            } else {
                                                RequestException e = (RequestException) failure;
                                                Objects.requireNonNull(reasons.get(e.reason()))
                                                        .incrementAndGet();
                                                failed.incrementAndGet();
                                            }
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
                () -> answered.get() >= moment || answered.get() + failed.get() == all);
        server.destroyForcibly().waitFor();
        Eventually.holds("all requests have ended", () -> answered.get() + failed.get() == all);
        assertThat(wrong).isEmpty();
        answers.addAndGet(answered.get());
    }
}
