package tofu.engine.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import tofu.engine.FakeStream;
import tofu.engine.channel.Crew;
import tofu.engine.net.Net;

/// One turn of a loop by itself.
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

    @Test
    void aTurnHasItsOrder() throws Exception {
        FakeStream stream = neverRead(() -> rig.note("event"));
        task.onCall = () -> rig.note("task");
        task.onTick =
                () -> {
                    rig.note("deadline");
                    task.deadline = DeadlineQueue.NEVER;
                    stream.close();
                };
        due(0);
        rig.loop.onRefill();
        rig.loop.schedule(task.entry);
        rig.loop.execute(new Told(rig));

        rig.loop.step(0);

        assertThat(rig.calls).startsWith("command", "task", "refill", "publish", "event");
        assertThat(rig.calls).endsWith("event", "deadline", "end of turn", "publish");
    }

    /// How much each may read goes by how many there are: the rest of them are not few.
    @Test
    void whatOneLookHasFoundIsAsManyAsItWas() throws Exception {
        for (int i = 0; i < 3; i++) {
            neverRead(() -> rig.note("event"));
        }
        rig.net.mostCalls = 2;
        rig.loop.step(0);
        assertThat(rig.loop.events()).isEqualTo(2);

        rig.loop.step(0);

        assertThat(rig.calls.stream().filter("event"::equals)).hasSize(3);
        assertThat(rig.loop.events()).isEqualTo(2);
    }

    @Test
    void aTurnIsCountedWithoutTheWaitInIt() throws Exception {
        Turns turns = rig.loop.turns();
        task.onCall = () -> rig.nowNanos += 70;
        rig.loop.schedule(task.entry);
        rig.loop.step(0);
        assertThat(turns.turns()).isOne();
        assertThat(turns.events()).isOne();
        assertThat(turns.busyNanos()).isEqualTo(70);

        FakeStream stream = neverRead(() -> rig.nowNanos += 30);
        rig.net.beforeCall = () -> rig.nowNanos += 1_000; // the wait
        rig.loop.step(LoopRig.MINUTE);
        rig.net.beforeCall = () -> {};
        stream.close();

        assertThat(turns.turns()).isEqualTo(2);
        assertThat(turns.events()).isEqualTo(2);
        assertThat(turns.busyNanos()).isEqualTo(100);
        assertThat(turns.longestNanos()).isEqualTo(70);
        assertThat(turns.led()).isZero();
        assertThat(turns.flushes()).isZero();
    }

    @Test
    void whoLeadsAndWhoFlushesIsCounted() {
        LoopRig adrift = LoopRig.adrift();
        Turns turns = adrift.loop.turns();
        long before = turns.turns();
        adrift.mail = false;
        task.onCall = () -> adrift.mail = true;
        adrift.loop.schedule(task.entry);
        adrift.leader.drive(adrift.nowNanos, LoopRig.MINUTE);
        assertThat(turns.turns()).isGreaterThan(before);
        assertThat(turns.led()).isEqualTo(turns.turns());
        long led = turns.turns();
        adrift.loop.post(new Task().entry);
        assertThat(turns.flushes()).isOne();
        assertThat(turns.turns()).isEqualTo(led);
    }

    @Test
    void beforeADeadlineTheLoopLooksForWhatHasComeButNotForEver() throws Exception {
        neverRead(() -> rig.note("event"));
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
                            rig.note("event");
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
        rig.loop.execute(new Told(rig));
        rig.loop.execute(new Told(rig));
        rig.loop.schedule(task.entry);
        rig.loop.onRefill();
        rig.loop.nudge();

        assertThat(rig.loop.hasWork()).isTrue();
        assertThat(rig.loop.step(LoopRig.MINUTE)).isEqualTo(2 + 1 + 1 + 1);
        assertThat(rig.net.lastWaitNanos).as("it did not sleep").isZero();
        assertThat(rig.loop.hasWork()).isFalse();
        assertThat(rig.loop.step(0)).isZero();
    }

    /// A command after which there is always one more.
    private final class Endless implements Command {
        private int runs;

        @Override
        public void run(long nowNanos) {
            runs++;
            assertThat(runs).as("commands of one turn").isLessThan(10_000);
            rig.loop.execute(this);
        }

        @Override
        public void drop() {
            // nobody waits for it
        }
    }

    @Test
    void whoAsksForMoreAndMoreKeepsTheLoopFromNobody() throws Exception {
        Endless endless = new Endless();
        rig.loop.execute(endless);
        rig.loop.execute(new Told(rig));
        rig.loop.schedule(task.entry);
        due(0);
        task.onTick = () -> task.deadline = DeadlineQueue.NEVER;

        rig.loop.step(LoopRig.MINUTE);
        assertThat(rig.calls).startsWith("command");
        assertThat(task.calls).hasValue(1);
        assertThat(task.ticks).isOne();

        assertThat(rig.loop.hasWork()).as("for the next turn").isTrue();
        int before = endless.runs;
        rig.loop.step(LoopRig.MINUTE);
        assertThat(endless.runs).isGreaterThan(before);
        assertThat(rig.net.lastWaitNanos).as("it did not sleep").isZero();
    }

    @Test
    void eachKindOfWorkKeepsTheLoopAwake() throws Exception {
        assertThat(rig.loop.hasWork()).isFalse();
        for (Runnable work :
                new Runnable[] {
                    () -> rig.loop.execute(new Told(rig)),
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
            () -> rig.loop.execute(new Told(rig)), rig.loop::onRefill, rig.loop::nudge,
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
}
