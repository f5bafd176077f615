package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Threads that start together, for tests of what they share.
///
/// Thread: the test's.
final class Crew {
    private static final int PATIENCE_SECONDS = 60;

    private final CountDownLatch start = new CountDownLatch(1);
    private final List<FutureTask<Void>> tasks = new ArrayList<>();

    /// What one thread does.
    @FunctionalInterface
    interface Work {
        void run() throws Exception;
    }

    /// Adds a thread that waits for [#work()].
    Crew add(Work work) {
        FutureTask<Void> task =
                new FutureTask<>(
                        () -> {
                            start.await();
                            work.run();
                            return null;
                        });
        tasks.add(task);
        Thread.ofPlatform().daemon().name("crew-" + tasks.size()).start(task);
        return this;
    }

    /// Lets all threads go, and waits until they are done.
    ///
    /// @throws ExecutionException with the first failure of a thread
    void work() throws InterruptedException, ExecutionException, TimeoutException {
        assertThat(tasks).isNotEmpty();
        start.countDown();
        for (FutureTask<Void> task : tasks) {
            task.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }
}
