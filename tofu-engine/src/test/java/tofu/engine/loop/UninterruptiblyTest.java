package tofu.engine.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// Waits that an interrupt does not cut short.
class UninterruptiblyTest {
    private final CountDownLatch latch = new CountDownLatch(1);

    @Test
    void whatIsOpenNeedsNoWait() {
        latch.countDown();

        assertThat(Uninterruptibly.await(latch, 0)).isTrue();
        Uninterruptibly.await(latch);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void whatStaysClosedIsToldWhenTheTimeIsOver() {
        long start = System.nanoTime();
        assertThat(Uninterruptibly.await(latch, 1_000_000)).isFalse();

        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(1_000_000);
    }

    @Test
    void anInterruptIsKeptAndDoesNotCutTheWaitShort() {
        Thread.currentThread().interrupt();
        long start = System.nanoTime();
        assertThat(Uninterruptibly.await(latch, 1_000_000)).isFalse();

        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(1_000_000);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void whoWaitsWithoutEndGoesWhenTheLatchIsOpened() throws Exception {
        Thread waiting = Thread.ofPlatform().daemon().start(() -> Uninterruptibly.await(latch));
        while (waiting.getState() != Thread.State.TIMED_WAITING) {
            assertThat(waiting.isAlive()).isTrue();
            tofu.engine.channel.Crew.pause();
        }
        latch.countDown();

        assertThat(waiting.join(java.time.Duration.ofSeconds(60))).isTrue();
    }
}
