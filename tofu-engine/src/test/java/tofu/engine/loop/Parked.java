package tofu.engine.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import tofu.engine.channel.Crew;

/// A thread that waits until it is unparked, and then ends.
///
/// Thread: the test's.
final class Parked {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    final Thread thread;

    /// @param first what it does before it waits
    Parked(Runnable first) {
        thread =
                Thread.ofPlatform()
                        .daemon()
                        .start(
                                () -> {
                                    first.run();
                                    LockSupport.park(this);
                                });
        while (thread.getState() != Thread.State.WAITING) {
            assertThat(thread.isAlive()).isTrue();
            Crew.pause();
        }
    }

    Parked() {
        this(() -> {});
    }

    void awaitUnparked() throws InterruptedException {
        assertThat(thread.join(PATIENCE)).as("unparked").isTrue();
    }
}
