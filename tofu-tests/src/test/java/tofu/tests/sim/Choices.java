package tofu.tests.sim;

import java.util.List;
import java.util.SplittableRandom;

/// Where a world takes its decisions from. The same decisions make the same world.
///
/// Thread: one. Zero is always the plain choice, so that a list that is shortened, or whose numbers
/// get smaller, makes a simpler world.
@FunctionalInterface
interface Choices {
    /// Decides.
    ///
    /// @param bound how many possibilities there are, at least 1
    /// @return 0 to `bound` - 1
    int below(int bound);

    /// Decides whether something rare happens.
    default boolean oneIn(int bound) {
        return below(bound) == bound - 1;
    }

    /// Picks one of several.
    default <T> T of(List<T> possibilities) {
        return possibilities.get(below(possibilities.size()));
    }

    /// Decisions without end, all of them from one number.
    static Choices seeded(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return random::nextInt;
    }

    /// The decisions of a list; plain ones when it is over.
    static Choices listed(List<Integer> decisions) {
        int[] next = {0};
        return bound ->
                next[0] < decisions.size() ? Math.floorMod(decisions.get(next[0]++), bound) : 0;
    }
}
