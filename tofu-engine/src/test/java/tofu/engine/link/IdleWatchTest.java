package tofu.engine.link;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tofu.engine.channel.Deadline;

/// When it is time to tell that nothing has come.
class IdleWatchTest {
    private static final long IDLE = 1_000;

    /// The deadline of what comes then is beyond the end of the clock.
    private static final long START = Long.MAX_VALUE - IDLE / 2;

    private final IdleWatch watch = new IdleWatch(IDLE);

    private static long at(long nanosFromStart) {
        return START + nanosFromStart;
    }

    @Test
    void whoHasNotAskedIsNeverTold() {
        IdleWatch none = new IdleWatch(0);
        none.onHeard(at(0));

        assertThat(none.deadlineNanos()).isEqualTo(Deadline.NONE);
        assertThat(none.isIdle(at(10 * IDLE), true)).isFalse();
    }

    @Test
    void nothingIsAwaitedBeforeTheFirstTime() {
        assertThat(watch.deadlineNanos()).isEqualTo(Deadline.NONE);
        assertThat(watch.isIdle(at(0), true)).isFalse();
    }

    @Test
    void silenceIsToldOnceWhenItHasLastedSoLong() {
        watch.onHeard(at(0));
        assertThat(watch.deadlineNanos()).isEqualTo(at(IDLE));
        assertThat(watch.isIdle(at(IDLE - 1), true)).isFalse();

        assertThat(watch.isIdle(at(IDLE), true)).isTrue();

        assertThat(watch.deadlineNanos()).isEqualTo(Deadline.NONE);
        assertThat(watch.isIdle(at(10 * IDLE), true)).isFalse();
    }

    @Test
    void whatComesIsLookedAtWhenTheDeadlineIsDue() {
        watch.onHeard(at(0));
        watch.onHeard(at(400));
        assertThat(watch.deadlineNanos()).as("not moved").isEqualTo(at(IDLE));

        assertThat(watch.isIdle(at(IDLE), true)).isFalse();
        assertThat(watch.deadlineNanos()).isEqualTo(at(IDLE + 400));
        assertThat(watch.isIdle(at(IDLE + 399), true)).isFalse();
        assertThat(watch.isIdle(at(IDLE + 400), true)).isTrue();
    }

    @Test
    void ourOwnSilenceDoesNotCount() {
        watch.onHeard(at(0));
        assertThat(watch.isIdle(at(IDLE), false)).isFalse();

        assertThat(watch.deadlineNanos()).isEqualTo(at(2 * IDLE));
        assertThat(watch.isIdle(at(2 * IDLE), true)).isTrue();
    }

    @Test
    void thatWeDidNotReadBeforeTheDeadlineIsForgotten() {
        watch.onHeard(at(0));
        assertThat(watch.isIdle(at(IDLE - 1), false)).isFalse();

        assertThat(watch.isIdle(at(IDLE), true)).isTrue();
    }

    @Test
    void whatComesAfterASilenceMayBeFollowedByAnother() {
        watch.onHeard(at(0));
        watch.isIdle(at(IDLE), true);
        watch.onHeard(at(5 * IDLE));

        assertThat(watch.deadlineNanos()).isEqualTo(at(6 * IDLE));
        assertThat(watch.isIdle(at(6 * IDLE), true)).isTrue();
    }
}
