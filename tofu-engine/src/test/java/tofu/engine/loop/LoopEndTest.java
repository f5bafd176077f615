package tofu.engine.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// How a loop stops, and what becomes of what was asked of it.
class LoopEndTest {
    private final LoopRig rig = LoopRig.kept();
    private final Task task = new Task();

    @Test
    void aStoppedLoopDoesNotSleep() throws Exception {
        rig.loop.stop();
        rig.net.lastWaitNanos = -1;
        rig.loop.step(LoopRig.MINUTE);

        assertThat(rig.loop.isStopped()).isTrue();
        assertThat(rig.net.lastWaitNanos).isZero();
    }

    @Test
    void aLoopStopsWithTheFailureOfAnother() throws Exception {
        assertThat(rig.loop.isStopped()).isFalse();
        rig.failure.set(new IllegalStateException("another's"));
        rig.failure.set(new IllegalStateException("a later one"));

        assertThat(rig.loop.isStopped()).isTrue();
        assertThat(rig.failure.cause()).hasMessage("another's");
        rig.net.lastWaitNanos = -1;
        rig.loop.step(LoopRig.MINUTE);
        assertThat(rig.net.lastWaitNanos).isZero();
    }

    @Test
    void stoppingEndsTheWait() throws Exception {
        rig.net.whileAsleep = rig.loop::stop;
        rig.loop.step(LoopRig.MINUTE);

        assertThat(rig.net.wakeups).isOne();
    }

    @Test
    void theNetIsClosedOnceNothingIsLeft() {
        rig.left = 1;
        assertThat(rig.loop.abandon()).isFalse();
        assertThatThrownBy(rig.net::check).as("the net is open").isNotNull();

        assertThat(rig.loop.abandon()).isTrue();

        assertThat(rig.net.takeComplaints()).containsExactly("the net was not closed");
        rig.net.check();
        assertThat(rig.loop.isStopped()).isTrue();
        assertThat(rig.loop.isCurrent()).as("its lock is free").isFalse();
    }

    @Test
    void whatWasAskedForIsDroppedAtTheEndAndAfterIt() {
        rig.loop.execute(new Told(rig));
        assertThat(rig.loop.abandon()).isTrue();
        assertThat(rig.calls).containsExactly("drop", "abandon");

        rig.calls.clear();
        rig.loop.execute(new Told(rig));
        assertThat(rig.calls).contains("drop").doesNotContain("command");
    }

    @Test
    void whatCannotBeDroppedIsLeftAndDroppedTheNextTime() throws Exception {
        Told begun = new Told(rig);
        begun.runFailure = new StackOverflowError("planted");
        begun.dropFailure = new StackOverflowError("planted");
        rig.loop.execute(begun);
        Told waiting = new Told(rig);
        waiting.dropFailure = new StackOverflowError("planted");
        rig.loop.execute(waiting);
        assertThatThrownBy(() -> rig.loop.step(0)).isInstanceOf(StackOverflowError.class);

        assertThat(rig.loop.abandon()).isFalse();
        assertThat(rig.calls).doesNotContain("drop");

        assertThat(rig.loop.abandon()).isTrue();
        assertThat(rig.calls.stream().filter("drop"::equals)).hasSize(2);
    }

    @Test
    void whatIsAskedOfADeadLoopAndCannotBeDroppedIsTheCallers() {
        assertThat(rig.loop.abandon()).isTrue();
        Told late = new Told(rig);
        late.dropFailure = new StackOverflowError("planted");

        assertThatThrownBy(() -> rig.loop.execute(late)).isInstanceOf(StackOverflowError.class);
    }

    @Test
    void eitherKindThatIsLeftIsTold() throws Exception {
        Told waiting = new Told(rig);
        waiting.dropFailure = new StackOverflowError("planted");
        rig.loop.execute(waiting);
        assertThat(rig.loop.abandon()).as("one that waits").isFalse();
        LoopRig other = LoopRig.kept();
        Told begun = new Told(rig);
        begun.runFailure = new StackOverflowError("planted");
        begun.dropFailure = new StackOverflowError("planted");
        other.loop.execute(begun);
        assertThatThrownBy(() -> other.loop.step(0)).isInstanceOf(StackOverflowError.class);

        assertThat(other.loop.abandon()).as("one that was begun").isFalse();
    }

    @Test
    void nobodyDoesTheWorkOfADeadLoop() {
        LoopRig adrift = LoopRig.adrift();
        assertThat(adrift.loop.abandon()).isTrue();

        adrift.loop.post(task.entry);

        assertThat(task.calls).hasValue(0);
    }

    /// Who acts as the loop, and is never done.
    private FutureTask<Integer> actFor(CountDownLatch done) throws InterruptedException {
        CountDownLatch acting = new CountDownLatch(1);
        task.onCall =
                () -> {
                    acting.countDown();
                    Uninterruptibly.await(done);
                };
        rig.loop.schedule(task.entry);
        FutureTask<Integer> turn = new FutureTask<>(() -> rig.loop.step(0));
        Thread.ofPlatform().daemon().start(turn);
        acting.await();
        return turn;
    }

    private static void awaitBrokenOff(FutureTask<Integer> turn) {
        assertThatThrownBy(() -> turn.get(60, TimeUnit.SECONDS))
                .hasRootCauseMessage("poll after close");
    }

    @Test
    void whoeverIsNeverDoneDoesNotKeepTheLoopFromItsEnd() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        FutureTask<Integer> turn = actFor(done);

        assertThat(rig.loop.abandon()).isTrue();

        assertThat(rig.calls).contains("abandon");
        done.countDown();
        awaitBrokenOff(turn);
    }

    @Test
    void anInterruptIsKeptForWhoeverEndsTheLoop() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        FutureTask<Integer> turn = actFor(done);
        Thread.currentThread().interrupt();

        assertThat(rig.loop.abandon()).isTrue();

        assertThat(Thread.interrupted()).isTrue();
        done.countDown();
        awaitBrokenOff(turn);
        Thread.currentThread().interrupt();
        rig.left = 1;
        assertThat(rig.loop.abandon()).as("though nobody acts as the loop").isFalse();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(rig.loop.isCurrent()).isFalse();
    }
}
