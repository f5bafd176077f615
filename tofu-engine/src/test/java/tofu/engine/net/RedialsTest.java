package tofu.engine.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static tofu.engine.net.Redials.FIRST_PAUSE_NANOS;
import static tofu.engine.net.Redials.LONGEST_PAUSE_NANOS;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// When those are dialled again for whom there was no room.
class RedialsTest {
    private static final long START_NANOS = -5;

    private final Redials redials = new Redials();
    private final List<Redials.Waiting> dialled = new ArrayList<>();
    private long nowNanos = START_NANOS;

    @Test
    void aPollWaitsNoLongerThanUntilSomeAreDialledAgain() {
        assertThat(redials.limit(Long.MAX_VALUE, nowNanos)).isEqualTo(FIRST_PAUSE_NANOS);
        assertThat(redials.limit(7, nowNanos)).isEqualTo(7);
        redials.runDue(0, () -> fail("nobody is due"));
        assertThat(redials.limit(Long.MAX_VALUE, 0)).isEqualTo(FIRST_PAUSE_NANOS + START_NANOS);
    }

    @Test
    void thePauseGrowsToItsBoundAndIsShortAgainWhenSomebodyGetsThrough() {
        List<Long> pauses = new ArrayList<>();
        redials.add(new Stubborn());
        for (int i = 0; i < 9; i++) {
            pauses.add(pauseAndRun());
        }
        assertThat(pauses)
                .startsWith(FIRST_PAUSE_NANOS, 2 * FIRST_PAUSE_NANOS, 4 * FIRST_PAUSE_NANOS)
                .endsWith(LONGEST_PAUSE_NANOS, LONGEST_PAUSE_NANOS)
                .isSorted();

        redials.add(onCall -> true);
        pauseAndRun();
        assertThat(pauseAndRun()).isEqualTo(FIRST_PAUSE_NANOS);
    }

    @Test
    void nobodyIsDialledTwiceInOneRun() {
        Stubborn one = new Stubborn();
        Stubborn two = new Stubborn();
        redials.add(one);
        redials.add(two);
        pauseAndRun();
        assertThat(dialled).containsExactly(one, two);
        pauseAndRun();
        assertThat(dialled).containsExactly(one, two, one, two);
    }

    /// Lets the time pass until some are due, and dials them.
    private long pauseAndRun() {
        long pauseNanos = redials.limit(Long.MAX_VALUE, nowNanos);
        nowNanos += pauseNanos;
        redials.runDue(nowNanos, () -> {});
        return pauseNanos;
    }

    /// Waits again each time, as there is no room.
    private final class Stubborn implements Redials.Waiting {
        @Override
        public boolean dialAgain(Runnable onCall) {
            dialled.add(this);
            redials.add(this);
            return false;
        }
    }
}
