package tofu.engine.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import tofu.engine.FakeStream;
import tofu.engine.channel.Crew;
import tofu.engine.net.Net;

/// A receiver that drives the loop: when it may, when it stops, and what it defers.
///
/// Somewhat long: each is a few lines, and all are about one class.
class LeaderTest {
    /// A receiver that waits so often asks to lead.
    private static final int WAITS_TO_LEAD = 16;

    private static final int MOST_DEFERRED = 64;
    private static final long NANOS = 1_000_000;
    private static final long MINUTE = 60_000_000_000L;

    private final LoopRig rig = new LoopRig();

    private boolean drive(long timeoutNanos) {
        return rig.leader.drive(rig.nowNanos, timeoutNanos);
    }

    // ---- who may

    @Test
    void withoutALoopThereIsNothingToDrive() {
        Leader none = new Leader(rig, rig, null);
        assertThat(none.drive(0, NANOS)).isFalse();
        for (int i = 0; i < WAITS_TO_LEAD; i++) {
            none.onWait();
        }
        none.askIfDue();
        none.flush();
        none.nudge();

        assertThat(none.isCurrent()).isFalse();
    }

    @Test
    void onlyTheOneWhoWaitsForAllThatTheLoopBringsMayLead() {
        rig.loop.soleWaiter(null);
        assertThat(drive(NANOS)).isFalse();
        rig.loop.soleWaiter(new LoopRig());
        assertThat(drive(NANOS)).isFalse();

        rig.loop.soleWaiter(rig);
        rig.mail = true;
        assertThat(drive(NANOS)).isTrue();
    }

    @Test
    void nobodyLeadsWhileAnotherDrives() {
        assertThat(rig.loop.lead()).isTrue();
        assertThat(drive(NANOS)).isFalse();
        assertThat(rig.loop.isLed()).as("by the other").isTrue();

        rig.loop.leave(false);
        rig.mail = true;
        assertThat(drive(NANOS)).isTrue();
    }

    @Test
    void aVirtualThreadDoesNotLead() throws Exception {
        rig.mail = true;
        AtomicBoolean led = new AtomicBoolean(true);
        Thread.ofVirtual().start(() -> led.set(drive(NANOS))).join();

        assertThat(led).isFalse();
    }

    // ---- how long

    @Test
    void itDrivesUntilThereIsAMessage() {
        rig.net.whileAsleep =
                () -> {
                    assertThat(rig.loop.isLed()).isTrue();
                    rig.nowNanos += 100;
                    rig.mail = rig.nowNanos - LoopRig.START >= 500;
                };
        assertThat(drive(NANOS)).isTrue();

        assertThat(rig.nowNanos).isEqualTo(LoopRig.START + 500);
        assertThat(rig.loop.isLed()).isFalse();
        assertThat(rig.isQuiet()).as("it will be back soon, and nobody was called").isTrue();
    }

    /// Nobody else can end it, and there may not have been enough memory to refuse the receiver.
    @Test
    void aLoopThatIsStoppedIsLeftToItsKeeper() {
        rig.net.whileAsleep = rig.loop::stop;
        assertThat(drive(MINUTE)).isTrue();

        assertThat(rig.loop.isLed()).isFalse();
        assertThat(rig.isQuiet()).as("the keeper was called").isFalse();
        assertThat(drive(MINUTE)).as("again").isFalse();
    }

    @Test
    void aMessageThatIsHereNeedsNoTurn() {
        rig.mail = true;
        assertThat(drive(NANOS)).isTrue();

        assertThat(rig.calls).isEmpty();
    }

    @Test
    void noWaitIsLongerThanTheTimeThatIsLeft() {
        long start = rig.nowNanos;
        rig.nowNanos += 300;
        rig.net.whileAsleep = () -> rig.nowNanos += 200;
        assertThat(rig.leader.drive(start, 1_000)).isTrue();

        assertThat(rig.net.lastWaitNanos).isEqualTo(100);
        assertThat(rig.nowNanos).as("in four waits").isEqualTo(start + 1_100);
        assertThat(rig.isQuiet()).as("it will be back soon, and nobody was called").isTrue();
    }

    @Test
    void whenTheTimeIsOverThereIsNoMoreTurn() {
        rig.net.whileAsleep = () -> rig.nowNanos += NANOS;
        assertThat(drive(NANOS)).isTrue();

        assertThat(rig.calls.stream().filter("end of turn"::equals)).hasSize(1);
    }

    @Test
    void whatTheLookInTimeHasFoundIsInTime() throws Exception {
        List<Runnable> reactions = List.of(() -> {}, () -> rig.mail = true);
        for (Runnable reaction : reactions) {
            FakeStream stream = new FakeStream(rig.net);
            rig.net.register(
                    stream,
                    ops -> {
                        stream.interest(0);
                        reaction.run();
                    });
            stream.interest(Net.WRITE);
        }
        rig.net.mostCalls = 1;

        assertThat(drive(0)).isTrue();

        assertThat(rig.mail).isTrue();
    }

    @Test
    void itLooksByItselfOnceASecond() {
        rig.net.whileAsleep = () -> rig.mail = true;
        drive(LoopRig.MINUTE);

        assertThat(rig.net.lastWaitNanos).isEqualTo(Reactor.LOOK_NANOS);
    }

    @Test
    void oneThatIsRefusedLeavesTheLoopToTheKeeper() {
        rig.refusing = true;
        assertThat(drive(NANOS)).isTrue();

        assertThat(rig.isQuiet()).as("the keeper was not called").isFalse();
    }

    @Test
    void oneThatIsInterruptedLeavesTheLoopToTheKeeper() {
        Thread.currentThread().interrupt();
        assertThat(drive(NANOS)).isTrue();

        assertThat(Thread.interrupted()).as("still pending").isTrue();
        assertThat(rig.isQuiet()).as("the keeper was not called").isFalse();
    }

    @Test
    void oneThatIsNoLongerTheOnlyOneLeavesTheLoopToTheKeeper() {
        rig.net.whileAsleep = () -> rig.loop.soleWaiter(null);
        assertThat(drive(NANOS)).isTrue();

        assertThat(rig.isQuiet()).as("the keeper was not called").isFalse();
    }

    @Test
    void aBugEndsTheLoopAndIsNotTheReceivers() {
        rig.net.pollFailure = new IllegalStateException("planted");
        assertThat(drive(NANOS)).isTrue();

        assertThat(rig.calls).containsExactly("publish", "fail planted");
        assertThat(rig.loop.isLed()).isFalse();
        assertThat(rig.loop.isCurrent()).isFalse();
        assertThat(rig.isQuiet()).as("the keeper was not called").isFalse();
    }

    // ---- asking

    private boolean isAskedFor() {
        rig.loop.cede();
        boolean ceded = rig.loop.lead();
        if (ceded) {
            rig.loop.leave(false);
            rig.loop.attend();
        }
        return ceded;
    }

    private void waitAndAsk(int times) {
        for (int i = 0; i < times; i++) {
            rig.leader.onWait();
            rig.leader.askIfDue();
        }
    }

    @Test
    void whoHasWaitedOftenAsks() {
        rig.loop.keep(Thread.currentThread());
        waitAndAsk(WAITS_TO_LEAD - 1);
        assertThat(isAskedFor()).isFalse();

        waitAndAsk(1);
        assertThat(isAskedFor()).isTrue();
    }

    @Test
    void whoAsksEndsTheKeepersWait() throws Exception {
        rig.loop.keep(Thread.currentThread());
        rig.net.whileAsleep = () -> waitAndAsk(WAITS_TO_LEAD);
        rig.loop.step(LoopRig.MINUTE);

        assertThat(rig.net.wakeups).isOne();
    }

    @Test
    void whoHasLedBeginsToCountAnew() {
        waitAndAsk(WAITS_TO_LEAD);
        rig.mail = true;
        drive(NANOS);
        rig.loop.keep(Thread.currentThread());
        waitAndAsk(WAITS_TO_LEAD - 1);
        assertThat(isAskedFor()).isFalse();

        waitAndAsk(1);
        assertThat(isAskedFor()).isTrue();
    }

    @Test
    void whoMayNotLeadDoesNotAsk() {
        rig.loop.keep(Thread.currentThread());
        rig.loop.soleWaiter(null);
        waitAndAsk(2 * WAITS_TO_LEAD);

        assertThat(isAskedFor()).isFalse();
    }

    // ---- deferring

    private final Task task = new Task();
    private final ReadyQueue.Entry entry = rig.ofLeader(task);

    /// Enqueues messages as a group does.
    private void post(int messages) {
        for (int i = 0; i < messages; i++) {
            rig.loop.post(entry);
            rig.leader.flushIfDue();
        }
    }

    private void driveToMail() {
        rig.mail = false;
        rig.net.whileAsleep = () -> rig.mail = true;
        assertThat(drive(NANOS)).isTrue();
    }

    @Test
    void onlyTheThreadThatHasLedIsTheLeader() throws Exception {
        assertThat(rig.leader.isCurrent()).isFalse();
        driveToMail();

        assertThat(rig.leader.isCurrent()).isTrue();
        new Crew().add(() -> assertThat(rig.leader.isCurrent()).isFalse()).work();
    }

    @Test
    void whatTheLeaderHasDeferredIsSentWithItsLastMessage() {
        driveToMail();
        post(2);
        assertThat(task.calls).as("deferred").hasValue(0);

        rig.mail = false;
        rig.leader.flushIfDue();

        assertThat(task.calls).hasValue(1);
    }

    @Test
    void manyMessagesAreWorthSendingThoughThereAreMoreToTake() {
        driveToMail();
        for (int round = 1; round <= 3; round++) {
            post(MOST_DEFERRED - 1);
            assertThat(task.calls).hasValue(round - 1);
            post(1);
            assertThat(task.calls).hasValue(round);
        }
    }

    /// Else the keeper takes the helm, though the leader is about to come back to it.
    @Test
    void theLastOfManyIsSentThoughOthersWereWrittenJustBefore() {
        task.onCall = rig.loop::onWritten;
        driveToMail();
        post(MOST_DEFERRED);
        assertThat(task.calls).hasValue(1);

        rig.mail = false;
        post(1);

        assertThat(task.calls).hasValue(2);
        rig.nowNanos += NANOS;
        assertThat(rig.isQuiet()).as("nobody was called").isTrue();
    }

    /// Else the keeper takes the helm, and the only processor, from a leader who is at work.
    @Test
    void onAUniprocessorALeaderThatSendsIsSighted() {
        driveToMail();
        long signs = rig.loop.helm.signs();
        post(MOST_DEFERRED);
        assertThat(rig.loop.helm.signs()).as("the keeper has a processor").isEqualTo(signs);

        rig.uniprocessor = true;
        post(MOST_DEFERRED);

        assertThat(rig.loop.helm.signs()).isGreaterThan(signs);
    }

    @Test
    void whatWasDeferredBeforeTheLastTurnDoesNotCount() {
        driveToMail();
        post(10);
        driveToMail();
        assertThat(task.calls).as("the turn has sent it").hasValue(1);
        post(MOST_DEFERRED - 1);
        assertThat(task.calls).hasValue(1);

        post(1);

        assertThat(task.calls).hasValue(2);
    }

    @Test
    void aLeaderWithoutMessagesToTakeSendsAtOnce() {
        driveToMail();
        rig.mail = false;

        rig.loop.post(entry);

        assertThat(task.calls).hasValue(1);
    }

    @Test
    void anotherThreadSendsAtOnceWhatItPosts() throws Exception {
        driveToMail();

        new Crew().add(() -> rig.loop.post(entry)).work();

        assertThat(task.calls).hasValue(1);
    }

    @Test
    void anotherThreadDoesNotFlushWhatTheLeaderDefers() throws Exception {
        driveToMail();
        rig.loop.post(entry);
        rig.mail = false;

        new Crew().add(rig.leader::flush).add(rig.leader::flushIfDue).work();
        assertThat(task.calls).hasValue(0);

        rig.leader.flush();
        assertThat(task.calls).hasValue(1);
    }

    @Test
    void whatTheLeaderHasDeferredIsTheKeepersIfHeTakesTheHelm() throws Exception {
        rig.loop.keep(Thread.currentThread());
        rig.loop.askToLead();
        rig.loop.cede();
        driveToMail();
        post(1);
        rig.loop.attend();

        rig.leader.flush();
        assertThat(task.calls).as("it is awake, and will do it").hasValue(0);

        rig.loop.step(0);
        assertThat(task.calls).hasValue(1);
    }

    @Test
    void whatIsFlushedTwiceIsSentOnce() {
        driveToMail();
        post(1);
        rig.leader.flush();
        rig.loop.schedule(entry);
        rig.leader.flush();

        assertThat(task.calls).as("nothing is deferred any more").hasValue(1);
    }

    @Test
    void whoCannotEvenAskForMailLeavesTheWakeUpToTheNext() {
        LoopRig adrift = LoopRig.adrift();
        adrift.failOnMail(new StackOverflowError("planted"));
        Task lost = new Task();
        assertThatThrownBy(() -> adrift.loop.post(adrift.ofLeader(lost)))
                .isInstanceOf(StackOverflowError.class);

        adrift.loop.wake();

        assertThat(adrift.net.wakeups).as("whoever may sleep is woken").isOne();
        assertThat(adrift.isQuiet()).as("the keeper is called").isFalse();
    }

    // ---- nudging

    @Test
    void aLeaderThatSleepsIsNudged() {
        rig.net.whileAsleep =
                () -> {
                    rig.mail = true;
                    rig.leader.nudge();
                };
        assertThat(drive(NANOS)).isTrue();

        assertThat(rig.net.wakeups).isOne();
    }

    @Test
    void aKeeperIsNot() throws Exception {
        rig.loop.keep(Thread.currentThread());
        rig.net.whileAsleep = rig.leader::nudge;
        rig.loop.step(NANOS);

        assertThat(rig.net.wakeups).isZero();
        assertThat(rig.loop.hasWork()).isFalse();
    }
}
