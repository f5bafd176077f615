package tofu.engine.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import tofu.engine.FakeNet;
import tofu.engine.channel.Crew;

/// The thread that drives a loop, and its end.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class LoopThreadTest {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(20);

    private final LoopRig rig = new LoopRig(new FakeNet(true), true);
    private final AtomicInteger turns = new AtomicInteger();
    private final AtomicInteger ends = new AtomicInteger();
    private final AtomicInteger interruptedEnds = new AtomicInteger();
    private final CountDownLatch logged = new CountDownLatch(1);
    private final LoopThread thread = new LoopThread("tofu-test-loop", rig.loop, new Ending());

    /// How often the end fails, and how often it leaves something.
    private int failures;

    private int left;

    private @Nullable RuntimeException logFailure;

    private final class Ending implements LoopThread.Owner {
        @Override
        public boolean end(Reactor loop) {
            assertThat(loop).isSameAs(rig.loop);
            assertThat(Thread.currentThread().getName()).isEqualTo("tofu-test-loop");
            ends.incrementAndGet();
            interruptedEnds.addAndGet(Thread.currentThread().isInterrupted() ? 1 : 0);
            if (failures-- > 0) {
                throw new IllegalStateException("planted");
            }
            return left-- <= 0;
        }

        @Override
        public void logFailure() {
            logged.countDown();
            if (logFailure != null) {
                throw logFailure;
            }
        }
    }

    @AfterEach
    void stop() throws InterruptedException {
        rig.loop.stop();
        assertThat(thread.awaitEnd(PATIENCE)).isTrue();
    }

    private void start() {
        rig.net.whileAsleep = turns::incrementAndGet;
        thread.start();
        awaitTurns(3);
    }

    private void awaitTurns(int more) {
        int enough = turns.get() + more;
        while (turns.get() < enough) {
            rig.loop.wake();
            Crew.pause();
        }
    }

    @Test
    void oneThatWasNeverStartedHasEnded() {
        assertThat(thread.awaitEnd(0)).isTrue();
        assertThat(ends).hasValue(0);
    }

    @Test
    void itDrivesTheLoopUntilThatIsStopped() throws Exception {
        start();
        assertThat(thread.awaitEnd(1)).isFalse();
        assertThat(rig.net.lastWaitNanos).isEqualTo(Reactor.LOOK_NANOS);

        rig.loop.stop();

        assertThat(thread.awaitEnd(PATIENCE)).isTrue();
        assertThat(ends).hasValue(1);
        assertThat(logged.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(rig.calls).doesNotContain("fail planted");
    }

    @Test
    void itCedesTheLoopToWhoeverAsks() {
        start();
        do { // the keeper is back if we are slow
            rig.loop.askToLead();
            Crew.pause();
        } while (!rig.loop.lead());
        assertThat(rig.loop.isLed()).isTrue();

        rig.loop.leave(true);

        awaitTurns(3);
        assertThat(rig.loop.lead()).as("it is back").isFalse();
    }

    @Test
    void anInterruptIsOfNoUse() {
        AtomicInteger interrupted = new AtomicInteger();
        start();
        rig.net.whileAsleep =
                () -> {
                    turns.incrementAndGet();
                    interrupted.addAndGet(Thread.currentThread().isInterrupted() ? 1 : 0);
                    Thread.currentThread().interrupt();
                };
        awaitTurns(10);

        assertThat(interrupted).hasValue(0);
    }

    /// Whoever ends the loop may have to wait for who acts as it.
    @Test
    void anInterruptDoesNotReachTheEnd() {
        start();
        rig.net.whileAsleep =
                () -> {
                    turns.incrementAndGet();
                    rig.loop.stop();
                    Thread.currentThread().interrupt();
                };
        awaitTurns(1);

        assertThat(thread.awaitEnd(PATIENCE)).isTrue();
        assertThat(ends).hasValue(1);
        assertThat(interruptedEnds).hasValue(0);
    }

    @Test
    void itLeavesTheLoopToSendersThatFeedIt() throws Exception {
        start();
        Task task = new Task();
        rig.net.whileAsleep =
                () -> {
                    turns.incrementAndGet();
                    rig.loop.schedule(task.entry);
                    rig.loop.postMany();
                };
        rig.loop.wake();
        while (task.calls.get() == 0 || rig.net.lastWaitNanos > 0) {
            Crew.pause();
        }
        rig.net.whileAsleep = turns::incrementAndGet;
        rig.nowNanos += 200_000; // they have not sent for a while

        awaitTurns(1);
        assertThat(rig.net.lastWaitNanos).isEqualTo(Reactor.LOOK_NANOS);
    }

    @Test
    void aTurnThatThrowsEndsTheLoopWithAll() throws Exception {
        start();
        rig.net.pollFailure = new IllegalStateException("planted");

        assertThat(thread.awaitEnd(PATIENCE)).isTrue();

        assertThat(rig.calls).contains("fail planted");
        assertThat(ends).hasValue(1);
        assertThat(logged.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void theEndIsTriedUntilNothingIsLeft() throws Exception {
        failures = 2;
        left = 2;
        start();
        rig.loop.stop();

        assertThat(thread.awaitEnd(PATIENCE)).isTrue();

        assertThat(ends).hasValue(5);
    }

    @Test
    void whoWaitsForTheEndGoesThoughTheLogFails() throws Exception {
        logFailure = new IllegalStateException("planted");
        start();
        rig.loop.stop();

        assertThat(thread.awaitEnd(PATIENCE)).isTrue();
        assertThat(logged.await(20, TimeUnit.SECONDS)).isTrue();
    }
}
