package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Ampe;
import tofu.api.Status;
import tofu.tests.rigs.RoundTrips;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;
import tofu.tests.rigs.Vitals;

/// Thousands of peers that connect and say nothing, half a hello, or a byte of it a second, beside
/// one channel that works.
///
/// The working channel goes on; each of the others is closed when the time for its hello is over.
@Execution(ExecutionMode.SAME_THREAD)
class SlowLorisFault {
    private static final int ROUND_TRIPS = 20_000;

    @RegisterExtension final Stage stage = new Stage();

    @ParameterizedTest
    @EnumSource
    void silentPeersAreClosedAndHarmNobody(Transport transport) throws Exception {
        run(transport, 60, 200, Duration.ofSeconds(2));
    }

    @ParameterizedTest
    @EnumSource
    @Tag("long")
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void fiveThousandSilentPeersAreClosedAndHarmNobody(Transport transport) throws Exception {
        run(transport, 5_000, ROUND_TRIPS, Duration.ofSeconds(10));
    }

    private void run(Transport transport, int count, int roundTrips, Duration deadline)
            throws Exception {
        Ampe engine = stage.engine(o -> o.handshakeTimeout(deadline).maxPendingHandshakes(count));
        try (Responder responder = new Responder(engine, transport);
                RoundTrips client = new RoundTrips(stage.engine(o -> o), responder.address())) {
            client.measure(roundTrips, () -> true); // warms up
            RoundTrips.Times before = client.measure(roundTrips, () -> true);
            long memoryBefore = Vitals.residentBytes();
            RoundTrips.Times beside;
            long memoryWith;
            Mob.End end;
            try (Mob mob = Mob.gather(responder.address(), count, Crowd.Manner.NO_HELLO)) {
                beside =
                        client.measure(
                                roundTrips, () -> responder.notices(Status.HANDSHAKE_TIMEOUT) == 0);
                memoryWith = Vitals.residentBytes();
                end = mob.end();
            }
            RoundTrips.Times after = client.measure(roundTrips, () -> true);
            assertThat(responder.strangers()).as("ends that were told").isPositive();
            double alone = (before.micros(99) + after.micros(99)) / 2;
            System.out.printf(
                    "SlowLorisFault %s: %,d peers without a hello, all closed %.1f to %.1f s after"
                            + " they had connected (deadline %d s), %,d of them told to the"
                            + " application; echo p50 %.0f us before, %.0f us beside them, %.0f us"
                            + " after; p99 %.0f us before, %.0f us beside them, %.0f us"
                            + " after: ratio %.2f; resident memory %+.1f MB, %,d bytes a peer%n",
                    transport,
                    count,
                    end.firstMillis() / 1e3,
                    end.lastMillis() / 1e3,
                    deadline.toSeconds(),
                    responder.strangers(),
                    before.micros(50),
                    beside.micros(50),
                    after.micros(50),
                    before.micros(99),
                    beside.micros(99),
                    after.micros(99),
                    beside.micros(99) / alone,
                    (memoryWith - memoryBefore) / 1e6,
                    (memoryWith - memoryBefore) / count);
        }
    }
}
