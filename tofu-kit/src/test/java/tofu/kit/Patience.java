package tofu.kit;

import java.time.Duration;

/// How long one waits for what must come: long, as a slow machine is no failure; but once a wait
/// was in vain only for a moment, as it is a property then that leaves out steps while it fails.
///
/// Threads: the test's.
final class Patience {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(500);

    private Duration longest = LONG;

    /// Fails if a wait takes too long.
    ///
    /// @param startNanos when it began, as [System#nanoTime()] has it
    /// @param what is waited for
    void check(long startNanos, String what) {
        if (System.nanoTime() - startNanos > longest.toNanos()) {
            longest = SHORT;
            throw new AssertionError("not within patience: " + what);
        }
    }
}
