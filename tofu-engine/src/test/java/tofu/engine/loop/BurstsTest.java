package tofu.engine.loop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// When messages come one upon the other.
class BurstsTest {
    private static final long BURST_NANOS = 10_000;
    private static final long FED_NANOS = 200_000;

    private long now = Long.MIN_VALUE + 5; // before it, time wraps around
    private final Bursts bursts = new Bursts(() -> now);

    @Test
    void thereIsNoneAtFirst() {
        assertThat(bursts.isBurst(now)).isFalse();
        assertThat(bursts.isFedBySenders()).isFalse();
    }

    @Test
    void whatComesSoonAfterAWriteIsOneOfMany() {
        now += 1_000_000;
        bursts.onWritten();
        assertThat(bursts.isBurst(now)).as("still writing").isFalse();
        bursts.noteWritten();

        assertThat(bursts.isBurst(now)).isTrue();
        assertThat(bursts.isBurst(now + BURST_NANOS - 1)).isTrue();
        assertThat(bursts.isBurst(now + BURST_NANOS)).isFalse();
    }

    @Test
    void writesAreNotedOnce() {
        bursts.onWritten();
        bursts.noteWritten();
        now += BURST_NANOS;
        bursts.noteWritten();

        assertThat(bursts.isBurst(now)).isFalse();
    }

    @Test
    void theKeeperTakesItForABurstForLonger() {
        bursts.onWritten();
        bursts.noteWritten();
        now += 5 * BURST_NANOS - 1;
        assertThat(bursts.isBursting()).isTrue();
        now++;
        assertThat(bursts.isBursting()).isFalse();
    }

    @Test
    void sendersWhoHaveSentRecentlyMostLikelyGoOnSo() {
        bursts.onFed();
        now += FED_NANOS - 1;
        assertThat(bursts.isFedBySenders()).isTrue();
        now++;
        assertThat(bursts.isFedBySenders()).isFalse();
    }
}
