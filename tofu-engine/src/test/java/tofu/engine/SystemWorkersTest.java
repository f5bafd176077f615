package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/// The bounds of what is done beside the loops.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class SystemWorkersTest {
    private final SystemWorkers workers = new SystemWorkers();
    private final CountDownLatch hangUntil = new CountDownLatch(1);

    @AfterEach
    void close() {
        hangUntil.countDown();
        workers.close();
    }

    private void hang() {
        try {
            hangUntil.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    @Test
    void threadsAndWhatWaitsForThemAreBounded() throws InterruptedException {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        CountDownLatch done = new CountDownLatch(SystemWorkers.MOST_WAITING + 1);
        Runnable work =
                () -> {
                    threads.add(Thread.currentThread());
                    hang();
                    done.countDown();
                };
        int accepted = 0;
        while (workers.run(work)) {
            accepted++;
            assertThat(accepted)
                    .isLessThanOrEqualTo(SystemWorkers.MOST_WAITING + SystemWorkers.MOST_THREADS);
        }
        assertThat(accepted).isGreaterThan(SystemWorkers.MOST_WAITING);

        hangUntil.countDown();
        done.await(); // all that were accepted, but for as many as there are threads
        assertThat(threads)
                .hasSizeBetween(1, SystemWorkers.MOST_THREADS)
                .allMatch(thread -> thread.getName().startsWith("tofu-worker-"));
    }

    @Test
    void whoIsRefusedMayComeAgainLater() throws InterruptedException {
        CountDownLatch hanging = new CountDownLatch(SystemWorkers.MOST_WAITING + 1);
        Runnable work =
                () -> {
                    hang();
                    hanging.countDown();
                };
        boolean accepted = true;
        for (int i = 0; i <= SystemWorkers.MOST_WAITING + SystemWorkers.MOST_THREADS; i++) {
            accepted = workers.run(work);
        }
        assertThat(accepted).as("one too many").isFalse();
        hangUntil.countDown();
        hanging.await();

        CountDownLatch later = new CountDownLatch(1);
        assertThat(workers.run(later::countDown)).isTrue();
        later.await();
    }
}
