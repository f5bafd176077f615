package tofu.tests.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.DoubleAccumulator;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Ampe;
import tofu.api.Options;
import tofu.tests.rigs.Pulse;
import tofu.tests.rigs.RoundTrips;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Transport;
import tofu.tests.rigs.Vitals;

/// A server with 8 MiB for messages, as much each way for what is on its way, and four worker
/// threads, flooded by raw peers: somebody who behaves is answered all the time, and afterwards the
/// pool is whole. Alone in the process, as it looks for what is left there, and for warnings.
@Isolated
class RawPeersLimits {
    private static final int FLOODERS = 4;
    private static final Duration DEADLINE = Duration.ofSeconds(1);

    private static final Options SERVER =
            Options.builder()
                    .maxPoolBytes(8 << 20)
                    .maxLogBytes(16 << 20)
                    .handshakeTimeout(DEADLINE)
                    .frameTimeout(DEADLINE)
                    .closeTimeout(DEADLINE)
                    .sendQueueMessages(16)
                    .sendQueueBytes(Options.MAX_MESSAGE_BYTES)
                    .receiveWindowMessages(64)
                    .build();

    @ParameterizedTest
    @EnumSource
    @Timeout(value = 3, unit = TimeUnit.MINUTES)
    void whoBehavesIsAnsweredBesideAFloodAndThePoolIsWholeThen(Transport transport)
            throws Exception {
        run(transport, Duration.ofSeconds(2));
    }

    @ParameterizedTest
    @EnumSource
    @Tag("long")
    @Timeout(value = 2, unit = TimeUnit.DAYS)
    void theSameForHours(Transport transport) throws Exception {
        run(transport, Duration.ofSeconds(Long.getLong("tofu.limits.seconds", 3_600)));
    }

    private static void run(Transport transport, Duration duration) throws Exception {
        long seed = Long.getLong("tofu.seed", System.nanoTime());
        try (LogRecords records = LogRecords.collect()) {
            try {
                flood(transport, duration, new SplittableRandom(seed));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("-Dtofu.seed=" + seed + records.texts(), e);
            }
            assertThat(records.texts()).as("what was logged, seed " + seed).isEmpty();
        }
    }

    private static void flood(Transport transport, Duration duration, SplittableRandom dice)
            throws Exception {
        Watchdog watchdog = new Watchdog();
        Ampe engine = Ampe.open(SERVER);
        Ampe other = Ampe.open();
        SmallServer server = new SmallServer(engine, transport, dice.split());
        AtomicLong connections = new AtomicLong();
        AtomicLong answers = new AtomicLong();
        DoubleAccumulator longest = new DoubleAccumulator(Math::max, 0);
        long end = System.nanoTime() + duration.toNanos();
        BooleanSupplier goesOn = () -> System.nanoTime() < end;
        List<Running<Boolean>> running = new ArrayList<>();
        RoundTrips trips = new RoundTrips(other, server.address());
        running.add(
                Running.run(
                        () -> {
                            while (goesOn.getAsBoolean()) {
                                longest.accumulate(trips.measure(1, () -> true).micros(100));
                                answers.incrementAndGet();
                                watchdog.pat();
                            }
                        }));
        for (int i = 0; i < FLOODERS; i++) {
            running.add(
                    Running.run(new Flooder(server.address(), dice.split(), goesOn, connections)));
        }
        watchdog.await("the flood", running);
        long resident = Vitals.residentBytes();
        trips.close();
        server.close(watchdog);
        Running<Inventory> whole = Running.start(() -> Inventory.of(engine));
        watchdog.await("all messages are taken", List.of(whole));
        assertThat(whole.result()).as("the pool").isEqualTo(Inventory.fresh(SERVER));
        watchdog.await(
                "the engines close",
                List.of(Running.run(engine::close), Running.run(other::close)));
        watchdog.await("no thread is left", () -> Pulse.engineThreads() == 0);
        System.out.printf(
                Locale.ROOT,
                "flood by raw peers: %s, %d s, %,d connections, %,d requests, meanwhile %,d answers"
                        + " to who behaves, the slowest after %,.0f ms; pool whole, closed; %,d MB"
                        + " resident%n",
                transport,
                duration.toSeconds(),
                connections.get(),
                server.requests(),
                answers.get(),
                longest.get() / 1e3,
                resident / 1_000_000);
    }
}
