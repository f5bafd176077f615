package tofu.engine.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import tofu.engine.channel.Crew;

/// Who is at the helm, and who takes it when.
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
    void aCallBringsTheKeeperAtOnceThoughItRests() throws Exception {
        Thread keeper = startKeeperBesideALeader();
        helm.turn();
        awaitResting(keeper);
        helm.call();
        assertThat(keeper.isAlive()).as("somebody leads").isTrue();

        helm.leave();

        assertThat(keeper.join(PATIENCE)).isTrue();
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

    /// Waits until the keeper looks seldom, as it does while one leader waits.
    private void awaitResting(Thread keeper) {
        while (!helm.resting || keeper.getState() != Thread.State.TIMED_WAITING) {
            assertThat(keeper.isAlive()).isTrue();
            Crew.pause();
        }
    }
}
