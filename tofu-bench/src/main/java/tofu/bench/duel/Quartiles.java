package tofu.bench.duel;

import java.util.Arrays;

/// The middle of some figures, and the two values that half of them lie between.
record Quartiles(double lower, double median, double upper) {
    /// Sums up; NaN if there are none.
    static Quartiles of(double... figures) {
        double[] sorted = figures.clone();
        Arrays.sort(sorted);
        return new Quartiles(at(sorted, 0.25), at(sorted, 0.5), at(sorted, 0.75));
    }

    /// The value at a fraction of the way, between two neighbours in proportion.
    private static double at(double[] sorted, double fraction) {
        if (sorted.length == 0) {
            return Double.NaN;
        }
        double place = fraction * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
