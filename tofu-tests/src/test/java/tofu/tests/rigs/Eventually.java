package tofu.tests.rigs;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.awaitility.core.ConditionFactory;
import org.awaitility.core.ThrowingRunnable;

/// Waits for conditions that nobody tells of.
public final class Eventually {
    private static final Duration INTERVAL = Duration.ofMillis(2);

    private Eventually() {}

    /// Waits until a condition holds.
    public static void holds(String what, Callable<Boolean> condition) {
        patience(what).until(condition);
    }

    /// Waits until an assertion does; what it says at last is what fails.
    public static void passes(String what, ThrowingRunnable assertion) {
        patience(what).untilAsserted(assertion);
    }

    private static ConditionFactory patience(String what) {
        // Else an exception of any thread of any test that runs beside this one would count.
        return await(what)
                .dontCatchUncaughtExceptions()
                .atMost(Peer.PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(INTERVAL);
    }
}
