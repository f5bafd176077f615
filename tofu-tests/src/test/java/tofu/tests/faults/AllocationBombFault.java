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
import tofu.api.Options;
import tofu.api.Status;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.RoundTrips;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;
import tofu.tests.rigs.Vitals;

/// Thousands of peers that claim the longest frame there is, and then send a byte a second.
///
/// They get memory for what they have sent, not for what they claim: the pool, whose cap is a small
/// part of all claims, is never empty. Each is cut when the time for its frame is over.
@Execution(ExecutionMode.SAME_THREAD)
class AllocationBombFault {
    private static final long POOL_BYTES = 32 << 20;

    @RegisterExtension final Stage stage = new Stage();

    @ParameterizedTest
    @EnumSource
    void claimsCostNothing(Transport transport) throws Exception {
        run(transport, 500, Duration.ofSeconds(3));
    }

    @ParameterizedTest
    @EnumSource
    @Tag("long")
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void tenThousandClaimsCostNothing(Transport transport) throws Exception {
        run(transport, 10_000, Duration.ofSeconds(20));
    }

    private void run(Transport transport, int count, Duration deadline) throws Exception {
        assertThat((long) count * Options.MAX_MESSAGE_BYTES).isGreaterThan(POOL_BYTES);
        Ampe engine = stage.engine(o -> o.frameTimeout(deadline).maxPoolBytes(POOL_BYTES));
        try (Responder responder = new Responder(engine, transport);
                RoundTrips client = new RoundTrips(stage.engine(o -> o), responder.address())) {
            client.measure(1_000, () -> true);
            long before = Vitals.residentBytes();
            long with;
            int alive;
            Mob.End end;
            try (Mob mob = Mob.gather(responder.address(), count, Crowd.Manner.LONGEST_FRAME)) {
                client.measure(1_000, () -> true);
                alive = responder.open() - 1;
                with = Vitals.residentBytes();
                end = mob.end();
            }
            Eventually.holds("the end of each", () -> responder.open() == 1);
            assertThat(responder.notices(Status.FRAME_TIMEOUT)).as("cut").isEqualTo(count);
            assertThat(responder.notices(Status.POOL_EMPTY)).as("empty pools").isZero();
            client.measure(1_000, () -> true);
            System.out.printf(
                    "AllocationBombFault %s: %,d peers, %,d of them at once,"
                            + " claim %,d MB, the pool's cap is %,d MB and"
                            + " was not reached; resident memory %.0f MB before, %.0f MB with them;"
                            + " all cut %.1f to %.1f s after their first byte (deadline %d s)%n",
                    transport,
                    count,
                    alive,
                    (long) count * Options.MAX_MESSAGE_BYTES / 1_000_000,
                    POOL_BYTES / 1_000_000,
                    before / 1e6,
                    with / 1e6,
                    end.firstMillis() / 1e3,
                    end.lastMillis() / 1e3,
                    deadline.toSeconds());
        }
    }
}
