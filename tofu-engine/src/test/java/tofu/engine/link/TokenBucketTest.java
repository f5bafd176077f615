package tofu.engine.link;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// So many at once, then one for each fraction of a second.
class TokenBucketTest {
    private static final long SECOND = 1_000_000_000;

    /// The clock wraps around.
    private long now = Long.MAX_VALUE - 2 * SECOND;

    private int takeAll(TokenBucket bucket) {
        int taken = 0;
        while (taken < 10_000_000 && bucket.take(now)) {
            taken++;
        }
        return taken;
    }

    @Test
    void aFullOneGivesASecondsWorthAtOnce() {
        for (int perSecond : new int[] {1, 2, 3, 7, 1_000, 999_999, 1_000_000}) {
            assertThat(takeAll(new TokenBucket(perSecond))).isEqualTo(perSecond);
        }
    }

    @Test
    void anEmptyOneGivesOneForEachFractionOfASecond() {
        TokenBucket bucket = new TokenBucket(4);
        takeAll(bucket);
        now += SECOND / 4 - 1;
        assertThat(bucket.take(now)).isFalse();
        now += 1;
        assertThat(takeAll(bucket)).isOne();
        now += SECOND / 2;
        assertThat(takeAll(bucket)).isEqualTo(2);
    }

    @Test
    void aLongRestIsWorthNoMoreThanASecond() {
        TokenBucket bucket = new TokenBucket(4);
        takeAll(bucket);
        now += 3_600 * SECOND; // the clock has wrapped around
        assertThat(takeAll(bucket)).isEqualTo(4);
    }

    @Test
    void whoIsRefusedUsesNothingUp() {
        TokenBucket bucket = new TokenBucket(1);
        assertThat(bucket.take(now)).isTrue();
        for (int i = 0; i < 1_000; i++) {
            now += SECOND / 1_000;
            assertThat(bucket.take(now)).isEqualTo(i == 999);
        }
    }

    @Test
    void oneWithoutALimitNeverEnds() {
        assertThat(takeAll(new TokenBucket(0))).isEqualTo(10_000_000);
    }
}
