package tofu.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What options say, and what they refuse.
///
/// Somewhat long, for it has every option, set to something else than its default.
class OptionsTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration MILLI = Duration.ofMillis(1);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Admission ADMISSION =
            Admission.builder().allowNetworks("10.0.0.0/8").connectionsPerSecond(20).build();

    private static final TlsSettings TLS = TlsSettings.of(OptionsTest::nothing);
    private static final Duration NANO = Duration.ofNanos(1);
    private static final int LONGEST_MESSAGE = 16 + 65_535 + 65_535;
    private static final Set<String> OTHERS = Set.of("toBuilder", "hashCode", "toString");

    /// A number and its range; sets it in a builder whose other values fit any number in the range.
    record Limit(
            String name,
            long min,
            long max,
            BiFunction<Options.Builder, Integer, Options.Builder> setter) {
        Options with(long value) {
            Options.Builder builder = Options.builder().initialPoolMessages(0);
            return setter.apply(builder, Math.toIntExact(value)).build();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /// A duration and its range.
    record Deadline(
            String name,
            Duration min,
            BiFunction<Options.Builder, Duration, Options.Builder> setter) {
        Options with(Duration value) {
            return setter.apply(Options.builder(), value).build();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Limit> limits() {
        return Stream.of(
                new Limit(
                        "initialPoolMessages",
                        0,
                        1 << 24,
                        (builder, value) ->
                                builder.maxPoolMessages(1 << 24)
                                        .maxPoolBytes(Long.MAX_VALUE)
                                        .initialPoolMessages(value)),
                new Limit("maxPoolMessages", 1, 1 << 24, Options.Builder::maxPoolMessages),
                new Limit("sendQueueMessages", 1, 1 << 20, Options.Builder::sendQueueMessages),
                new Limit(
                        "sendQueueBytes",
                        LONGEST_MESSAGE,
                        1 << 30,
                        Options.Builder::sendQueueBytes),
                new Limit(
                        "receiveWindowMessages",
                        1,
                        1 << 20,
                        Options.Builder::receiveWindowMessages),
                new Limit(
                        "receiveWindowBytes",
                        LONGEST_MESSAGE,
                        1 << 30,
                        Options.Builder::receiveWindowBytes),
                new Limit("maxChannels", 1, 65_534, Options.Builder::maxChannels),
                new Limit("maxPendingHandshakes", 1, 65_534, Options.Builder::maxPendingHandshakes),
                new Limit("keepAliveCount", 1, 127, Options.Builder::keepAliveCount),
                new Limit("acceptBacklog", 1, 65_535, Options.Builder::acceptBacklog),
                new Limit("loops", 1, 64, Options.Builder::loops));
    }

    static Stream<Deadline> deadlines() {
        return Stream.of(
                new Deadline("connectTimeout", MILLI, Options.Builder::connectTimeout),
                new Deadline("handshakeTimeout", MILLI, Options.Builder::handshakeTimeout),
                new Deadline("frameTimeout", MILLI, Options.Builder::frameTimeout),
                new Deadline("byeTimeout", MILLI, Options.Builder::byeTimeout),
                new Deadline("keepAliveIdle", SECOND, Options.Builder::keepAliveIdle),
                new Deadline("keepAliveInterval", SECOND, Options.Builder::keepAliveInterval),
                new Deadline("sendTimeout", Duration.ZERO, Options.Builder::sendTimeout),
                new Deadline("closeTimeout", MILLI, Options.Builder::closeTimeout),
                new Deadline(
                        "channelQuarantine", Duration.ZERO, Options.Builder::channelQuarantine));
    }

    @ParameterizedTest
    @MethodSource("limits")
    void aNumberAtItsLimitsIsAccepted(Limit limit) throws ReflectiveOperationException {
        for (long value : new long[] {limit.min, limit.max}) {
            assertThat(((Number) component(limit.name, limit.with(value))).longValue())
                    .isEqualTo(value);
        }
    }

    @ParameterizedTest
    @MethodSource("limits")
    void aNumberJustOutsideIsRefusedByName(Limit limit) {
        for (long value : new long[] {limit.min - 1, limit.max + 1}) {
            assertThatIllegalArgumentException()
                    .as("%s = %d", limit.name, value)
                    .isThrownBy(() -> limit.with(value))
                    .withMessage(
                            "%s is %d, must be %d to %d", limit.name, value, limit.min, limit.max);
        }
    }

    @ParameterizedTest
    @MethodSource("deadlines")
    void aDurationAtItsLimitsIsAccepted(Deadline deadline) throws ReflectiveOperationException {
        for (Duration value : new Duration[] {deadline.min, HOUR}) {
            assertThat(component(deadline.name, deadline.with(value))).isEqualTo(value);
        }
    }

    @ParameterizedTest
    @MethodSource("deadlines")
    void aDurationJustOutsideIsRefusedByName(Deadline deadline) {
        for (Duration value : new Duration[] {deadline.min.minus(NANO), HOUR.plus(NANO)}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> deadline.with(value))
                    .withMessage(
                            "%s is %s, must be %s to %s", deadline.name, value, deadline.min, HOUR);
        }
    }

    @Test
    void thePoolHasAtLeastOneMebibyte() {
        assertThat(Options.builder().maxPoolBytes(1 << 20).build().maxPoolBytes())
                .isEqualTo(1 << 20);
        assertThat(Options.builder().maxPoolBytes(Long.MAX_VALUE).build().maxPoolBytes())
                .isEqualTo(Long.MAX_VALUE);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Options.builder().maxPoolBytes((1 << 20) - 1).build())
                .withMessageContainingAll("maxPoolBytes", "1048575", "1048576");
    }

    @Test
    void logsMayHaveNoMemoryButNoLess() {
        assertThat(Options.builder().maxLogBytes(0).build().maxLogBytes()).isZero();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Options.builder().maxLogBytes(-1).build())
                .withMessageContainingAll("maxLogBytes", "-1", "0");
    }

    @Test
    void initialMessagesFollowASmallMaximum() {
        Options options = Options.builder().maxPoolMessages(3).build();

        assertThat(options.initialPoolMessages()).isEqualTo(3);
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Options.builder().maxPoolMessages(3).initialPoolMessages(4).build())
                .withMessageContaining("initialPoolMessages is 4")
                .withMessageContaining("maxPoolMessages is 3");
    }

    @Test
    void aMissingValueIsRefused() {
        assertThatNullPointerException()
                .isThrownBy(() -> Options.builder().leakDetection(nothing()).build());
        assertThatNullPointerException()
                .isThrownBy(() -> Options.builder().udsPermissions(nothing()).build());
        assertThatNullPointerException()
                .isThrownBy(() -> Options.builder().admission(nothing()).build());
        assertThatNullPointerException()
                .isThrownBy(() -> Options.builder().closeTimeout(nothing()).build());
    }

    @Test
    void theBuilderSetsEachComponent() throws ReflectiveOperationException {
        Options changed = allChanged();

        assertThat(changed)
                .hasToString(
                        "Options[initialPoolMessages=1, maxPoolMessages=2, maxPoolBytes=3145728, "
                                + "maxLogBytes=5000, sendQueueMessages=4, sendQueueBytes=500000, "
                                + "receiveWindowMessages=6, receiveWindowBytes=700000, "
                                + "maxChannels=8, maxPendingHandshakes=7, connectTimeout=PT9S, "
                                + "handshakeTimeout=PT11S, frameTimeout=PT12S, byeTimeout=PT13S, "
                                + "closeTimeout=PT14S, channelQuarantine=PT15S, acceptBacklog=16, "
                                + ("udsPermissions=rwxrwxrwx, tls=" + TLS)
                                + (", admission=" + ADMISSION)
                                + ", keepAliveIdle=PT22S, keepAliveInterval=PT23S, "
                                + "keepAliveCount=24, sendTimeout=PT25S, idleNotice=PT26S, "
                                + "leakDetection=PARANOID, loops=18, "
                                + ("directFlush=" + !Options.defaults().directFlush())
                                + (", leader=" + !Options.defaults().leader())
                                + ", spin=PT0.000000021S]");
        for (Method option : options()) {
            assertThat(option.invoke(changed))
                    .as(option.getName())
                    .isNotEqualTo(option.invoke(Options.defaults()));
        }
    }

    /// Two values that contradict each other.
    @ParameterizedTest
    @CsvSource({
        "8065, 65536, 1048576, maxPoolBytes, 1048576",
        "8200, 65536, 1048576, maxPoolBytes, 1048576",
        "65536, 65536, 8388608, maxPoolBytes, 8388608",
        "16777216, 16777216, 268435456, maxPoolBytes, 268435456",
        "70000, 65536, 268435456, maxPoolMessages, 65536",
        "2, 1, 1048576, maxPoolMessages, 1",
    })
    void firstMessagesThatThePoolCannotHoldAreRefusedWithBothValues(
            int initial, int most, long bytes, String name, long limit) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pool(initial, most, bytes))
                .withMessageContaining("initialPoolMessages is " + initial)
                .withMessageContaining(name + " is " + limit);
    }

    @ParameterizedTest
    @CsvSource({
        "8064, 65536, 1048576",
        "8000, 65536, 1048576",
        "64512, 65536, 8388608",
        "1, 1, 1048576",
    })
    void firstMessagesThatThePoolCanHoldAreAccepted(int initial, int most, long bytes) {
        assertThat(pool(initial, most, bytes).initialPoolMessages()).isEqualTo(initial);
    }

    private static Options pool(int initial, int most, long bytes) {
        return Options.builder()
                .initialPoolMessages(initial)
                .maxPoolMessages(most)
                .maxPoolBytes(bytes)
                .build();
    }

    @Test
    void pendingHandshakesThatHaveNoChannelsAreRefusedWithBothValues() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Options.builder().maxChannels(10).maxPendingHandshakes(11).build())
                .withMessageContaining("maxPendingHandshakes is 11")
                .withMessageContaining("maxChannels is 10");
        assertThat(Options.builder().maxChannels(10).build().maxPendingHandshakes()).isEqualTo(10);
        assertThat(Options.builder().maxChannels(1).build().maxPendingHandshakes()).isOne();
    }

    @Test
    void theTextPrintsEveryComponent() throws ReflectiveOperationException {
        for (Options options : new Options[] {Options.defaults(), allChanged()}) {
            for (Method option : options()) {
                Object value = option.invoke(options);
                String printed =
                        value instanceof Set<?>
                                ? PosixFilePermissions.toString(options.udsPermissions())
                                : String.valueOf(value);
                assertThat(options.toString().replace(']', ','))
                        .containsPattern(
                                "[\\[ ]"
                                        + Pattern.quote(
                                                option.getName() + "=" + printed.replace(']', ','))
                                        + ",");
            }
        }
    }

    @Test
    void theOptionsDoNotChangeWithTheirSource() {
        Set<PosixFilePermission> source = EnumSet.of(PosixFilePermission.OWNER_READ);
        Options options = Options.builder().udsPermissions(source).build();

        source.add(PosixFilePermission.OTHERS_WRITE);

        assertThat(options.udsPermissions()).containsExactly(PosixFilePermission.OWNER_READ);
    }

    @Test
    void theDefaultsAreThoseOfTheBuilder() {
        assertThat(Options.defaults()).isEqualTo(Options.builder().build());
        assertThatCode(() -> Options.builder().build()).doesNotThrowAnyException();
    }

    @Test
    void aBuilderFromOptionsMakesTheSameOptions() {
        for (Options options : new Options[] {Options.defaults(), allChanged()}) {
            Options again = options.toBuilder().build();
            assertThat(again).isEqualTo(options).hasSameHashCodeAs(options);
            assertThat(again).hasToString(options.toString());
        }
    }

    @Test
    void eachOptionCountsForEquality() throws ReflectiveOperationException {
        Options changed = allChanged();
        // Follows another one, and may not contradict it.
        Options base = Options.builder().initialPoolMessages(2).maxPendingHandshakes(2).build();
        for (Method option : options()) {
            Options.Builder builder = base.toBuilder();
            for (Method setter : Options.Builder.class.getMethods()) {
                if (setter.getName().equals(option.getName())) {
                    setter.invoke(builder, option.invoke(changed));
                }
            }
            assertThat(builder.build()).as(option.getName()).isNotEqualTo(base);
        }
        assertThat(base).isNotEqualTo("Options");
    }

    @Test
    void whatWasNotChosenStillFollowsInAnotherBuilder() {
        Options few = Options.defaults().toBuilder().maxPoolMessages(3).maxChannels(2).build();

        assertThat(few.initialPoolMessages()).isEqualTo(3);
        assertThat(few.maxPendingHandshakes()).isEqualTo(2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> allChanged().toBuilder().maxChannels(6).build())
                .withMessageContaining("maxPendingHandshakes is 7");
    }

    private static Options allChanged() {
        return Options.builder()
                .initialPoolMessages(1)
                .maxPoolMessages(2)
                .maxPoolBytes(3 << 20)
                .tls(TLS)
                .admission(ADMISSION)
                .keepAliveIdle(Duration.ofSeconds(22))
                .keepAliveInterval(Duration.ofSeconds(23))
                .keepAliveCount(24)
                .sendTimeout(Duration.ofSeconds(25))
                .idleNotice(Duration.ofSeconds(26))
                .maxLogBytes(5_000)
                .sendQueueMessages(4)
                .sendQueueBytes(500_000)
                .receiveWindowMessages(6)
                .receiveWindowBytes(700_000)
                .maxChannels(8)
                .maxPendingHandshakes(7)
                .connectTimeout(Duration.ofSeconds(9))
                .handshakeTimeout(Duration.ofSeconds(11))
                .frameTimeout(Duration.ofSeconds(12))
                .byeTimeout(Duration.ofSeconds(13))
                .closeTimeout(Duration.ofSeconds(14))
                .channelQuarantine(Duration.ofSeconds(15))
                .acceptBacklog(16)
                .udsPermissions(PosixFilePermissions.fromString("rwxrwxrwx"))
                .leakDetection(LeakDetection.PARANOID)
                .loops(18)
                .directFlush(!Options.defaults().directFlush())
                .leader(!Options.defaults().leader())
                .spin(Duration.ofNanos(21))
                .build();
    }

    private static Object component(String name, Options options)
            throws ReflectiveOperationException {
        return Options.class.getMethod(name).invoke(options);
    }

    /// What says the value of an option.
    private static List<Method> options() {
        List<Method> options =
                Arrays.stream(Options.class.getDeclaredMethods())
                        .filter(method -> Modifier.isPublic(method.getModifiers()))
                        .filter(method -> !Modifier.isStatic(method.getModifiers()))
                        .filter(method -> method.getParameterCount() == 0)
                        .filter(method -> !OTHERS.contains(method.getName()))
                        .toList();
        assertThat(options).hasSize(30);
        return options;
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals", "DataFlowIssue"})
    private static <T> T nothing() {
        return null;
    }
}
