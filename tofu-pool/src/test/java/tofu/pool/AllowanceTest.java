package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

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
}
