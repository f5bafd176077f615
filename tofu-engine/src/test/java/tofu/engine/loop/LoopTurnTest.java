package tofu.engine.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import tofu.engine.FakeStream;
import tofu.engine.channel.Crew;
import tofu.engine.net.Net;

/// One turn of a loop by itself, and its end.
class LoopTurnTest {
    private final LoopRig rig = LoopRig.kept();
    private final Task task = new Task();
    private final DeadlineQueue.Timer timer = new DeadlineQueue.Timer(task);

    private void due(long nanosFromNow) {
        task.deadline = rig.nowNanos + nanosFromNow;
        rig.loop.deadlines().update(timer);
    }

    /// Lets something be ready in every poll, which nobody reads.
    private FakeStream neverRead(Runnable onReady) throws IOException {
        FakeStream stream = new FakeStream(rig.net);
        rig.net.register(stream, ops -> onReady.run());
        stream.interest(Net.READ);
        stream.end();
        return stream;
    }

    /// Does something in another thread, from within a call of the loop.
    private static void elsewhere(Crew.Work work) {
        try {
            new Crew().add(work).work();
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    private void does(String name) {
        rig.calls.add(name);
    }

    /// A command that says what becomes of it.
    private final class Told implements Command {
        private Error runFailure;
        private Error dropFailure;

        @Override
        public void run(long nowNanos) {
            if (runFailure != null) {
                throw runFailure;
            }
            does("command");
        }

        @Override
        public void drop() {
            Error planted = dropFailure;
            dropFailure = null;
            if (planted != null) {
                throw planted;
            }
            does("drop");
        }
    }

    // ---- a turn

    @Test
    void aTurnHasItsOrder() throws Exception {
        FakeStream stream = neverRead(() -> does("event"));
        task.onCall = () -> does("task");
        task.onTick =
                () -> {
                    does("deadline");
                    task.deadline = DeadlineQueue.NEVER;
                    stream.close();
                };
        due(0);
        rig.loop.onRefill();
        rig.loop.schedule(task.entry);
        rig.loop.execute(new Told());

        rig.loop.step(0);

        assertThat(rig.calls).startsWith("command", "task", "refill", "publish", "event");
        assertThat(rig.calls).endsWith("event", "deadline", "end of turn", "publish");
    }

    @Test
    void beforeADeadlineTheLoopLooksForWhatHasComeButNotForEver() throws Exception {
        neverRead(() -> does("event"));
        due(0);

        assertThat(rig.loop.step(0)).isEqualTo(1 + 8 + 1);

        assertThat(rig.calls.stream().filter("event"::equals)).hasSize(1 + 8);
        assertThat(task.ticks).isOne();
    }

    @Test
    void itLooksNoLongerThanThereIsSomething() throws Exception {
        due(0);
        FakeStream[] stream = new FakeStream[1];
        stream[0] =
                neverRead(
                        () -> {
                            does("event");
                            if (rig.calls.stream().filter("event"::equals).count() == 3) {
                                stream[0].close();
                            }
                        });

        int[] polls = new int[1];
        rig.net.beforeCall = () -> polls[0]++;
        assertThat(rig.loop.step(0)).isEqualTo(3 + 1);
        assertThat(polls[0]).as("the last one found nothing").isEqualTo(3 + 1 + 1);
    }

    @Test
    void allThatThereWasToDoIsCounted() throws Exception {
        rig.loop.execute(new Told());
        rig.loop.execute(new Told());
        rig.loop.schedule(task.entry);
        rig.loop.onRefill();
        rig.loop.nudge();

        assertThat(rig.loop.hasWork()).isTrue();
        assertThat(rig.loop.step(LoopRig.MINUTE)).isEqualTo(2 + 1 + 1 + 1);
        assertThat(rig.net.lastWaitNanos).as("it did not sleep").isZero();
        assertThat(rig.loop.hasWork()).isFalse();
        assertThat(rig.loop.step(0)).isZero();
    }

    @Test
    void eachKindOfWorkKeepsTheLoopAwake() throws Exception {
        assertThat(rig.loop.hasWork()).isFalse();
        for (Runnable work :
                new Runnable[] {
                    () -> rig.loop.execute(new Told()),
                    () -> rig.loop.schedule(task.entry),
                    rig.loop::onRefill,
                    rig.loop::nudge
                }) {
            work.run();
            assertThat(rig.loop.hasWork()).isTrue();
            assertThat(rig.loop.step(LoopRig.MINUTE)).isOne();
            assertThat(rig.net.lastWaitNanos).as("it did not sleep").isZero();
            assertThat(rig.loop.hasWork()).isFalse();
        }
    }

    @Test
    void aHandlerSeesTheTimeAtWhichItIsCalled() throws Exception {
        long[] seen = new long[1];
        FakeStream stream = new FakeStream(rig.net);
        rig.net.register(
                stream,
                ops -> {
                    seen[0] = rig.loop.now();
                    assertThat(rig.loop.isCurrent()).isTrue();
                    stream.close();
                });
        stream.interest(Net.READ);
        rig.net.whileAsleep =
                () -> {
                    rig.nowNanos += 5_000;
                    stream.end();
                };

        assertThat(rig.loop.step(LoopRig.MINUTE)).isOne();

        assertThat(seen[0]).isEqualTo(rig.nowNanos);
        assertThat(rig.loop.events()).isOne();
    }

    @Test
    void whoOnlyLooksActsAsTheLoopMeanwhile() throws Exception {
        rig.net.beforeCall = () -> assertThat(rig.loop.isCurrent()).isTrue();
        rig.loop.step(0);
        rig.net.beforeCall = () -> {};

        assertThat(rig.isQuiet()).as("it was never asleep").isFalse();
    }

    @Test
    void noSleepIsLongerThanUntilTheFirstDeadline() throws Exception {
        due(5_000);
        rig.loop.step(LoopRig.MINUTE);
        assertThat(rig.net.lastWaitNanos).isEqualTo(5_000);

        rig.loop.step(3_000);
        assertThat(rig.net.lastWaitNanos).isEqualTo(3_000);
    }

    @Test
    void whatWasWrittenBeforeASleepIsNotedThen() throws Exception {
        rig.nowNanos += 100_000;
        task.onCall = rig.loop::onWritten;
        rig.loop.schedule(task.entry);
        rig.loop.step(0);
        assertThat(rig.loop.isBursting()).as("the loop goes on writing").isFalse();

        boolean[] bursting = new boolean[1];
        rig.net.whileAsleep = () -> bursting[0] = rig.loop.isBursting();
        rig.loop.step(LoopRig.MINUTE);
        assertThat(bursting[0]).isTrue();
    }

    @Test
    void eachWayToAskForSomethingEndsTheWait() throws Exception {
        Runnable[] ways = {
            () -> rig.loop.execute(new Told()), rig.loop::onRefill, rig.loop::nudge,
        };
        for (int i = 0; i < ways.length; i++) {
            rig.net.whileAsleep = ways[i];
            rig.loop.step(LoopRig.MINUTE);
            assertThat(rig.net.wakeups).isEqualTo(i + 1);
            rig.loop.step(0);
        }
    }

    @Test
    void allOfATurnHasOneTime() throws Exception {
        long start = rig.nowNanos;
        task.onCall =
                () -> {
                    rig.nowNanos += 5;
                    assertThat(rig.loop.now()).isEqualTo(start);
                };
        rig.loop.schedule(task.entry);
        rig.loop.step(0);

        assertThat(task.lastNanos).isEqualTo(start);
        assertThat(task.calls).hasValue(1);
    }

    @Test
    void whatIsReadyCanBeDoneBeforeItsTurn() {
        rig.loop.schedule(task.entry);

        rig.loop.runReady();

        assertThat(task.calls).hasValue(1);
        assertThat(rig.loop.hasWork()).isFalse();
    }

    @Test
    void aWaitThatFailsLeavesTheLoopFree() throws Exception {
        rig.net.whileAsleep =
                () -> {
                    throw new IllegalStateException("planted");
                };
        assertThatThrownBy(() -> rig.loop.step(LoopRig.MINUTE)).hasMessage("planted");
        assertThat(rig.loop.isCurrent()).isFalse();

        rig.net.whileAsleep = () -> {};
        new Crew().add(() -> rig.loop.step(LoopRig.MINUTE)).work();
    }

    @Test
    void whoeverDrivesActsAsTheLoopButNotWhileItSleeps() throws Exception {
        rig.net.whileAsleep = () -> assertThat(rig.loop.isCurrent()).isFalse();
        rig.loop.step(LoopRig.MINUTE);
        task.onCall = () -> assertThat(rig.loop.isCurrent()).isTrue();
        rig.loop.schedule(task.entry);
        rig.loop.step(0);

        assertThat(task.calls).hasValue(1);
        assertThat(rig.loop.isCurrent()).isFalse();
    }

    // ---- who sleeps is woken

    @Test
    void aDeadlineBeforeTheEndOfTheWaitWakesTheLoop() throws Exception {
        assertThat(wakeupsIfPostedMakesDue(LoopRig.MINUTE, 1_000, 999)).isOne();
    }

    @Test
    void aLaterDeadlineDoesNot() throws Exception {
        assertThat(wakeupsIfPostedMakesDue(LoopRig.MINUTE, 1_000, 1_000)).isZero();
        assertThat(task.calls).as("sent in the sender's thread").hasValue(1);
    }

    @Test
    void theFirstDeadlineOfAllWakesTheLoop() throws Exception {
        assertThat(wakeupsIfPostedMakesDue(Long.MAX_VALUE, 0, 2_000)).isOne();
    }

    /// While the loop waits, somebody posts a message that makes a deadline.
    private int wakeupsIfPostedMakesDue(long wait, long firstFromNow, long secondFromNow)
            throws IOException {
        if (firstFromNow > 0) {
            Task first = new Task();
            first.deadline = rig.nowNanos + firstFromNow;
            rig.loop.deadlines().update(new DeadlineQueue.Timer(first));
        }
        task.onCall = () -> due(secondFromNow);
        rig.net.whileAsleep = () -> rig.loop.post(task.entry);
        rig.loop.step(wait);
        return rig.net.wakeups;
    }

    @Test
    void whatTheWaitDoesNotSeeWakesTheLoop() throws Exception {
        task.onCall = () -> rig.net.unseen++;
        rig.net.whileAsleep = () -> rig.loop.post(task.entry);
        rig.loop.step(LoopRig.MINUTE);

        assertThat(task.calls).hasValue(1);
        assertThat(rig.net.wakeups).isOne();
    }

    @Test
    void whatIsPostedToASleepingLoopIsDoneThere() throws Exception {
        rig.net.whileAsleep =
                () -> {
                    rig.nowNanos += 20_000;
                    rig.loop.post(task.entry);
                };
        rig.loop.step(LoopRig.MINUTE);

        assertThat(task.calls).hasValue(1);
        assertThat(task.lastNanos).as("the time of the sender").isEqualTo(rig.nowNanos);
        assertThat(rig.net.wakeups).isZero();
        assertThat(rig.calls).as("published by the sender, too").hasSize(4);
    }

    @Test
    void whileAnotherActsAsTheLoopItIsWoken() throws Exception {
        Task other = new Task();
        task.onCall = () -> elsewhere(() -> rig.loop.post(other.entry));
        rig.net.whileAsleep = () -> rig.loop.post(task.entry);
        rig.loop.step(LoopRig.MINUTE);

        assertThat(rig.net.wakeups).isOne();
        assertThat(other.calls).hasValue(0);
        rig.loop.step(0);
        assertThat(other.calls).hasValue(1);
    }

    @Test
    void withoutDirectFlushTheLoopIsWokenOncePerTask() throws Exception {
        LoopRig indirect = LoopRig.kept(false);
        indirect.net.whileAsleep =
                () -> {
                    indirect.loop.post(task.entry);
                    indirect.loop.post(task.entry);
                    indirect.loop.postMany();
                };
        indirect.loop.step(LoopRig.MINUTE);

        assertThat(indirect.net.wakeups).isOne();
        assertThat(task.calls).hasValue(0);
    }

    @Test
    void manyAreSentByWhoeverPostsTheLast() throws Exception {
        rig.net.whileAsleep = rig.loop::postMany;
        rig.loop.step(LoopRig.MINUTE);
        assertThat(rig.loop.isFedBySenders()).as("there was nothing to send").isFalse();

        rig.loop.schedule(task.entry);
        new Crew().add(rig.loop::postMany).work();

        assertThat(task.calls).hasValue(1);
        assertThat(rig.loop.isFedBySenders()).isTrue();
        assertThat(rig.net.wakeups).isZero();
    }

    @Test
    void inABurstTheLoopIsLeftToGather() throws Exception {
        task.onCall = rig.loop::onWritten;
        rig.net.whileAsleep =
                () -> {
                    rig.nowNanos += 20_000;
                    rig.loop.post(task.entry);
                    rig.nowNanos += 9_999;
                    rig.loop.post(task.entry);
                };
        rig.loop.step(LoopRig.MINUTE);

        assertThat(task.calls).as("the second one is the loop's").hasValue(1);
        assertThat(rig.net.wakeups).isOne();
        assertThat(rig.loop.isBursting()).isTrue();
    }

    @Test
    void aBugInASendersThreadIsTheLoops() throws Exception {
        task.onCall =
                () -> {
                    throw new IllegalStateException("planted");
                };
        rig.net.whileAsleep = () -> rig.loop.post(task.entry);
        rig.loop.step(LoopRig.MINUTE);

        assertThat(rig.calls).contains("fail planted");
        new Crew().add(() -> rig.loop.step(0)).work(); // nobody has the loop's lock
    }

    @Test
    void aWakeUpThatFailsIsMadeGoodByTheNext() throws Exception {
        rig.net.whileAsleep =
                () -> {
                    rig.net.beforeCall =
                            () -> {
                                throw new StackOverflowError("planted");
                            };
                    assertThatThrownBy(() -> rig.loop.schedule(task.entry))
                            .isInstanceOf(StackOverflowError.class);
                    rig.net.beforeCall = () -> {};
                    rig.loop.schedule(task.entry);
                    rig.loop.schedule(task.entry);
                };
        rig.loop.step(LoopRig.MINUTE);

        assertThat(rig.net.wakeups).isOne();
    }

    @Test
    void whatIsPostedAfterAWakeUpThatFailedIsDoneAtOnce() throws Exception {
        rig.net.whileAsleep =
                () -> {
                    rig.net.beforeCall =
                            () -> {
                                throw new StackOverflowError("planted");
                            };
                    assertThatThrownBy(() -> rig.loop.schedule(task.entry))
                            .isInstanceOf(StackOverflowError.class);
                    rig.net.beforeCall = () -> {};
                    rig.nowNanos += 20_000;
                    rig.loop.post(task.entry);
                };
        rig.loop.step(LoopRig.MINUTE);

        assertThat(task.calls).hasValue(1);
    }

    @Test
    void aTaskIsAskedForOnce() throws Exception {
        rig.net.whileAsleep =
                () -> {
                    rig.loop.schedule(task.entry);
                    rig.loop.schedule(task.entry);
                };
        rig.loop.step(LoopRig.MINUTE);

        assertThat(rig.net.wakeups).isOne();
        assertThat(task.calls).as("a task that is scheduled is the loop's").hasValue(0);
    }

    // ---- hands

    @Test
    void whatTheLeaderSchedulesWaitsForIt() {
        LoopRig adrift = LoopRig.adrift();
        adrift.loop.schedule(adrift.ofLeader(task));
        assertThat(adrift.isQuiet()).as("nobody was called").isTrue();
    }

    @Test
    void whatAnotherSchedulesCallsTheKeeper() {
        LoopRig adrift = LoopRig.adrift();
        adrift.loop.schedule(task.entry);
        assertThat(adrift.isQuiet()).as("nobody was called").isFalse();
    }

    @Test
    void aLeaderThatLeavesWorkBehindCallsTheKeeper() {
        rig.loop.askToLead();
        rig.loop.cede();
        assertThat(rig.loop.lead()).isTrue();
        rig.loop.schedule(task.entry);

        rig.loop.leave(false);

        assertThat(rig.isQuiet()).isFalse();
        rig.loop.attend();
        assertThat(rig.loop.lead()).isFalse();
    }

    @Test
    void aLeaderThatLeavesAStoppedLoopCallsTheKeeper() {
        rig.loop.askToLead();
        rig.loop.cede();
        rig.loop.lead();
        rig.loop.stop();

        rig.loop.leave(false);

        assertThat(rig.isQuiet()).isFalse();
    }

    @Test
    void aKeeperThatCedesWorkIsCalledAtOnce() {
        rig.loop.askToLead();
        rig.loop.schedule(task.entry);

        rig.loop.cede();

        assertThat(rig.isQuiet()).isFalse();
    }

    @Test
    void aStoppedLoopIsNotCeded() {
        rig.loop.askToLead();
        rig.loop.stop();

        rig.loop.cede();

        assertThat(rig.loop.lead()).isFalse();
    }

    @Test
    void whoAsksToLeadKeepsTheLoopFromItsSleep() throws Exception {
        rig.loop.askToLead();

        rig.loop.step(LoopRig.MINUTE);

        assertThat(rig.net.lastWaitNanos).isZero();
        assertThat(rig.isQuiet()).as("it was never asleep").isFalse();
        rig.loop.cede();
        assertThat(rig.loop.lead()).isTrue();
    }

    // ---- the end

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
        rig.loop.execute(new Told());
        assertThat(rig.loop.abandon()).isTrue();
        assertThat(rig.calls).containsExactly("drop", "abandon");

        rig.calls.clear();
        rig.loop.execute(new Told());
        assertThat(rig.calls).contains("drop").doesNotContain("command");
    }

    @Test
    void whatCannotBeDroppedIsLeftAndDroppedTheNextTime() throws Exception {
        Told begun = new Told();
        begun.runFailure = new StackOverflowError("planted");
        begun.dropFailure = new StackOverflowError("planted");
        rig.loop.execute(begun);
        Told waiting = new Told();
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
        Told late = new Told();
        late.dropFailure = new StackOverflowError("planted");

        assertThatThrownBy(() -> rig.loop.execute(late)).isInstanceOf(StackOverflowError.class);
    }

    @Test
    void eitherKindThatIsLeftIsTold() throws Exception {
        Told waiting = new Told();
        waiting.dropFailure = new StackOverflowError("planted");
        rig.loop.execute(waiting);
        assertThat(rig.loop.abandon()).as("one that waits").isFalse();
        LoopRig other = LoopRig.kept();
        Told begun = new Told();
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
