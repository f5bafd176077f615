package tofu.pool;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;

/// How many more of something there may be, where to count what there is takes long: it is done
/// once for as many as may be then, and not for each of those that may not.
///
/// Threads: any.
final class Allowance {
    private static final long COUNTED = 1L << 32;

    /// The low half: above 0, so many more may be; below it, so many refusals are left. The high
    /// half counts how often it was counted: so of several who count at once only one has his way,
    /// however late the others come.
    private final AtomicLong left = new AtomicLong();

    /// Takes one.
    ///
    /// @param count counts how many more there may be, 0 or less for none
    /// @param refusals how often the answer is no then, before they are counted again
    /// @return false if there may be none
    boolean take(IntSupplier count, int refusals) {
        while (true) {
            long seen = left.get();
            int known = (int) seen;
            int counted = known == 0 ? count.getAsInt() : known;
            int then = counted > 0 ? counted - 1 : known == 0 ? -refusals : known + 1;
            long next = seen - known + then + (known == 0 ? COUNTED : 0L);
            if (left.compareAndSet(seen, next)) {
                return counted > 0;
            }
        }
    }

    /// Whether some may be taken without counting.
    boolean isKnown() {
        return (int) left.get() > 0;
    }

    /// Counts next time.
    void forget() {
        long seen = left.get();
        while (!left.compareAndSet(seen, seen - (int) seen + COUNTED)) {
            seen = left.get();
        }
    }
}
