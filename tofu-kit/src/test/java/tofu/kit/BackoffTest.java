package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {
    @Test
    void eachWaitMayBeTwiceAsLongUpToTheLimit() {
        Backoff backoff = new Backoff(Duration.ofMillis(10), Duration.ofMillis(50));
        for (int limit : new int[] {10, 20, 40, 50, 50, 50}) {
            assertThat(backoff.next())
                    .isBetween(Duration.ofMillis(limit / 2), Duration.ofMillis(limit));
        }
    }

    @Test
    void anotherOneBeginsAnew() {
        Backoff backoff = new Backoff(Duration.ofMillis(10), Duration.ofHours(1));
        backoff.next();
        backoff.next();
        assertThat(backoff.another().next()).isBetween(Duration.ofMillis(5), Duration.ofMillis(10));
        assertThat(backoff.another().longest()).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void successBeginsAnew() {
        Backoff backoff = new Backoff(Duration.ofMillis(10), Duration.ofHours(1));
        for (int i = 0; i < 10; i++) {
            backoff.next();
        }
        backoff.reset();
        assertThat(backoff.next()).isBetween(Duration.ofMillis(5), Duration.ofMillis(10));
    }
}
