package tofu.pool;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;

/// How many more of something there may be, where to count what there is takes long: it is done
/// once for as many as may be then, and not for each of those that may not.
///
/// Threads: any.
final class Allowance {
    /// Above 0, so many more may be; below it, so many refusals are left.
    private final AtomicInteger left = new AtomicInteger();

    /// Takes one.
    ///
    /// @param count counts how many more there may be, 0 or less for none
    /// @param refusals how often the answer is no then, before they are counted again
    /// @return false if there may be none
    boolean take(IntSupplier count, int refusals) {
        int seen = left.get();
        while (seen != 0) {
            int then = seen > 0 ? seen - 1 : seen + 1;
            if (left.compareAndSet(seen, then)) {
                return seen > 0;
            }
            seen = left.get();
        }
        int counted = count.getAsInt();
        left.set(counted > 0 ? counted - 1 : -refusals);
        return counted > 0;
    }

    /// Whether some may be taken without counting.
    boolean isKnown() {
        return left.get() > 0;
    }

    /// Counts next time.
    void forget() {
        left.set(0);
    }
}
