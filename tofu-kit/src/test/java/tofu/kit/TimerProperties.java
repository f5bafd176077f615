package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;
import tofu.api.Ampe;

/// Timers and tasks are added, cancelled, throw and add others, while time passes in steps of any
/// length: what a dispatcher runs, and in which order, is what a small model says, to its end.
class TimerProperties {
    /// What happens next.
    sealed interface Step {
        record Execute(Deed deed) implements Step {}

        record After(int seconds, Deed deed) implements Step {}

        record Every(int seconds, Deed deed) implements Step {}

        record Cancel(int nth) implements Step {}

        /// The loop takes a turn, so many seconds later.
        record Turn(int seconds) implements Step {}
    }

    private static Ampe ampe;

    @BeforeContainer
    static void open() {
        ampe = Ampe.open();
    }

    @AfterContainer
    static void close() {
        ampe.close();
    }

    @Provide
    Arbitrary<Step> steps() {
        Arbitrary<Integer> few = Arbitraries.integers().between(0, 9);
        Arbitrary<Integer> interval = Arbitraries.integers().between(1, 4);
        Arbitrary<Deed> deed =
                Arbitraries.of(Deed.NOTE, Deed.NOTE, Deed.LEAVE, Deed.THROW, Deed.FAIL, Deed.AGAIN);
        return Arbitraries.frequencyOf(
                Tuple.of(3, deed.map(Step.Execute::new)),
                Tuple.of(3, Combinators.combine(few, deed).as(Step.After::new)),
                Tuple.of(2, Combinators.combine(interval, deed).as(Step.Every::new)),
                Tuple.of(2, few.map(Step.Cancel::new)),
                Tuple.of(5, few.map(Step.Turn::new)));
    }

    @Property(tries = 300)
    void whatRunsWhenIsAsTheModelSays(
            @ForAll List<@From("steps") Step> steps, @ForAll Ending ending) throws Exception {
        Run run = new Run();
        try {
            for (Step step : steps) {
                run.take(step);
                run.check();
            }
            run.end(ending);
        } finally {
            run.dispatcher.close();
        }
    }

    private static final class Run {
        private long nowSeconds;
        private final Dispatcher dispatcher =
                new Dispatcher(ampe, () -> Duration.ofSeconds(nowSeconds).toNanos());
        private final List<String> ran = new ArrayList<>();
        private final List<String> thrown = new ArrayList<>();
        private int made;

        // The model.
        private final List<String> expected = new ArrayList<>();
        private final List<String> failures = new ArrayList<>();
        private final List<Job> tasks = new ArrayList<>();
        private final List<Job> timers = new ArrayList<>();
        private boolean ended;

        Run() {
            dispatcher.onFailure((failure, channel) -> thrown.add(failure.getMessage()));
        }

        /// A timer or a task.
        private final class Job implements Runnable {
            private final String name;
            private final Deed deed;
            private long dueSeconds;

            /// 0: it runs once.
            private int intervalSeconds;

            private @Nullable Timer timer;

            Job(String name, Deed deed) {
                this.name = name;
                this.deed = deed;
            }

            @Override
            public void run() {
                ran.add(name);
                if (deed == Deed.LEAVE && timer != null) {
                    timer.cancel();
                }
                if (deed == Deed.AGAIN) {
                    dispatcher.execute(again());
                }
                deed.failAs(name);
            }

            Job again() {
                return new Job(name + " again", Deed.NOTE);
            }
        }

        private Job job(String kind, Deed deed) {
            return new Job(kind + " " + ++made, deed);
        }

        void take(Step step) throws InterruptedException {
            switch (step) {
                case Step.Execute execute -> {
                    Job job = job("task", execute.deed());
                    dispatcher.execute(job);
                    tasks.add(job);
                }
                case Step.After after -> {
                    Job job = job("after", after.deed());
                    job.timer = dispatcher.after(Duration.ofSeconds(after.seconds()), job);
                    job.dueSeconds = nowSeconds + after.seconds();
                    timers.add(job);
                }
                case Step.Every every -> {
                    Job job = job("every", every.deed());
                    job.timer = dispatcher.every(Duration.ofSeconds(every.seconds()), job);
                    job.intervalSeconds = every.seconds();
                    job.dueSeconds = nowSeconds + every.seconds();
                    timers.add(job);
                }
                case Step.Cancel cancel -> {
                    if (!timers.isEmpty()) {
                        Job job = timers.remove(cancel.nth() % timers.size());
                        Objects.requireNonNull(job.timer).cancel();
                    }
                }
                case Step.Turn turn -> {
                    nowSeconds += turn.seconds();
                    dispatcher.turn(0);
                    expectTurn();
                }
            }
        }

        private void expectTurn() {
            expectTasks();
            List<Job> due =
                    timers.stream()
                            .filter(job -> job.dueSeconds <= nowSeconds)
                            .sorted(Comparator.comparingLong(job -> job.dueSeconds))
                            .toList();
            due.forEach(this::expect);
            for (Job job : due) {
                job.dueSeconds = nowSeconds + job.intervalSeconds;
                if (job.intervalSeconds == 0 || job.deed == Deed.LEAVE) {
                    timers.remove(job);
                }
            }
        }

        private void expectTasks() {
            List<Job> waiting = List.copyOf(tasks);
            tasks.clear();
            waiting.forEach(this::expect);
        }

        private void expect(Job job) {
            expected.add(job.name);
            if (job.deed == Deed.AGAIN && !ended) {
                tasks.add(job.again());
            } else if (job.deed == Deed.AGAIN) {
                failures.add("the dispatcher has ended");
            }
            if (job.deed.fails()) {
                failures.add(job.name);
            }
        }

        void check() {
            assertThat(ran).isEqualTo(expected);
            assertThat(thrown).isEqualTo(failures);
        }

        /// What waits is run, but for timers; and nothing is added.
        void end(Ending ending) {
            ending.end(dispatcher);
            if (ending != Ending.CLOSE) {
                expectTurn(); // the one in which it is told to
            }
            ended = true;
            expectTasks();
            check();
            assertThatThrownBy(() -> dispatcher.execute(() -> {}))
                    .isInstanceOf(RejectedExecutionException.class);
        }
    }
}
