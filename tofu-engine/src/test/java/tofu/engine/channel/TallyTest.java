package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tofu.engine.channel.Tally.Figure;

class TallyTest {
    private static Tally of(long sent, long queued, long most) {
        Tally tally = new Tally();
        tally.add(Figure.SENT_MESSAGES, sent);
        tally.add(Figure.QUEUED_MESSAGES, queued);
        tally.raise(Figure.MOST_QUEUED_MESSAGES, most);
        return tally;
    }

    private static void check(Tally tally, long sent, long queued, long most) {
        assertThat(tally.get(Figure.SENT_MESSAGES)).isEqualTo(sent);
        assertThat(tally.get(Figure.QUEUED_MESSAGES)).isEqualTo(queued);
        assertThat(tally.get(Figure.MOST_QUEUED_MESSAGES)).isEqualTo(most);
    }

    @Test
    void sumsAddCountersAndGaugesAndKeepTheGreaterMark() {
        Tally sum = of(3, 2, 7);
        sum.addAll(of(10, 5, 6));
        check(sum, 13, 7, 7);
        sum.addAll(of(0, 0, 9));
        check(sum, 13, 7, 9);
    }

    @Test
    void whatHasEndedHasNoGauges() {
        Tally ended = of(3, 2, 7);
        ended.dropGauges();
        check(ended, 3, 0, 7);
    }

    @Test
    void aDifferenceSubtractsCountersOnlyAndIsNeverNegative() {
        check(of(13, 4, 9).since(of(3, 7, 8)), 10, 4, 9);
        check(of(2, 0, 0).since(of(3, 0, 0)), 0, 0, 0);
    }

    @Test
    void aStallCountsOnceAndItsTimeWhileItGoesOn() {
        long start = Long.MAX_VALUE - 10; // times wrap around
        Stall stall = new Stall();
        checkStall(stall, start, 0, 0);
        stall.turn(true, start);
        assertThat(stall.isOn()).isTrue();
        checkStall(stall, start + 30, 1, 30);
        stall.turn(false, start + 50);
        assertThat(stall.isOn()).isFalse();
        checkStall(stall, start + 99, 1, 50);
        stall.turn(true, start + 100);
        checkStall(stall, start + 107, 2, 57);
        stall.turn(false, start + 110);
        checkStall(stall, start + 200, 2, 60);
    }

    /// The loop's time is that of its turn's beginning.
    @Test
    void aStallThatEndsBeforeItBeganTakesNothingFromOthers() {
        Stall stall = new Stall();
        stall.turn(true, 1_000);
        stall.turn(false, 1_100);
        stall.turn(true, 2_000);
        stall.turn(false, 1_400);
        checkStall(stall, 2_000, 2, 100);
        stall.turn(true, 3_000);
        checkStall(stall, 3_007, 3, 107);
    }

    private static void checkStall(Stall stall, long now, long count, long nanos) {
        Tally sum = new Tally();
        stall.addTo(sum, Figure.WRITE_BLOCKED, Figure.WRITE_BLOCKED_NANOS, now);
        assertThat(sum.get(Figure.WRITE_BLOCKED)).isEqualTo(count);
        assertThat(sum.get(Figure.WRITE_BLOCKED_NANOS)).isEqualTo(nanos);
    }
}
