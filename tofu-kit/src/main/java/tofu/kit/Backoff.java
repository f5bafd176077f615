package tofu.kit;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/// How long to wait before the next try: twice as long as the last time, up to a limit, and a bit
/// by chance, so that a thousand clients of one server do not come back all at once.
///
/// Threads: one.
public final class Backoff {
    private final Duration first;
    private final Duration longest;
    private Duration next;

    /// Makes a back-off.
    ///
    /// @param first the longest that the first wait may be, more than zero
    /// @param longest the longest that any wait may be, at least `first`, at most a day
    /// @throws IllegalArgumentException outside these ranges
    public Backoff(Duration first, Duration longest) {
        boolean ordered = first.isPositive() && first.compareTo(longest) <= 0;
        if (!ordered || longest.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException("not 0 < " + first + " <= " + longest + " <= 24 h");
        }
        this.first = first;
        this.longest = longest;
        this.next = first;
    }

    /// Another one of the same durations, which has not waited yet.
    Backoff another() {
        return new Backoff(first, longest);
    }

    /// The time to wait now, and from now on twice as much.
    ///
    /// @return between half and the whole of what it may be at most
    public Duration next() {
        long nanos = Math.max(next.toNanos(), 2);
        Duration doubled = next.multipliedBy(2);
        next = doubled.compareTo(longest) < 0 ? doubled : longest;
        return Duration.ofNanos(ThreadLocalRandom.current().nextLong(nanos / 2, nanos + 1));
    }

    /// The longest that any wait may be.
    ///
    /// @return the limit
    public Duration longest() {
        return longest;
    }

    /// It has worked: the next wait is a short one again.
    public void reset() {
        next = first;
    }
}
