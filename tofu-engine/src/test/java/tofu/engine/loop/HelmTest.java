package tofu.engine.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tofu.engine.channel.Crew;

/// Who is at the helm, and who takes it when.
@Timeout(60)
class HelmTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private int sleepsEnded;
    private final Helm helm = new Helm(() -> sleepsEnded++);

    @Test
    void nobodyIsAtTheHelmUntilSomebodyTakesIt() {
        assertThat(helm.isLed()).isFalse();

        assertThat(helm.lead()).isTrue();
        assertThat(helm.isLed()).isTrue();
        assertThat(helm.lead()).as("twice").isFalse();

        helm.leave();
        assertThat(helm.isLed()).isFalse();
        assertThat(helm.lead()).isTrue();
    }

    @Test
    void aKeeperStaysUntilAReceiverAsks() {
        helm.keep(Thread.currentThread());

        assertThat(helm.lead()).isFalse();
        assertThat(helm.isWanted()).isFalse();
        helm.want();
        assertThat(helm.isWanted()).isTrue();
        helm.cede();
        assertThat(helm.isWanted()).isFalse();
        assertThat(helm.lead()).isTrue();
    }

    @Test
    void aReceiverWhoLeadsAsksForNothingAnyMore() {
        helm.want();
        assertThat(helm.lead()).isTrue();

        assertThat(helm.isWanted()).isFalse();
    }

    @Test
    void theKeeperIsBackWhenNobodyDrivesForAWhile() {
        helm.keep(Thread.currentThread());
        helm.attend(); // was there all the time
        helm.want();
        helm.cede();
        assertThat(helm.isAdrift()).isTrue();

        helm.attend();
        assertThat(helm.isAdrift()).isFalse();
        assertThat(helm.lead()).isFalse();
    }

    /// One turn may take longer than the keeper's patience, and so may what it has brought.
    @Test
    void aLeaderGivesSignsOfLifeWhenItLeavesAndWhenItIsSighted() {
        helm.lead();
        helm.turn();
        long signs = helm.signs();

        helm.leave();
        assertThat(helm.signs()).isGreaterThan(signs);

        signs = helm.signs();
        helm.sighted();
        assertThat(helm.signs()).isGreaterThan(signs);
    }

    /// What it sends may never end, and meanwhile nobody reads.
    @Test
    void aLeaderThatIsSightedForLongWithoutATurnIsAway() {
        helm.watch.begin();
        for (int look = 0; look <= 16; look++) {
            helm.sighted();
            assertThat(helm.watch.finds()).as("look %d", look).isEqualTo(look == 16);
        }
        helm.turn();

        assertThat(helm.watch.finds()).as("it was back").isFalse();
    }

    @Test
    void aLeaderThatWaitsAtTheHelmIsNotAway() {
        helm.lead();
        helm.watch.begin();
        for (int look = 0; look < 100; look++) {
            helm.sighted();
            assertThat(helm.watch.finds()).isFalse();
        }
    }

    @Test
    void aSightingIsNotTheTurnThatTheKeeperWasCalledFor() {
        helm.keep(Thread.currentThread());
        helm.want();
        helm.cede();
        helm.wake();
        helm.sighted();
        Thread.currentThread().interrupt(); // so that a second look would take it away

        helm.attend();

        assertThat(Thread.interrupted()).as("there was no wait").isTrue();
    }

    @Test
    void theKeeperWaitsWhileSomebodyLeads() throws Exception {
        Thread keeper = startKeeperBesideALeader();
        helm.turn();
        awaitResting(keeper);

        helm.leave();

        assertThat(keeper.join(PATIENCE)).isTrue();
        assertThat(helm.lead()).as("the keeper has it").isFalse();
    }

    @Test
    void aKeeperThatIsCalledDoesNotRestUntilTheNextTurn() throws Exception {
        Thread keeper = startKeeperBesideALeader();
        helm.turn();
        awaitResting(keeper);
        helm.call();
        while (helm.resting) {
            Crew.pause();
        }
        for (int i = 0; i < 20; i++) {
            awaitWaiting(keeper);
            assertThat(helm.resting).isFalse();
            LockSupport.unpark(keeper); // as if its time were over
        }

        helm.turn();
        awaitResting(keeper);
        helm.leave();
        assertThat(keeper.join(PATIENCE)).isTrue();
    }

    @Test
    void aCallTellsTheKeeper() throws Exception {
        Parked keeper = new Parked();
        helm.keep(keeper.thread);

        helm.call();

        keeper.awaitUnparked();
    }

    @Test
    void whoLeavesTellsAKeeperThatRests() throws Exception {
        Parked keeper = new Parked();
        helm.keep(keeper.thread);
        helm.want();
        helm.cede();
        helm.lead();
        helm.resting = true;

        helm.leave();

        keeper.awaitUnparked();
    }

    @Test
    void whoCedesTellsTheReceiverThatAsked() throws Exception {
        helm.keep(Thread.currentThread());
        Parked receiver = new Parked(helm::want);

        helm.cede();

        receiver.awaitUnparked();
        assertThat(helm.isAdrift()).isTrue();
    }

    // ---- waking

    @Test
    void whoIsAwakeIsNotWoken() {
        helm.keep(Thread.currentThread());
        helm.wake();

        assertThat(sleepsEnded).isZero();
        assertThat(helm.isQuiet()).isFalse();
    }

    @Test
    void eachSleepIsEndedOnce() {
        helm.keep(Thread.currentThread());
        for (int sleep = 1; sleep <= 3; sleep++) {
            helm.fallAsleep();
            assertThat(helm.isQuiet()).isTrue();
            assertThat(helm.isAdrift()).isFalse();
            helm.wake();
            assertThat(helm.isQuiet()).isFalse();
            helm.wake();
            assertThat(sleepsEnded).isEqualTo(sleep);
            helm.riseAgain();
        }
        helm.fallAsleep();
        helm.riseAgain();
        assertThat(helm.isQuiet()).as("awake by itself").isFalse();
    }

    @Test
    void aLeaderThatSleepsStillLeads() {
        assertThat(helm.lead()).isTrue();
        helm.fallAsleep();
        assertThat(helm.isLed()).isTrue();
        assertThat(helm.lead()).isFalse();
        helm.wake();

        assertThat(helm.isLed()).isTrue();
        assertThat(sleepsEnded).isOne();
    }

    @Test
    void aLoopThatIsAdriftIsTheKeepersWhenItIsWoken() throws Exception {
        Parked keeper = new Parked();
        helm.keep(keeper.thread);
        helm.want();
        helm.cede();
        assertThat(helm.isQuiet()).isTrue();

        helm.wake();

        keeper.awaitUnparked();
        assertThat(sleepsEnded).isZero();
        assertThat(helm.isAdrift()).isFalse();
        assertThat(helm.isQuiet()).as("the keeper is on its way").isFalse();
        assertThat(helm.lead()).as("whoever is quicker").isTrue();
    }

    @Test
    void whatCouldNotBeToldIsToldBothWays() throws Exception {
        Parked keeper = new Parked();
        helm.keep(keeper.thread);
        helm.untold = true;
        assertThat(helm.isQuiet()).isTrue();

        helm.wake();

        keeper.awaitUnparked();
        assertThat(sleepsEnded).isOne();
        assertThat(helm.untold).isFalse();
        assertThat(helm.isQuiet()).isFalse();
    }

    @Test
    void aWakeUpThatFailsIsUntold() {
        StackOverflowError end = new StackOverflowError("planted");
        Helm failing =
                new Helm(
                        () -> {
                            throw end;
                        });
        failing.keep(Thread.currentThread());
        failing.fallAsleep();

        assertThatThrownBy(failing::wake).isSameAs(end);
        assertThat(failing.untold).isTrue();
        failing.riseAgain();
        assertThat(failing.isQuiet()).as("the next one wakes").isTrue();
    }

    @Test
    void withoutACallTheKeeperLooksTwice() {
        helm.keep(Thread.currentThread());
        helm.want();
        helm.cede();
        Thread.currentThread().interrupt(); // which ends a wait

        helm.attend();

        assertThat(Thread.interrupted()).as("it did not wait").isFalse();
    }

    @Test
    void aCallBringsTheKeeperBeforeItHasLookedTwice() {
        helm.keep(Thread.currentThread());
        helm.want();
        helm.cede();
        helm.wake();
        Thread.currentThread().interrupt(); // so that a second look would take it away

        helm.attend();

        assertThat(Thread.interrupted()).as("there was no wait").isTrue();
    }

    @Test
    void interruptsDoNotEndTheKeepersWait() throws Exception {
        Thread keeper = startKeeperBesideALeader();
        for (int i = 0; i < 10; i++) {
            keeper.interrupt();
            awaitResting(keeper);
        }
        helm.leave();

        assertThat(keeper.join(PATIENCE)).isTrue();
        assertThat(helm.lead()).isFalse();
    }

    @Test
    void aKeeperWhomTheLeaderCouldNotTellLooksByItself() throws Exception {
        Thread keeper = startKeeperBesideALeader();
        helm.turn();
        awaitResting(keeper);
        helm.resting = false; // so it is not told

        helm.leave();

        assertThat(keeper.join(PATIENCE)).isTrue();
        assertThat(helm.lead()).as("the keeper has it").isFalse();
    }

    private Thread startKeeperBesideALeader() {
        Thread keeper = Thread.ofPlatform().daemon().name("keeper").unstarted(helm::attend);
        helm.keep(keeper);
        helm.want();
        helm.cede();
        assertThat(helm.lead()).isTrue();
        keeper.start();
        return keeper;
    }

    private static void awaitWaiting(Thread keeper) {
        while (keeper.getState() != Thread.State.TIMED_WAITING) {
            assertThat(keeper.isAlive()).isTrue();
            Crew.pause();
        }
    }

    /// Waits until the keeper looks seldom, as it does while one leader waits.
    private void awaitResting(Thread keeper) {
        while (!helm.resting || keeper.getState() != Thread.State.TIMED_WAITING) {
            assertThat(keeper.isAlive()).isTrue();
            Crew.pause();
        }
    }
}
