package tofu.engine.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import tofu.engine.FakeStream;
import tofu.engine.channel.Crew;
import tofu.engine.net.Net;

/// Who wakes a loop that sleeps, or does its work meanwhile; and who drives it next.
class LoopWakeTest {
    private final LoopRig rig = LoopRig.kept();
    private final Task task = new Task();
    private final DeadlineQueue.Timer timer = new DeadlineQueue.Timer(task);

    private void due(long nanosFromNow) {
        task.deadline = rig.nowNanos + nanosFromNow;
        rig.loop.deadlines().update(timer);
    }

    /// Does something in another thread, from within a call of the loop.
    private static void elsewhere(Crew.Work work) {
        try {
            new Crew().add(work).work();
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
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
    void theKeeperDoesNotPauseBeforeItHasCalledAllThatItHasFound() throws Exception {
        task.onCall = rig.loop::onWritten;
        for (int i = 0; i < 2; i++) {
            FakeStream stream = new FakeStream(rig.net);
            rig.net.register(stream, ops -> {});
            stream.interest(Net.WRITE);
        }
        rig.net.mostCalls = 1;
        rig.loop.step(0);
        rig.loop.schedule(task.entry);
        new Crew().add(rig.loop::postMany).work();
        assertThat(rig.loop.isFedBySenders()).isFalse();
        assertThat(rig.loop.isBursting()).isFalse();

        rig.loop.step(0);

        assertThat(rig.loop.isFedBySenders()).isTrue();
        assertThat(rig.loop.isBursting()).isTrue();
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

    /// While this thread does the loop's work, another one, which has led the loop and has messages
    /// to take, defers one that it sends. Then somebody sees to it that it is sent.
    private static boolean isCalledIfDeferredWhileAnotherActs(Consumer<LoopRig> seesToIt) {
        LoopRig adrift = LoopRig.adrift();
        Task acting = new Task();
        Task deferred = new Task();
        acting.onCall =
                () ->
                        elsewhere(
                                () -> {
                                    assertThat(adrift.leader.drive(0, LoopRig.MINUTE)).isTrue();
                                    adrift.loop.post(adrift.ofLeader(deferred));
                                    seesToIt.accept(adrift);
                                    assertThat(deferred.calls).hasValue(0);
                                });
        adrift.loop.post(acting.entry);
        assertThat(acting.calls).hasValue(1);
        assertThat(adrift.loop.isFedBySenders()).isFalse();
        return !adrift.isQuiet();
    }

    @Test
    void whatCannotBeSentAsAnotherActsIsTheKeepers() {
        assertThat(isCalledIfDeferredWhileAnotherActs(rig -> {})).as("it is deferred").isFalse();
        assertThat(isCalledIfDeferredWhileAnotherActs(rig -> rig.loop.postMany())).isTrue();
        assertThat(isCalledIfDeferredWhileAnotherActs(rig -> rig.leader.flush())).isTrue();
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
}
