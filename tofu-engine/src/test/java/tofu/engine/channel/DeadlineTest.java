package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static tofu.engine.channel.Deadline.NONE;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class DeadlineTest {
    private static final long LONGEST = 1L << 62;

    @Test
    void aDeadlineIsDueFromItsTimeOn() {
        long deadline = Deadline.after(100, 20);

        assertThat(Deadline.isDue(deadline, 119)).isFalse();
        assertThat(Deadline.isDue(deadline, 120)).isTrue();
        assertThat(Deadline.isDue(deadline, 121)).isTrue();
    }

    @Test
    void noDeadlineIsNeverDue() {
        assertThat(Deadline.isDue(NONE, 0)).isFalse();
        assertThat(Deadline.isDue(NONE, Long.MAX_VALUE)).isFalse();
        assertThat(Deadline.isDue(NONE, Long.MIN_VALUE)).isFalse();
    }

    @Test
    void aDeadlineMayLieBehindTheEndOfNumbers() {
        long now = Long.MAX_VALUE - 5;
        long deadline = Deadline.after(now, 10);

        assertThat(deadline).isNegative();
        assertThat(Deadline.isDue(deadline, now)).isFalse();
        assertThat(Deadline.isDue(deadline, Long.MAX_VALUE)).isFalse();
        assertThat(Deadline.isDue(deadline, Long.MIN_VALUE + 3)).isFalse();
        assertThat(Deadline.isDue(deadline, Long.MIN_VALUE + 4)).isTrue();
    }

    @Test
    void aDeadlineThatFallsOnNoneIsOneNanosecondEarly() {
        long deadline = Deadline.after(Long.MAX_VALUE - 7, 7);

        assertThat(deadline).isEqualTo(Long.MAX_VALUE - 1);
        assertThat(Deadline.isDue(deadline, Long.MAX_VALUE - 1)).isTrue();
    }

    @Test
    void anyDeadlineIsEarlierThanNone() {
        assertThat(Deadline.earlier(NONE, NONE)).isEqualTo(NONE);
        assertThat(Deadline.earlier(NONE, -3)).isEqualTo(-3);
        assertThat(Deadline.earlier(Long.MAX_VALUE - 1, NONE)).isEqualTo(Long.MAX_VALUE - 1);
        assertThat(Deadline.earlier(Long.MIN_VALUE, NONE)).isEqualTo(Long.MIN_VALUE);
    }

    @Property
    void aDeadlineIsDueAfterItsTimeAndNotBefore(
            @ForAll long now, @ForAll @LongRange(min = 2, max = LONGEST) long timeout) {
        long deadline = Deadline.after(now, timeout);

        assertThat(deadline).isNotEqualTo(NONE);
        assertThat(Deadline.isDue(deadline, now)).isFalse();
        assertThat(Deadline.isDue(deadline, now + timeout - 2)).isFalse();
        assertThat(Deadline.isDue(deadline, now + timeout)).isTrue();
    }

    @Property
    void theEarlierOfTwoIsTheOneThatIsDueFirst(
            @ForAll long now,
            @ForAll @LongRange(min = 0, max = LONGEST) long one,
            @ForAll @LongRange(min = 0, max = LONGEST) long other) {
        long first = Deadline.after(now, one);
        long second = Deadline.after(now, other);

        long earlier = Deadline.earlier(first, second);

        assertThat(earlier).isEqualTo(Deadline.earlier(second, first));
        assertThat(earlier).isEqualTo(Deadline.after(now, Math.min(one, other)));
    }
}
