package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;

/// Timers are added, set to other times, removed and taken in any order: which one is the next, and
/// when, is what a list says that is looked through each time.
class TimersProperties {
    /// What happens next. A timer is chosen modulo how many there were.
    sealed interface Step {
        record Add(int due, int interval) implements Step {}

        record AddResting() implements Step {}

        record Set(int nth, int due) implements Step {}

        record Remove(int nth) implements Step {}

        record Take(int now) implements Step {}
    }

    @Provide
    Arbitrary<Step> steps() {
        Arbitrary<Integer> time = Arbitraries.integers().between(0, 20);
        Arbitrary<Integer> nth = Arbitraries.integers().between(0, 30);
        return Arbitraries.frequencyOf(
                Tuple.of(4, Combinators.combine(time, Arbitraries.of(0, 0, 3)).as(Step.Add::new)),
                Tuple.of(1, Arbitraries.create(Step.AddResting::new)),
                Tuple.of(3, Combinators.combine(nth, time).as(Step.Set::new)),
                Tuple.of(2, nth.map(Step.Remove::new)),
                Tuple.of(3, time.map(Step.Take::new)));
    }

    private record Model(Timer timer, int number, long due, long interval) {}

    @Property(tries = 500)
    void theNextIsTheEarliest(@ForAll List<@From("steps") Step> steps) {
        Run run = new Run();
        for (Step step : steps) {
            run.take(step);
            run.check();
        }
        run.clear();
    }

    private static final class Run {
        private final Timers timers = new Timers();
        private final List<Timer> made = new ArrayList<>();
        private final List<Model> waiting = new ArrayList<>();

        void take(Step step) {
            switch (step) {
                case Step.Add add -> {
                    Timer timer = timers.add(add.due(), add.interval(), () -> {});
                    made.add(timer);
                    waiting.add(new Model(timer, made.size(), add.due(), add.interval()));
                }
                case Step.AddResting _ -> {
                    Timer timer = timers.addResting(() -> {});
                    made.add(timer);
                    waiting.add(new Model(timer, made.size(), Timers.NEVER, Timers.NEVER));
                }
                case Step.Set set when !made.isEmpty() -> {
                    Timer timer = made.get(set.nth() % made.size());
                    timers.set(timer, set.due());
                    waiting.replaceAll(
                            model -> model.timer() == timer ? due(model, set.due()) : model);
                }
                case Step.Remove remove when !made.isEmpty() -> {
                    Timer timer = made.get(remove.nth() % made.size());
                    timer.cancel();
                    waiting.removeIf(model -> model.timer() == timer);
                }
                case Step.Take take -> take(take.now());
                default -> {} // there is none yet
            }
        }

        private static Model due(Model model, long due) {
            return new Model(model.timer(), model.number(), due, model.interval());
        }

        private void take(int now) {
            Model next = next();
            Timer taken = timers.takeDue(now);
            if (next == null || next.due() > now) {
                assertThat(taken).isNull();
                return;
            }
            assertThat(taken).isSameAs(next.timer());
            waiting.remove(next);
            if (next.interval() > 0) {
                waiting.add(due(next, Nanos.add(now, next.interval())));
            }
        }

        private @Nullable Model next() {
            return waiting.stream()
                    .min(Comparator.comparing(Model::due).thenComparing(Model::number))
                    .orElse(null);
        }

        void check() {
            Model next = next();
            assertThat(timers.size()).isEqualTo(waiting.size());
            assertThat(timers.nanosToNext(0)).isEqualTo(next == null ? Timers.NEVER : next.due());
            assertThat(next == null || timers.isFirst(next.timer())).isTrue();
        }

        /// Who waits no more is neither set nor taken.
        void clear() {
            timers.clear();
            made.forEach(Timer::cancel);
            made.forEach(timer -> timers.set(timer, 1));
            assertThat(timers.size()).isZero();
            assertThat(timers.nanosToNext(0)).isEqualTo(Timers.NEVER);
        }
    }
}
