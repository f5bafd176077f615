package tofu.engine.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// When it is worth while to look for events before a wait.
class SpinTest {
    private static final long NANOS = 50_000;

    private final Spin spin = new Spin(NANOS);

    /// Waits so often, and tells how many of the waits began with a look.
    private int looks(int waits, boolean found) {
        return (int)
                IntStream.range(0, waits)
                        .filter(
                                i -> {
                                    long nanos = spin.begin();
                                    assertThat(nanos).isIn(0L, NANOS);
                                    if (nanos > 0) {
                                        spin.ended(found);
                                    }
                                    return nanos > 0;
                                })
                        .count();
    }

    @Test
    void eachWaitBeginsWithALookWhileThatFindsSomething() {
        assertThat(looks(1_000, true)).isEqualTo(1_000);
    }

    @Test
    void aFewInVainAreNotTheEnd() {
        for (int i = 0; i < 100; i++) {
            assertThat(looks(1, false)).isOne();
            assertThat(looks(2, true)).isEqualTo(2);
        }
    }

    @Test
    void looksInVainBecomeRare() {
        assertThat(looks(100, false)).isLessThanOrEqualTo(7);
        looks(10_000, false);
        assertThat(looks(10_000, false)).isBetween(9, 10);
    }

    @Test
    void eachTrialInVainDoublesThePause() {
        assertThat(looks(4, false)).isEqualTo(4);
        for (int pause = 16; pause <= 1_024; pause *= 2) {
            assertThat(looks(pause, false)).as("in a pause of %d waits", pause).isZero();
            assertThat(looks(1, false)).isOne();
        }
        assertThat(looks(1_024, false)).as("in the longest pause").isZero();
        assertThat(looks(1, true)).isOne();
        assertThat(looks(1, false)).as("one that found something gives credit for one").isOne();
        assertThat(looks(16, false)).isZero();
        assertThat(looks(1, false)).isOne();
    }

    @Test
    void oneThatFindsSomethingBringsThemBack() {
        looks(50, false);

        assertThat(looks(100, true)).isGreaterThan(50);
        assertThat(looks(100, true)).isEqualTo(100);
    }

    @Test
    void oneThatWasBrokenOffTellsNothing() {
        for (int i = 0; i < 100; i++) {
            assertThat(spin.begin()).isEqualTo(NANOS);
        }
    }

    @Test
    void withoutTimeThereIsNone() {
        Spin never = new Spin(0);

        assertThat(never.begin()).isZero();
    }
}
