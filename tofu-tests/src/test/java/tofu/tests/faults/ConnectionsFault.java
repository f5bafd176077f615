package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Ampe;
import tofu.api.BinaryHeader;
import tofu.api.LeakDetection;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Status;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.RoundTrips;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;
import tofu.tests.rigs.Vitals;

/// As many connections as descriptors allow, and as many channels as there are numbers.
@Execution(ExecutionMode.SAME_THREAD)
class ConnectionsFault {
    private static final int ROUND_TRIPS = 10_000;

    /// Descriptors that stay free for the rest of the process.
    private static final int SPARE = 200;

    @RegisterExtension final Stage stage = new Stage();

    @Test
    void hundredsOfConnectionsOfOneEngine() throws Exception {
        connections(100, 1_000);
    }

    @Test
    @Tag("long")
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void twentyThousandConnectionsOfOneEngine() throws Exception {
        int most = (int) Math.min(20_000, descriptorLimit() - SPARE);
        connections(most / 2, ROUND_TRIPS);
    }

    /// How many descriptors this process may have.
    private static long descriptorLimit() throws IOException {
        try (Stream<String> limits = Files.lines(Path.of("/proc/self/limits"))) {
            return limits.filter(line -> line.startsWith("Max open files"))
                    .map(line -> line.split("\\s{2,}")[1])
                    .mapToLong(
                            limit ->
                                    limit.equals("unlimited")
                                            ? Long.MAX_VALUE
                                            : Long.parseLong(limit))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /// Connects twice as many, half over TCP and half over Unix domain sockets; the other ends are
    /// other processes'.
    private void connections(int ofEach, int roundTrips) throws Exception {
        Ampe engine =
                stage.engine(
                        o ->
                                o.leakDetection(LeakDetection.OFF)
                                        .maxPendingHandshakes(ofEach)
                                        .channelQuarantine(Duration.ZERO));
        try (Responder tcp = new Responder(engine, Transport.TCP);
                Responder uds = new Responder(engine, Transport.UDS);
                RoundTrips client = new RoundTrips(stage.engine(o -> o), uds.address())) {
            client.measure(roundTrips, () -> true);
            RoundTrips.Times alone = client.measure(roundTrips, () -> true);
            long heap = Vitals.heapBytes();
            long resident = Vitals.residentBytes();
            RoundTrips.Times beside;
            long heapWith;
            long residentWith;
            try (Mob first = Mob.gather(tcp.address(), ofEach, Crowd.Manner.HELLO_ONLY);
                    Mob second = Mob.gather(uds.address(), ofEach, Crowd.Manner.HELLO_ONLY)) {
                Eventually.holds(
                        "a channel of each",
                        () -> tcp.open() == ofEach && uds.open() == ofEach + 1);
                heapWith = Vitals.heapBytes();
                residentWith = Vitals.residentBytes();
                beside = client.measure(roundTrips, () -> first.isAlive() && second.isAlive());
            }
            Eventually.holds("the end of each", () -> tcp.open() == 0 && uds.open() == 1);
            System.out.printf(
                    "ConnectionsFault: %,d connections of one engine, %,d over TCP and %,d over"
                            + " UDS (this process may have %,d descriptors); %,d bytes of heap"
                            + " each, resident memory %+.1f MB; echo p50 %.0f us without, %.0f us"
                            + " with them%n",
                    2 * ofEach,
                    ofEach,
                    ofEach,
                    descriptorLimit(),
                    (heapWith - heap) / (2L * ofEach),
                    (residentWith - resident) / 1e6,
                    alone.micros(50),
                    beside.micros(50));
        }
    }

    /// Opens and closes channels while each number rests for as long as this takes: both engines
    /// give out each number once, then refuse. The short form is in
    /// [tofu.tests.scenarios.ChannelNumberScenario].
    @ParameterizedTest
    @EnumSource
    @Tag("long")
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void allNumbersAreUsedUpOnce(Transport transport) throws Exception {
        int max = Options.MAX_CHANNELS;
        Ampe serving = stage.engine(ConnectionsFault::numbersRest);
        try (Responder server = new Responder(serving, transport)) {
            Peer client = new Peer(stage.engine(ConnectionsFault::numbersRest));
            BitSet used = new BitSet();
            for (int i = 1; i < max; i++) {
                BinaryHeader hello = client.sayHello(server.address());
                client.expect(OpCode.HELLO_RESPONSE, hello.id());
                assertThat(used.get(hello.channel())).as("used before").isFalse();
                used.set(hello.channel());
                client.say(OpCode.BYE_SIGNAL, hello.channel());
                client.untilClosed(hello.channel());
                client.forget();
            }
            // The server has one number less for channels: that of its listener.
            Eventually.holds("all ends", () -> server.ended().size() == max - 1);
            BinaryHeader last = client.sayHello(server.address());
            assertThat(client.untilClosed(last.channel()))
                    .allMatch(Received::isFromEngine, "turned away");
            used.set(last.channel());
            assertThat(client.refusal(OpCode.HELLO_REQUEST, 0, m -> m.headers().append("a", "b")))
                    .isEqualTo(Status.TOO_MANY_CHANNELS);
            Eventually.holds("a notice", () -> server.notices(Status.TOO_MANY_CHANNELS) == 1);
            assertThat(server.greeted()).hasSize(max - 1);
            assertThat(used.cardinality()).isEqualTo(max);
            System.out.printf(
                    "ConnectionsFault %s: %,d channels, each with a number of its own, one after"
                            + " the other; the next was refused with TOO_MANY_CHANNELS by the"
                            + " client's engine, and turned away by the server's%n",
                    transport, max);
        }
    }

    private static Options.Builder numbersRest(Options.Builder options) {
        return options.channelQuarantine(Duration.ofHours(1)).leakDetection(LeakDetection.OFF);
    }
}
