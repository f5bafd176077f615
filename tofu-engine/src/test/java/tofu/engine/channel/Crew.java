package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Threads that start together, for tests of what they share.
///
/// Thread: the test's.
public final class Crew {
    private static final int PATIENCE_SECONDS = 60;
    private static final int STOP = Integer.MAX_VALUE;

    /// Where threads have to share their processors with others, a round takes a thousand times as
    /// long: after so much time there are no more of them, but for the least part.
    private static final long ENOUGH_NANOS = 10_000_000_000L;

    private static final int LEAST_PART = 100;

    private final CountDownLatch start = new CountDownLatch(1);
    private final List<FutureTask<Void>> tasks = new ArrayList<>();

    /// What one thread does.
    @FunctionalInterface
    public interface Work {
        /// Does it.
        void run() throws Exception;
    }

    /// What one thread does in each of many rounds.
    @FunctionalInterface
    public interface Round {
        /// Does it once.
        void run(int round) throws Exception;
    }

    /// Adds a thread that waits for [#work()].
    public Crew add(Work work) {
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
    public void work() throws InterruptedException, ExecutionException, TimeoutException {
        assertThat(tasks).isNotEmpty();
        start.countDown();
        for (FutureTask<Void> task : tasks) {
            task.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    /// Lets several threads run against each other, round by round: no one begins a round before
    /// all have ended the one before, and `between` has looked at what came out.
    ///
    /// @param rounds how many at most; on a busy machine there may be fewer
    public static void race(int rounds, Work between, Round... racers) throws Exception {
        AtomicInteger arrived = new AtomicInteger();
        AtomicInteger go = new AtomicInteger(-1);
        AtomicReference<@Nullable Throwable> failed = new AtomicReference<>();
        Crew crew = new Crew();
        crew.add(
                () -> {
                    long begin = System.nanoTime();
                    try {
                        for (int round = 0; round < rounds; round++) {
                            boolean least = round < rounds / LEAST_PART;
                            if (!least && System.nanoTime() - begin > ENOUGH_NANOS) {
                                return;
                            }
                            go.set(round);
                            spinUntil(arrived, racers.length * (round + 1));
                            if (failed.get() != null) {
                                throw new AssertionError("round " + round, failed.get());
                            }
                            between.run();
                        }
                    } finally {
                        go.set(STOP);
                    }
                });
        for (Round racer : racers) {
            crew.add(
                    () -> {
                        for (int round = 0; round < rounds; round++) {
                            spinUntil(go, round);
                            if (go.get() == STOP) {
                                return;
                            }
                            try {
                                racer.run(round);
                            } catch (Exception | Error failure) {
                                failed.set(failure);
                            }
                            arrived.incrementAndGet();
                        }
                    });
        }
        crew.work();
    }

    /// Lets others run, who may have to share a core with a thread that spins.
    @SuppressWarnings("ThreadPriorityCheck") // it is for nothing but speed
    public static void pause() {
        Thread.yield();
    }

    private static void spinUntil(AtomicInteger value, int atLeast) throws InterruptedException {
        for (int spins = 0; value.get() < atLeast; spins++) {
            if (spins > 200) {
                pause();
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        }
    }
}
