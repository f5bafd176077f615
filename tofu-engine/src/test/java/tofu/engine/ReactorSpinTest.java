package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.api.ChannelGroup;
import tofu.engine.channel.Frame;

/// Whoever drives the loop on behalf of an application looks for events before it sleeps.
class ReactorSpinTest {
    private static final int PORT = 7099;
    private static final long SPIN_NANOS = 50_000;
    private static final long WAIT_NANOS = 1_000_000;

    private final EngineRig rig =
            new EngineRig(EngineRig.options().spin(Duration.ofNanos(SPIN_NANOS)).build());
    private final ChannelGroup group = rig.create();
    private int looks;
    private boolean slept;

    private FakeStream peer() throws Exception {
        rig.listen(group, PORT);
        FakeStream peer = rig.greet(group, PORT);
        rig.net.whileAsleep = () -> slept = true;
        whileSpinning(() -> {});
        return peer;
    }

    private void whileSpinning(Runnable event) {
        rig.whileSpinning =
                () -> {
                    looks++;
                    rig.clock.addAndGet(1_000);
                    event.run();
                };
    }

    private void lead() {
        rig.loop.askToLead();
        rig.loop.cede();
        assertThat(rig.loop.lead()).isTrue();
    }

    @AfterEach
    void end() throws IOException {
        if (rig.loop.isLed()) {
            rig.loop.leave(true);
        }
        rig.loop.attend();
        rig.close();
    }

    @Test
    void whatComesMeanwhileNeedsNoSleep() throws Exception {
        FakeStream peer = peer();
        lead();
        whileSpinning(
                () -> {
                    if (looks == 3) {
                        peer.send(Frame.signal(7));
                    }
                });

        assertThat(rig.loop.step(WAIT_NANOS)).isPositive();

        assertThat(slept).isFalse();
        assertThat(looks).isEqualTo(3);
        assertThat(EngineRig.receive(group)).hasSize(1);
    }

    @Test
    void afterAWhileItSleepsForTheRestOfTheTime() throws Exception {
        peer();
        lead();

        assertThat(rig.loop.step(WAIT_NANOS)).isZero();

        assertThat(slept).isTrue();
        assertThat(looks).isEqualTo((int) (SPIN_NANOS / 1_000));
        assertThat(rig.net.lastWaitNanos).isEqualTo(WAIT_NANOS - SPIN_NANOS);
    }

    @Test
    void aWaitWithoutEndStaysOne() throws Exception {
        rig.listen(group, PORT); // but there is no peer, who would have to say hello in time
        whileSpinning(() -> {});
        lead();

        assertThat(rig.loop.step(Long.MAX_VALUE)).isZero();

        assertThat(looks).isPositive();
        assertThat(rig.net.lastWaitNanos).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void noLookIsLongerThanTheWait() throws Exception {
        peer();
        lead();

        assertThat(rig.loop.step(10_000)).isZero();

        assertThat(looks).isEqualTo(10);
        assertThat(slept).isFalse();
    }

    @Test
    void whoeverWantsSomethingMeanwhileNeedNotWakeTheLoop() throws Exception {
        peer();
        lead();
        whileSpinning(rig.loop::onRefill);

        assertThat(rig.loop.step(WAIT_NANOS)).isZero();
        assertThat(looks).isOne();
        assertThat(slept).isFalse();
        assertThat(rig.net.wakeups).isZero();

        whileSpinning(() -> {});
        assertThat(rig.loop.step(0)).as("the refill").isPositive();
    }

    @Test
    void theEnginesOwnThreadSleepsAtOnce() throws Exception {
        peer();

        assertThat(rig.loop.step(WAIT_NANOS)).isZero();

        assertThat(looks).isZero();
        assertThat(slept).isTrue();
        assertThat(rig.net.lastWaitNanos).isEqualTo(WAIT_NANOS);
    }
}
