package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MessageCountTest {
    private final MessageCount count = new MessageCount(8);

    @Test
    void thereAreNoMoreThanTheLimitForThoseWhoKeepToIt() {
        for (int i = 0; i < 8; i++) {
            assertThat(count.addWithinLimit()).isTrue();
        }
        assertThat(count.addWithinLimit()).isFalse();
        assertThat(count.out()).as("one that was refused was not counted").isEqualTo(8);

        count.add();

        assertThat(count.subtract()).isEqualTo(8);
        assertThat(count.addWithinLimit()).isFalse();
        assertThat(count.subtract()).isEqualTo(7);
        assertThat(count.addWithinLimit()).isTrue();
    }

    @Test
    void aQuarterIsLeftByMagazines() {
        assertThat(count.addAtEase(7)).isFalse();
        assertThat(count.addAtEase(4)).isTrue();
        assertThat(count.addAtEase(3)).isFalse();
        assertThat(count.addAtEase(2)).isTrue();
        assertThat(count.isAtEase()).isTrue();
        assertThat(count.addAtEase(1)).isFalse();

        count.add();

        assertThat(count.isAtEase()).isFalse();
        count.subtract(3);
        assertThat(count.out()).isEqualTo(4);
        assertThat(count.isAtEase()).isTrue();
    }
}
