package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Message;

/// The bounds of work queues and topics: what they say, and what they refuse.
class BoundsTest {
    /// The longest message.
    private static final long LEAST = 131_086;

    private static WorkQueue.Settings.Builder settings() {
        return WorkQueue.Settings.builder()
                .jobs(1)
                .jobBytes(LEAST + 1)
                .putPerPeer(5)
                .putBytesPerPeer(LEAST + 2)
                .jobsPerPeer(2)
                .patience(Duration.ofSeconds(3))
                .deliveries(4);
    }

    private static Topics.Limits.Builder limits() {
        return Topics.Limits.builder()
                .topics(1)
                .topicsPerPeer(2)
                .waitingPerPeer(3)
                .waitingBytesPerPeer(LEAST + 3)
                .newsBytes(LEAST + 4);
    }

    @Test
    void whatIsNotSaidIsUsual() {
        assertThat(WorkQueue.Settings.builder().build())
                .isEqualTo(WorkQueue.Settings.USUAL)
                .hasToString(
                        "Settings[jobs=10000, jobBytes=67108864, putPerPeer=2500, "
                                + "putBytesPerPeer=16777216, jobsPerPeer=16, patience=PT1M, "
                                + "deliveries=5]");
        assertThat(Topics.Limits.builder().build())
                .isEqualTo(Topics.Limits.USUAL)
                .hasToString(
                        "Limits[topics=10000, topicsPerPeer=100, waitingPerPeer=256, "
                                + "waitingBytesPerPeer=4194304, newsBytes=67108864]");
    }

    @Test
    void whatIsSaidIsThere() {
        WorkQueue.Settings settings = settings().build();
        assertThat(settings.jobs()).isEqualTo(1);
        assertThat(settings.jobBytes()).isEqualTo(131_087);
        assertThat(settings.putPerPeer()).isEqualTo(5);
        assertThat(settings.putBytesPerPeer()).isEqualTo(131_088);
        assertThat(settings.jobsPerPeer()).isEqualTo(2);
        assertThat(settings.patience()).isEqualTo(Duration.ofSeconds(3));
        assertThat(settings.deliveries()).isEqualTo(4);
        assertThat(settings)
                .hasToString(
                        "Settings[jobs=1, jobBytes=131087, putPerPeer=5, putBytesPerPeer=131088, "
                                + "jobsPerPeer=2, patience=PT3S, deliveries=4]");
        Topics.Limits limits = limits().build();
        assertThat(limits.topics()).isEqualTo(1);
        assertThat(limits.topicsPerPeer()).isEqualTo(2);
        assertThat(limits.waitingPerPeer()).isEqualTo(3);
        assertThat(limits.waitingBytesPerPeer()).isEqualTo(131_089);
        assertThat(limits.newsBytes()).isEqualTo(131_090);
        assertThat(limits)
                .hasToString(
                        "Limits[topics=1, topicsPerPeer=2, waitingPerPeer=3, "
                                + "waitingBytesPerPeer=131089, newsBytes=131090]");
    }

    @Test
    void eachBoundCountsForEquality() {
        WorkQueue.Settings settings = settings().build();
        List<WorkQueue.Settings> otherSettings =
                List.of(
                        settings().jobs(9).build(),
                        settings().jobBytes(LEAST + 9).build(),
                        settings().putPerPeer(9).build(),
                        settings().putBytesPerPeer(LEAST + 9).build(),
                        settings().jobsPerPeer(9).build(),
                        settings().patience(Duration.ofSeconds(9)).build(),
                        settings().deliveries(9).build());
        assertThat(settings).isEqualTo(settings().build()).hasSameHashCodeAs(settings().build());
        assertThat(settings).isNotEqualTo("Settings");
        assertThat(otherSettings).doesNotContain(settings).doesNotHaveDuplicates();
        Topics.Limits limits = limits().build();
        List<Topics.Limits> otherLimits =
                List.of(
                        limits().topics(9).build(),
                        limits().topicsPerPeer(9).build(),
                        limits().waitingPerPeer(9).build(),
                        limits().waitingBytesPerPeer(LEAST + 9).build(),
                        limits().newsBytes(LEAST + 9).build());
        assertThat(limits).isEqualTo(limits().build()).hasSameHashCodeAs(limits().build());
        assertThat(limits).isNotEqualTo("Limits");
        assertThat(otherLimits).doesNotContain(limits).doesNotHaveDuplicates();
    }

    @Test
    void aBuilderFromBoundsMakesTheSameBoundsAndLeavesThemAsTheyAre() {
        WorkQueue.Settings settings = settings().build();
        assertThat(settings.toBuilder().build()).isEqualTo(settings);
        assertThat(settings.toBuilder().jobs(9).build()).isEqualTo(settings().jobs(9).build());
        Topics.Limits limits = limits().build();
        assertThat(limits.toBuilder().build()).isEqualTo(limits);
        assertThat(limits.toBuilder().topics(9).build()).isEqualTo(limits().topics(9).build());
        assertThat(limits).isEqualTo(limits().build());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void whatIsTooLittleIsRefusedByName(int none) {
        String wrong = " is " + none + ", must be at least 1";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings().jobs(none))
                .withMessage("jobs" + wrong);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings().putPerPeer(none))
                .withMessage("putPerPeer" + wrong);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings().jobsPerPeer(none))
                .withMessage("jobsPerPeer" + wrong);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings().patience(Duration.ofSeconds(none)))
                .withMessageMatching("patience is PT.*S, must be more than zero");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings().deliveries(none))
                .withMessage("deliveries" + wrong);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits().topics(none))
                .withMessage("topics" + wrong);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits().topicsPerPeer(none))
                .withMessage("topicsPerPeer" + wrong);
    }

    @Test
    void noNewsMayWaitButNoFewer() {
        assertThat(limits().waitingPerPeer(0).build().waitingPerPeer()).isZero();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits().waitingPerPeer(-1))
                .withMessage("waitingPerPeer is -1, must be at least 0");
    }

    @ParameterizedTest
    @ValueSource(longs = {LEAST - 1, 0, -1, Long.MIN_VALUE})
    void everyBoundInBytesHasRoomForTheLongestMessage(long less) throws InterruptedException {
        Map<String, LongConsumer> bounds = new TreeMap<>();
        bounds.put("jobBytes", settings()::jobBytes);
        bounds.put("putBytesPerPeer", settings()::putBytesPerPeer);
        bounds.put("waitingBytesPerPeer", limits()::waitingBytesPerPeer);
        bounds.put("newsBytes", limits()::newsBytes);
        try (Rig rig = new Rig()) {
            bounds.put("maxBacklogBytes", Server.builder(rig.dispatcher)::maxBacklogBytes);
            bounds.put("maxWaitingBytes", Connector.builder(rig.dispatcher)::maxWaitingBytes);
            bounds.forEach(
                    (name, bound) -> {
                        assertThatIllegalArgumentException()
                                .isThrownBy(() -> bound.accept(less))
                                .withMessage(name + " is " + less + ", must be at least 131086");
                        bound.accept(LEAST);
                        bound.accept(Long.MAX_VALUE);
                    });
        }
    }

    /// As the engine counts it.
    @Test
    void aMessageCountsAsOnTheWire() throws InterruptedException {
        try (Rig rig = new Rig();
                Message message = rig.message()) {
            assertThat(Bounds.bytes(message)).isEqualTo(16);
            message.headers().append("h", "v");
            message.body().append(new byte[1_000]);
            assertThat(Bounds.bytes(message)).isEqualTo(16 + message.headers().length() + 1_000);
        }
    }

    @Test
    void aServerRefusesByNameWhatIsOutOfRange() throws InterruptedException {
        try (Rig rig = new Rig()) {
            Server.Builder builder = Server.builder(rig.dispatcher);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> builder.maxPeers(0))
                    .withMessage("maxPeers is 0, must be at least 1");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> builder.maxBacklog(-1))
                    .withMessage("maxBacklog is -1, must be at least 0");
        }
    }

    @Test
    void aMissingValueIsRefused() {
        assertThatNullPointerException().isThrownBy(() -> settings().patience(nothing()));
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals", "DataFlowIssue"})
    private static <T> T nothing() {
        return null;
    }
}
