package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The bounds of work queues and topics: what they say, and what they refuse.
class BoundsTest {
    private static WorkQueue.Settings.Builder settings() {
        return WorkQueue.Settings.builder()
                .jobs(1)
                .jobsPerPeer(2)
                .patience(Duration.ofSeconds(3))
                .deliveries(4);
    }

    private static Topics.Limits.Builder limits() {
        return Topics.Limits.builder().topics(1).topicsPerPeer(2).waitingPerPeer(3);
    }

    @Test
    void whatIsNotSaidIsUsual() {
        assertThat(WorkQueue.Settings.builder().build())
                .isEqualTo(WorkQueue.Settings.USUAL)
                .hasToString("Settings[jobs=10000, jobsPerPeer=16, patience=PT1M, deliveries=5]");
        assertThat(Topics.Limits.builder().build())
                .isEqualTo(Topics.Limits.USUAL)
                .hasToString("Limits[topics=10000, topicsPerPeer=100, waitingPerPeer=256]");
    }

    @Test
    void whatIsSaidIsThere() {
        WorkQueue.Settings settings = settings().build();
        assertThat(settings.jobs()).isEqualTo(1);
        assertThat(settings.jobsPerPeer()).isEqualTo(2);
        assertThat(settings.patience()).isEqualTo(Duration.ofSeconds(3));
        assertThat(settings.deliveries()).isEqualTo(4);
        assertThat(settings)
                .hasToString("Settings[jobs=1, jobsPerPeer=2, patience=PT3S, deliveries=4]");
        Topics.Limits limits = limits().build();
        assertThat(limits.topics()).isEqualTo(1);
        assertThat(limits.topicsPerPeer()).isEqualTo(2);
        assertThat(limits.waitingPerPeer()).isEqualTo(3);
        assertThat(limits).hasToString("Limits[topics=1, topicsPerPeer=2, waitingPerPeer=3]");
    }

    @Test
    void eachBoundCountsForEquality() {
        WorkQueue.Settings settings = settings().build();
        List<WorkQueue.Settings> otherSettings =
                List.of(
                        settings().jobs(9).build(),
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
                        limits().waitingPerPeer(9).build());
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
