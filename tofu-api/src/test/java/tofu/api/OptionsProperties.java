package tofu.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.ToIntFunction;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/// Options that were set in any order, some of them twice, some to what they cannot be.
class OptionsProperties {
    private static final Options DEFAULTS = Options.defaults();

    /// An option that is set to a number of its unit, and how it is read.
    enum Choice {
        INITIAL_POOL(Options.Builder::initialPoolMessages, Options::initialPoolMessages),
        MAX_POOL(Options.Builder::maxPoolMessages, Options::maxPoolMessages),
        POOL_MIB((to, n) -> to.maxPoolBytes((long) n << 20), o -> (int) (o.maxPoolBytes() >> 20)),
        LOG_MIB((to, n) -> to.maxLogBytes((long) n << 20), o -> (int) (o.maxLogBytes() >> 20)),
        QUEUE_MESSAGES(Options.Builder::sendQueueMessages, Options::sendQueueMessages),
        QUEUE_MIB((to, n) -> to.sendQueueBytes(n << 20), o -> (int) (o.sendQueueBytes() >> 20)),
        WINDOW_MESSAGES(Options.Builder::receiveWindowMessages, Options::receiveWindowMessages),
        WINDOW_MIB(
                (to, n) -> to.receiveWindowBytes(n << 20),
                o -> (int) (o.receiveWindowBytes() >> 20)),
        MAX_CHANNELS(Options.Builder::maxChannels, Options::maxChannels),
        MAX_HANDSHAKES(Options.Builder::maxPendingHandshakes, Options::maxPendingHandshakes),
        CONNECT_MILLIS(
                (to, n) -> to.connectTimeout(Duration.ofMillis(n)),
                o -> (int) o.connectTimeout().toMillis()),
        CLOSE_MILLIS(
                (to, n) -> to.closeTimeout(Duration.ofMillis(n)),
                o -> (int) o.closeTimeout().toMillis()),
        IDLE_MILLIS(
                (to, n) -> to.idleNotice(Duration.ofMillis(n)),
                o -> (int) o.idleNotice().toMillis()),
        ACCEPT_BACKLOG(Options.Builder::acceptBacklog, Options::acceptBacklog);

        private final BiFunction<Options.Builder, Integer, Options.Builder> set;
        private final ToIntFunction<Options> get;

        Choice(
                BiFunction<Options.Builder, Integer, Options.Builder> set,
                ToIntFunction<Options> get) {
            this.set = set;
            this.get = get;
        }

        int least() {
            return switch (this) {
                case INITIAL_POOL, LOG_MIB, IDLE_MILLIS -> 0;
                default -> 1;
            };
        }
    }

    /// What is set to what.
    record Step(Choice choice, int number) {}

    @Provide
    Arbitrary<Step> steps() {
        Arbitrary<Integer> numbers =
                Arbitraries.frequencyOf(
                        Tuple.of(8, Arbitraries.integers().between(1, 64)),
                        Tuple.of(1, Arbitraries.of(-1, 0)));
        return Combinators.combine(Arbitraries.of(Choice.class), numbers).as(Step::new);
    }

    /// Whether these can be options, by the rules that the page of each states.
    private static boolean fit(Map<Choice, Integer> chosen) {
        return chosen.entrySet().stream().allMatch(e -> e.getValue() >= e.getKey().least())
                && value(chosen, Choice.INITIAL_POOL) <= value(chosen, Choice.MAX_POOL)
                && value(chosen, Choice.MAX_HANDSHAKES) <= value(chosen, Choice.MAX_CHANNELS);
    }

    /// What was chosen; else the default, or what follows from another choice.
    private static int value(Map<Choice, Integer> chosen, Choice choice) {
        int usual = choice.get.applyAsInt(DEFAULTS);
        int otherwise =
                switch (choice) {
                    case INITIAL_POOL -> Math.min(usual, value(chosen, Choice.MAX_POOL));
                    case MAX_HANDSHAKES -> Math.min(usual, value(chosen, Choice.MAX_CHANNELS));
                    default -> usual;
                };
        return chosen.getOrDefault(choice, otherwise);
    }

    /// The last word counts; what was not named is as it was; a copy is equal, however it is made,
    /// and can be changed as if it were the builder that the options came from.
    @Property(tries = 300)
    void optionsSurviveTheirBuilder(@ForAll List<@From("steps") Step> steps) {
        Map<Choice, Integer> chosen = new EnumMap<>(Choice.class);
        Options.Builder builder = Options.builder();
        for (Step step : steps) {
            builder = step.choice().set.apply(builder, step.number());
            chosen.put(step.choice(), step.number());
            if (fit(chosen)) {
                Options options = builder.build();
                for (Choice choice : Choice.values()) {
                    assertThat(choice.get.applyAsInt(options))
                            .as(choice.name())
                            .isEqualTo(value(chosen, choice));
                }
                builder = options.toBuilder();
                assertThat(builder.build())
                        .isEqualTo(options)
                        .hasSameHashCodeAs(options)
                        .hasToString(options.toString());
            } else {
                assertThatIllegalArgumentException().isThrownBy(builder::build);
            }
        }
    }

    /// A copy in which one thing is another is another, in text and in equality, and the one that
    /// it came from stays.
    @Property
    void oneOtherValueIsOtherOptions(@ForAll("steps") Step step) {
        String before = DEFAULTS.toString();
        Assume.that(fit(Map.of(step.choice(), step.number())));
        Options changed = step.choice().set.apply(DEFAULTS.toBuilder(), step.number()).build();
        boolean same = step.number() == step.choice().get.applyAsInt(DEFAULTS);
        assertThat(changed.equals(DEFAULTS)).isEqualTo(same);
        assertThat(changed.toString().equals(before)).isEqualTo(same);
        assertThat(DEFAULTS).hasToString(before);
    }
}
