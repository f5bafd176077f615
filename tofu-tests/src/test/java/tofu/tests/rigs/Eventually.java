package tofu.tests.rigs;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.Callable;

/// Waits for conditions that nobody tells of.
public final class Eventually {
    private static final Duration INTERVAL = Duration.ofMillis(2);

    private Eventually() {}

    /// Waits until a condition holds.
    public static void holds(String what, Callable<Boolean> condition) {
        // Else an exception of any thread of any test that runs beside this one would count.
        await(what)
                .dontCatchUncaughtExceptions()
                .atMost(Peer.PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(INTERVAL)
                .until(condition);
    }
}
