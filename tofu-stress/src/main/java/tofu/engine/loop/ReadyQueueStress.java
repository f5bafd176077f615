package tofu.engine.loop;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;

/// [ReadyQueue]: no task is lost, none is called twice for one reason, and it sees what was done
/// before it was offered.
public final class ReadyQueueStress {
    private ReadyQueueStress() {}

    /// Notes how often it was called, and what there was to do the last time.
    private static final class Noting implements LoopTask {
        final ReadyQueue.Entry entry = new ReadyQueue.Entry(this, StressLoop.NOBODY);

        /// Plain on purpose: the queue has to order it.
        int work;

        int calls;
        int seen;

        @Override
        public void onScheduled(long nowNanos) {
            calls++;
            seen = work;
        }

        @Override
        public void onTick(long nowNanos) {}

        @Override
        public long deadlineNanos() {
            return DeadlineQueue.NEVER;
        }
    }

    /// One task is offered twice at the same time: it is there once.
    @JCStressTest
    @Outcome(id = "true, false, 1", expect = ACCEPTABLE)
    @Outcome(id = "false, true, 1", expect = ACCEPTABLE)
    @State
    public static class OneTaskOfferedTwice {
        private final ReadyQueue queue = new ReadyQueue();
        private final Noting task = new Noting();

        @Actor
        public void poster(LLL_Result r) {
            r.r1 = queue.offer(task.entry);
        }

        @Actor
        public void other(LLL_Result r) {
            r.r2 = queue.offer(task.entry);
        }

        @Arbiter
        public void rest(LLL_Result r) {
            queue.runAll(0);
            queue.runAll(0);
            r.r3 = task.calls;
        }
    }

    /// Two tasks are offered at the same time: one of them has to wake the loop.
    @JCStressTest
    @Outcome(id = "true, false, 1 1", expect = ACCEPTABLE)
    @Outcome(id = "false, true, 1 1", expect = ACCEPTABLE)
    @State
    public static class TwoTasks {
        private final ReadyQueue queue = new ReadyQueue();
        private final Noting one = new Noting();
        private final Noting two = new Noting();

        @Actor
        public void poster(LLL_Result r) {
            r.r1 = queue.offer(one.entry);
        }

        @Actor
        public void other(LLL_Result r) {
            r.r2 = queue.offer(two.entry);
        }

        @Arbiter
        public void rest(LLL_Result r) {
            queue.runAll(0);
            r.r3 = one.calls + " " + two.calls;
        }
    }

    /// A task is offered while the loop runs what is there: called once, now or in the next turn.
    @JCStressTest
    @Outcome(id = "true, 0, 1 of 1", expect = ACCEPTABLE)
    @Outcome(id = "true, 1, 1 of 1", expect = ACCEPTABLE)
    @State
    public static class OfferAgainstRunAll {
        private final ReadyQueue queue = new ReadyQueue();
        private final Noting task = new Noting();

        @Actor
        public void poster(LLL_Result r) {
            task.work = 1;
            r.r1 = queue.offer(task.entry);
        }

        @Actor
        public void loop(LLL_Result r) {
            r.r2 = queue.runAll(0);
        }

        @Arbiter
        public void rest(LLL_Result r) {
            queue.runAll(0);
            r.r3 = task.calls + " of " + task.seen;
        }
    }

    /// A task gets more to do while it is called: its last call sees all of it.
    @JCStressTest
    @Outcome(id = "0, 1 more, saw 2", expect = ACCEPTABLE)
    @Outcome(id = "1, 0 more, saw 2", expect = ACCEPTABLE)
    @Outcome(id = "1, 1 more, saw 2", expect = ACCEPTABLE)
    @State
    public static class OfferAgainAgainstRunAll {
        private final ReadyQueue queue = new ReadyQueue();
        private final Noting task = new Noting();

        @Actor
        public void poster() {
            task.work = 1;
            queue.offer(task.entry);
            task.work = 2;
            queue.offer(task.entry);
        }

        @Actor
        public void loop(LLL_Result r) {
            r.r1 = queue.runAll(0);
        }

        @Arbiter
        public void rest(LLL_Result r) {
            r.r2 = queue.runAll(0) + " more";
            r.r3 = "saw " + task.seen;
        }
    }

    /// A task lies behind another one when the loop comes.
    @JCStressTest
    @Outcome(id = "false 2, 1 1", expect = ACCEPTABLE)
    @Outcome(id = "true 1, 1 1", expect = ACCEPTABLE)
    @State
    public static class OfferBehindAgainstRunAll {
        private final ReadyQueue queue = new ReadyQueue();
        private final Noting one = new Noting();
        private final Noting two = new Noting();
        private boolean first;
        private int ran;

        public OfferBehindAgainstRunAll() {
            queue.offer(one.entry);
        }

        @Actor
        public void poster() {
            first = queue.offer(two.entry);
        }

        @Actor
        public void loop() {
            ran = queue.runAll(0);
        }

        @Arbiter
        public void rest(LL_Result r) {
            queue.runAll(0);
            r.r1 = first + " " + ran;
            r.r2 = one.calls + " " + two.calls;
        }
    }
}
