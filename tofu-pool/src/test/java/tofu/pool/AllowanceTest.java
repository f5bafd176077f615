package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AllowanceTest {
    private final Allowance allowance = new Allowance();
    private int counts;

    private boolean take(int possible) {
        return allowance.take(
                () -> {
                    counts++;
                    return possible;
                },
                2);
    }

    @Test
    void whatMayBeIsCountedOnceForAll() {
        assertThat(allowance.isKnown()).isFalse();
        for (int i = 0; i < 3; i++) {
            assertThat(take(3)).isTrue();
            assertThat(counts).isOne();
            assertThat(allowance.isKnown()).isEqualTo(i < 2);
        }
        assertThat(take(1)).isTrue();
        assertThat(counts).isEqualTo(2);
    }

    @Test
    void whatMayNotBeIsCountedForOneOfSeveral() {
        for (int i = 0; i < 3; i++) {
            assertThat(take(0)).isFalse();
            assertThat(counts).isOne();
        }
        assertThat(take(-5)).isFalse();
        assertThat(counts).isEqualTo(2);
        assertThat(allowance.isKnown()).isFalse();
    }

    @Test
    void whatIsForgottenIsCountedAgain() {
        assertThat(take(0)).isFalse();
        allowance.forget();
        assertThat(take(1)).isTrue();
        assertThat(counts).isEqualTo(2);
    }

    @Test
    void whoeverCountsWhileOthersTakeAllCountsOnceMore() {
        checkCountedAgain(
                () -> {
                    for (int i = 0; i < 3; i++) {
                        assertThat(take(3)).isTrue(); // by another thread
                    }
                });
    }

    @Test
    void whoeverCountsWhileItIsForgottenCountsOnceMore() {
        checkCountedAgain(allowance::forget);
    }

    /// Counts three, and later none.
    private void checkCountedAgain(Runnable meanwhile) {
        AtomicInteger looks = new AtomicInteger();
        boolean taken =
                allowance.take(
                        () -> {
                            if (looks.getAndIncrement() > 0) {
                                return 0;
                            }
                            meanwhile.run();
                            return 3;
                        },
                        2);

        assertThat(taken).as("of those that are gone").isFalse();
        assertThat(looks).hasValue(2);
    }
}
