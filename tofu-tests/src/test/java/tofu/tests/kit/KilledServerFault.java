package tofu.tests.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.Message;
import tofu.kit.Backoff;
import tofu.kit.Connector;
import tofu.kit.Dispatcher;
import tofu.kit.RequestException;
import tofu.tests.rigs.ChildProcess;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.Transport;

/// The server's process is killed in the middle of answering, again and again. Each request that
/// was made through the kit ends exactly once, and the next server is found.
class KilledServerFault {
    private static final int REQUESTS = 200;
    private static final Duration LONG = Duration.ofMinutes(1);

    @Test
    void aKilledServerLeavesNobodyWaiting() throws Exception {
        killAll(3);
    }

    @Test
    @Tag("long")
    @Timeout(value = 60, unit = TimeUnit.MINUTES)
    void aThousandKilledServersLeaveNobodyWaiting() throws Exception {
        killAll(1_000);
    }

    private static void killAll(int count) throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String address = Transport.UDS.listenAddress();
        Map<RequestException.Reason, AtomicInteger> reasons =
                new EnumMap<>(RequestException.Reason.class);
        for (RequestException.Reason reason : RequestException.Reason.values()) {
            reasons.put(reason, new AtomicInteger());
        }
        AtomicInteger answers = new AtomicInteger();
        try (Ampe ampe = Ampe.open();
                Dispatcher dispatcher = new Dispatcher(ampe).start();
                Connector connector =
                        Connector.builder(dispatcher)
                                .to(Address.connectTo(address))
                                .backoff(new Backoff(Duration.ofMillis(1), Duration.ofMillis(50)))
                                .maxWaiting(REQUESTS)
                                .start()) {
            for (int round = 0; round < count; round++) {
                Process server = ChildProcess.start(MortalServer.class, address);
                try (BufferedReader said = server.inputReader()) {
                    assertThat(said.readLine()).as("seed " + seed).isNotNull();
                    kill(connector, server, random.nextInt(REQUESTS), answers, reasons);
                } finally {
                    server.destroyForcibly().waitFor();
                }
            }
            assertThat(dispatcher.isEnded()).isFalse();
        } catch (Exception | AssertionError e) {
            throw new AssertionError("seed " + seed, e);
        }
        System.out.printf(
                "KilledServerFault: %,d servers killed; %,d answers, no answer: %s; seed %d%n",
                count, answers.get(), reasons, seed);
    }

    /// Asks all at once, and kills the server after so many answers.
    private static void kill(
            Connector connector,
            Process server,
            int moment,
            AtomicInteger answers,
            Map<RequestException.Reason, AtomicInteger> reasons)
            throws InterruptedException {
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
        Eventually.holds("so many answers", () -> answered.get() >= Math.min(moment, all));
        server.destroyForcibly().waitFor();
        Eventually.holds("all requests have ended", () -> ended.get() == all);
        assertThat(ends).hasSize(all);
        assertThat(ends.values()).allMatch(count -> count.get() == 1);
        answers.addAndGet(answered.get());
    }
}
