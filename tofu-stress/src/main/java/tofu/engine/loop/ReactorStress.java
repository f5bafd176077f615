package tofu.engine.loop;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CountDownLatch;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/// [Reactor]: whoever asks a loop for something is heard, though the loop is woken only when it
/// sleeps.
public final class ReactorStress {
    private ReactorStress() {}

    /// Lets go of whoever waits, run or dropped.
    private record LettingGo(CountDownLatch done) implements Command {
        @Override
        public void run(long nowNanos) {
            done.countDown();
        }

        @Override
        public void drop() {
            done.countDown();
        }
    }

    /// A task is scheduled while the loop goes to sleep.
    @JCStressTest
    @Outcome(id = "called", expect = ACCEPTABLE)
    @State
    public static class ScheduleAgainstSleep {
        private final StressLoop stress = new StressLoop();

        @Actor
        public void loop(L_Result r) {
            r.r1 = stress.driveUntilCalled(1);
        }

        @Actor
        public void poster() {
            stress.loop.schedule(stress.entry);
            stress.net.nobodyIsLeft();
        }
    }

    /// A message is posted while the loop goes to sleep: the loop hears of it, or whoever posts
    /// does the loop's work, and nobody does it twice.
    @JCStressTest
    @Outcome(id = "called", expect = ACCEPTABLE)
    @State
    public static class PostAgainstSleep {
        private final StressLoop stress = new StressLoop();

        @Actor
        public void loop(L_Result r) {
            r.r1 = stress.driveUntilCalled(1);
        }

        @Actor
        public void poster() {
            stress.loop.post(stress.entry);
            stress.net.nobodyIsLeft();
        }
    }

    /// A command is given while the loop goes to sleep.
    @JCStressTest
    @Outcome(id = "called", expect = ACCEPTABLE)
    @State
    public static class CommandAgainstSleep {
        private final StressLoop stress = new StressLoop();

        @Actor
        public void loop(L_Result r) {
            r.r1 = stress.driveUntilCalled(1);
        }

        @Actor
        public void other() {
            stress.loop.execute(stress);
            stress.net.nobodyIsLeft();
        }
    }

    /// A task is scheduled and a command given: the loop may sleep in between, and hears of both.
    @JCStressTest
    @Outcome(id = "called", expect = ACCEPTABLE)
    @State
    public static class ScheduleAndCommandAgainstSleep {
        private final StressLoop stress = new StressLoop();

        @Actor
        public void loop(L_Result r) {
            r.r1 = stress.driveUntilCalled(2);
        }

        @Actor
        public void others() {
            stress.loop.schedule(stress.entry);
            stress.loop.execute(stress);
            stress.net.nobodyIsLeft();
        }
    }

    /// The pool has slots again while the loop, which has a notice to tell, goes to sleep.
    @JCStressTest
    @Outcome(id = "heard", expect = ACCEPTABLE)
    @State
    public static class RefillAgainstSleep {
        private final StressLoop stress = new StressLoop();

        @Actor
        public void loop(L_Result r) {
            try {
                int work = 0;
                while (work == 0 && !stress.net.sleptInVain()) {
                    work = stress.loop.step(Long.MAX_VALUE);
                }
                r.r1 = work == 1 ? "heard" : "asleep for ever";
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Actor
        public void application() {
            stress.loop.onRefill();
            stress.net.nobodyIsLeft();
        }
    }

    /// A command is given to a loop that ends at the same moment: whoever waits for it is let go.
    @JCStressTest
    @Outcome(id = "let go", expect = ACCEPTABLE)
    @State
    public static class CommandAgainstEndOfLoop {
        private final StressLoop stress = new StressLoop();
        private final CountDownLatch done = new CountDownLatch(1);

        @Actor
        public void closer() {
            stress.loop.execute(new LettingGo(done));
        }

        @Actor
        public void loop() {
            stress.loop.abandon();
        }

        @Arbiter
        public void rest(L_Result r) {
            r.r1 = done.getCount() == 0 ? "let go" : "waits for ever";
        }
    }

    /// The same on a loop that still runs a turn before it ends.
    @JCStressTest
    @Outcome(id = "let go", expect = ACCEPTABLE)
    @State
    public static class CommandAgainstLastTurn {
        private final StressLoop stress = new StressLoop();
        private final CountDownLatch done = new CountDownLatch(1);

        @Actor
        public void closer() {
            stress.loop.execute(new LettingGo(done));
        }

        @Actor
        public void loop() {
            try {
                stress.loop.step(0);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            stress.loop.abandon();
        }

        @Arbiter
        public void rest(L_Result r) {
            r.r1 = done.getCount() == 0 ? "let go" : "waits for ever";
        }
    }
}
