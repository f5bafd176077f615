package tofu.engine.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import tofu.engine.FakeStream;
import tofu.engine.net.Net;

/// A receiver that drives a loop looks for events for a while before it sleeps.
class LoopSpinTest {
    private static final long SPIN_NANOS = 5 * LoopRig.LOOK_NANOS;

    private final LoopRig rig = LoopRig.spinning(SPIN_NANOS);
    private int polls;
    private int sleeps;

    /// The look that has found something.
    private int found;

    {
        rig.net.beforeCall = () -> polls++;
        rig.net.whileAsleep =
                () -> {
                    sleeps++;
                    rig.mail = true;
                };
    }

    /// Waits for a message.
    private void drive(long timeoutNanos) {
        rig.mail = false;
        polls = 0;
        sleeps = 0;
        rig.leader.drive(rig.nowNanos, timeoutNanos);
    }

    /// Lets a look find something, and be the one that brings a message.
    private void findIn(int look) throws IOException {
        FakeStream stream = new FakeStream(rig.net);
        rig.net.register(
                stream,
                ops -> {
                    found = polls;
                    rig.mail = true;
                    stream.close();
                });
        stream.interest(Net.READ);
        rig.net.beforeCall =
                () -> {
                    if (++polls == look) {
                        stream.end();
                    }
                };
    }

    @Test
    void whoFindsNothingSleepsForTheRestOfTheTime() {
        drive(LoopRig.MINUTE);
        assertThat(polls).as("looks, and the sleep").isEqualTo(5 + 1);
        assertThat(sleeps).isOne();
        assertThat(rig.net.lastWaitNanos).isEqualTo(Reactor.LOOK_NANOS - SPIN_NANOS);
    }

    @Test
    void aWaitWithoutEndStaysOne() throws Exception {
        assertThat(rig.loop.lead()).isTrue();
        rig.loop.step(Long.MAX_VALUE);
        rig.loop.leave(false);
        assertThat(rig.net.lastWaitNanos).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whoFindsSomethingDoesNotSleep() throws Exception {
        findIn(3);
        drive(LoopRig.MINUTE);
        assertThat(found).isEqualTo(3);
        assertThat(sleeps).isZero();
    }

    @Test
    void looksTakeNoLongerThanThereIsTime() {
        drive(2 * LoopRig.LOOK_NANOS);
        assertThat(polls).as("looks, and one that does not wait").isEqualTo(2 + 1);
        assertThat(sleeps).isZero();
        assertThat(rig.net.lastWaitNanos).isZero();
    }

    @Test
    void whoIsAskedForSomethingMeanwhileDoesIt() {
        Task task = new Task();
        task.onCall = () -> rig.mail = true;
        rig.onSpin =
                () -> {
                    rig.onSpin = () -> {};
                    rig.loop.schedule(task.entry);
                };
        drive(LoopRig.MINUTE);
        assertThat(task.calls).hasValue(1);
        assertThat(sleeps).isZero();
        assertThat(polls).as("a look, and one poll of each turn").isEqualTo(1 + 1 + 1);
    }

    @Test
    void looksInVainEndForAWhile() {
        for (int wait = 1; wait <= 4; wait++) {
            drive(LoopRig.MINUTE);
            assertThat(polls).as("wait " + wait).isEqualTo(5 + 1);
        }
        drive(LoopRig.MINUTE);
        assertThat(polls).as("no look").isOne();
        assertThat(sleeps).isOne();
    }

    @Test
    void aLookThatFindsSomethingIsWorthAnother() throws Exception {
        for (int wait = 1; wait <= 3; wait++) {
            drive(LoopRig.MINUTE);
        }
        Runnable usual = rig.net.beforeCall;
        findIn(1);
        drive(LoopRig.MINUTE);
        assertThat(sleeps).isZero();
        rig.net.beforeCall = usual;
        for (int wait = 1; wait <= 2; wait++) {
            drive(LoopRig.MINUTE);
            assertThat(polls).as("wait " + wait).isEqualTo(5 + 1);
        }
        drive(LoopRig.MINUTE);
        assertThat(polls).as("no look").isOne();
    }

    @Test
    void theTimeOfLooksIsNoTimeAtWork() {
        drive(LoopRig.MINUTE);
        assertThat(rig.loop.turns().busyNanos()).isZero();
    }
}
