package tofu.engine.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/// Whatever comes, and when: in no second are there more than twice as many as may be, a bucket
/// full and what is filled in meanwhile; and never less than one that counts would give.
class TokenBucketProperties {
    private static final long SECOND = 1_000_000_000;

    @Property
    void givesWhatOneThatCountsWouldGive(
            @ForAll @IntRange(min = 1, max = 20) int perSecond,
            @ForAll long start,
            @ForAll @Size(max = 100) List<@LongRange(min = 0, max = 400_000_000) Long> pauses) {
        TokenBucket bucket = new TokenBucket(perSecond);
        long cost = (SECOND + perSecond - 1) / perSecond;
        long full = cost * perSecond;
        long left = full; // in nanoseconds, of which one costs so many
        long passed = 0;
        List<Long> taken = new ArrayList<>();
        for (long pause : pauses) {
            passed += pause;
            left = Math.min(full, left + pause);
            boolean expected = left >= cost;
            assertThat(bucket.take(start + passed)).isEqualTo(expected);
            if (expected) {
                left -= cost;
                taken.add(passed);
            }
        }
        for (long from : taken) {
            assertThat(taken.stream().filter(at -> at >= from && at < from + SECOND))
                    .hasSizeLessThanOrEqualTo(2 * perSecond);
        }
    }
}
