package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Admission;
import tofu.api.Ampe;
import tofu.api.BinaryHeader;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;
import tofu.tests.rigs.ChildProcess;
import tofu.tests.rigs.Descriptors;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.Hellos;
import tofu.tests.rigs.Hoard;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.RoundTrips;
import tofu.tests.rigs.Secured;
import tofu.tests.rigs.Stage;

/// Peers that begin handshakes of TLS as fast as they can, and go away, beside a channel that works
/// and a newcomer that behaves.
///
/// The channel gets all its answers, few threads compute, and when it is over there are as many
/// descriptors and messages as before. The newcomer gets in at the first try when it is over; if
/// one address may have so many connections only, meanwhile as well. The flood is to have 10,000
/// attempts a second; how many there were is printed.
@Isolated // it measures, and counts threads and descriptors
class HandshakeFloodFault {
    /// Made before a test's time begins.
    private static final UnaryOperator<Options.Builder> SERVER = Secured.server();

    private static final UnaryOperator<Options.Builder> CLIENT = Secured.client();
    private static final String LISTEN = "tls|127.0.0.1|0";
    private static final int POOL = 256;
    private static final int BACKLOG = 1_000;
    private static final int WARM_UP = 500;

    /// Who computes handshakes: so many for each engine, of the server, the client, the newcomer.
    private static final int MOST_WORKERS = 3 * 4;

    /// Whether the server's options keep others from taking all.
    enum Guard {
        NONE,
        /// The flood comes from one address, and may have so many connections at a time.
        PER_ADDRESS;

        private static final int CONNECTIONS = 64;

        Options.Builder admit(Options.Builder options) {
            return switch (this) {
                case NONE -> options;
                case PER_ADDRESS ->
                        options.admission(
                                Admission.builder().connectionsPerAddress(CONNECTIONS).build());
            };
        }
    }

    @RegisterExtension final Stage stage = new Stage();

    @ParameterizedTest
    @EnumSource
    void handshakesThatAreAttemptedHarmNobody(Guard guard) throws Exception {
        run(guard, Duration.ofMillis(300));
    }

    @ParameterizedTest
    @EnumSource
    @Tag("long")
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void handshakesThatAreAttemptedForAMinuteHarmNobody(Guard guard) throws Exception {
        run(guard, Duration.ofSeconds(60));
    }

    /// The process of a [HandshakeFlood], from an address of its own.
    private record Siege(Process process) implements AutoCloseable {
        static Siege begin(String address) throws IOException {
            String port = address.split("\\|")[2];
            String hello = HexFormat.of().formatHex(Hellos.client());
            Process process = ChildProcess.start(HandshakeFlood.class, port, "127.0.0.2", hello);
            assertThat(process.inputReader().readLine()).isEqualTo("flooding");
            return new Siege(process);
        }

        /// Ends it.
        ///
        /// @return what it says of itself
        Attempts end() throws IOException {
            process.outputWriter().close();
            String line = process.inputReader().readLine();
            assertThat(line).matches("attempted \\d+ \\d+ \\d+");
            String[] words = line.split(" ");
            long count = Long.parseLong(words[1]);
            return new Attempts(
                    count, 1e3 * count / Long.parseLong(words[2]), Long.parseLong(words[3]));
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    /// How many handshakes were begun.
    private record Attempts(long count, double perSecond, long refused) {}

    private void run(Guard guard, Duration duration) throws Exception {
        Ampe engine =
                stage.engine(
                        o ->
                                guard.admit(SERVER.apply(o))
                                        .maxPoolMessages(POOL)
                                        .acceptBacklog(BACKLOG));
        try (Responder responder = new Responder(engine, LISTEN);
                RoundTrips client = new RoundTrips(stage.engine(CLIENT), responder.address())) {
            Peer newcomer = stage.peer(CLIENT);
            Works works = new Works(client);
            client.measure(WARM_UP, () -> true);
            int messages = Hoard.sizeOf(engine);
            int descriptors = Descriptors.count();

            double before = works.answersPerSecond(duration);
            double beside;
            Knocks knocks;
            Attempts attempts;
            try (Siege siege = Siege.begin(responder.address())) {
                beside = works.answersPerSecond(duration);
                knocks = guard == Guard.NONE ? Knocks.NONE : letIn(newcomer, responder.address());
                attempts = siege.end();
            }
            double after = works.answersPerSecond(duration);

            assertThat(responder.notices(Status.POOL_EMPTY)).as("empty pools").isZero();
            boolean refused = stage.takeWarning("connections refused"); // if the flood is fast
            assertThat(refused && guard == Guard.NONE).as("refused without a bound").isFalse();
            Knocks later = letIn(newcomer, responder.address());
            assertThat(later.count()).as("tries to get in when it is over").isOne();
            Eventually.holds("the end of each newcomer", () -> responder.open() == 1);
            Eventually.holds("as few descriptors", () -> Descriptors.count() <= descriptors);
            Eventually.holds("all messages", () -> Hoard.sizeOf(engine) == messages);
            System.out.printf(
                    Locale.ROOT,
                    "HandshakeFloodFault %s: %,d handshakes attempted, %,.0f/s, %,d more could not"
                            + " connect; %,d ends told to the application; %,.0f answers/s"
                            + " before, %,.0f beside, %,.0f after: ratio %.2f; a newcomer was"
                            + " let in meanwhile after %d tries, %.2f s, then after %.2f s;"
                            + " %d threads computed at most%n",
                    guard,
                    attempts.count(),
                    attempts.perSecond(),
                    attempts.refused(),
                    responder.strangers(),
                    before,
                    beside,
                    after,
                    2 * beside / (before + after),
                    knocks.count(),
                    knocks.nanos() / 1e9,
                    later.nanos() / 1e9,
                    works.mostWorkers);
        }
    }

    /// The channel that goes on.
    private final class Works {
        private final RoundTrips client;
        private int mostWorkers;

        Works(RoundTrips client) {
            this.client = client;
        }

        double answersPerSecond(Duration duration) throws InterruptedException {
            int most = (int) duration.toMillis() * 100;
            long start = System.nanoTime();
            RoundTrips.Times times =
                    client.measure(
                            most,
                            () -> {
                                countWorkers();
                                return System.nanoTime() - start < duration.toNanos();
                            });
            return 1e9 * times.sortedNanos().length / (System.nanoTime() - start);
        }

        private void countWorkers() {
            long workers =
                    stage.engineThreads().stream()
                            .filter(thread -> thread.getName().startsWith("tofu-worker-"))
                            .count();
            assertThat(workers).as("threads that compute").isLessThanOrEqualTo(MOST_WORKERS);
            mostWorkers = (int) Math.max(mostWorkers, workers);
        }
    }

    /// How often a newcomer has tried to get in, and how long that took.
    private record Knocks(int count, long nanos) {
        static final Knocks NONE = new Knocks(0, 0);
    }

    /// Connects, again and again if it is turned away, and says bye.
    private static Knocks letIn(Peer newcomer, String address) {
        long start = System.nanoTime();
        AtomicInteger count = new AtomicInteger();
        Eventually.holds(
                "a newcomer is let in",
                () -> {
                    count.incrementAndGet();
                    return isLetIn(newcomer, address);
                });
        return new Knocks(count.get(), System.nanoTime() - start);
    }

    private static boolean isLetIn(Peer newcomer, String address) {
        newcomer.forget();
        BinaryHeader hello = newcomer.sayHello(address);
        Received answer = newcomer.next();
        if (answer.opCode() == OpCode.HELLO_RESPONSE && !answer.isFromEngine()) {
            newcomer.say(OpCode.BYE_REQUEST, hello.channel());
            newcomer.expect(OpCode.BYE_RESPONSE);
            newcomer.expectClosed(hello.channel(), hello.id());
            return true;
        }
        if (answer.status() != Status.CHANNEL_CLOSED) {
            newcomer.untilClosed(hello.channel());
        }
        return false;
    }
}
