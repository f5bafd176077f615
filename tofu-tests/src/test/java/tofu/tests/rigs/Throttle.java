package tofu.tests.rigs;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// How few bytes a socket moves at a time: 1 to 7, but for some calls.
///
/// @param seed decides the numbers
/// @param oneInFree of how many calls one moves as many bytes as there are; 0 for none
public record Throttle(long seed, int oneInFree) {
    private static final int MOST = 7;
    private static final AtomicInteger SEEDS = new AtomicInteger();

    /// What the sockets of a test suffer from; `null` for nothing.
    static @Nullable Throttle of(Class<?> test) {
        Throttled throttled = test.getAnnotation(Throttled.class);
        return throttled == null ? null : withNewSeed(throttled.oneInFree());
    }

    /// A throttle that nobody else has.
    public static Throttle withNewSeed(int oneInFree) {
        return new Throttle(System.nanoTime() + SEEDS.getAndIncrement(), oneInFree);
    }

    /// Draws how many bytes a call may move.
    int next(SplittableRandom random) {
        boolean free = oneInFree > 0 && random.nextInt(oneInFree) == 0;
        return free ? Integer.MAX_VALUE : 1 + random.nextInt(MOST);
    }
}
