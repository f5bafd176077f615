package tofu.bench.duel;

import java.util.Arrays;
import java.util.Collection;

/// The median of some figures, and how far they lie apart. All NaN if there are none.
///
/// @param median the middle one, or the mean of the two in the middle
/// @param min the least
/// @param max the greatest
/// @param count how many there are
record Spread(double median, double min, double max, int count) {
    /// Sums up; what is NaN does not count.
    static Spread of(Collection<Double> figures) {
        double[] sorted =
                figures.stream().mapToDouble(d -> d).filter(d -> !Double.isNaN(d)).toArray();
        Arrays.sort(sorted);
        int count = sorted.length;
        if (count == 0) {
            return new Spread(Double.NaN, Double.NaN, Double.NaN, 0);
        }
        double median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
        return new Spread(median, sorted[0], sorted[count - 1], count);
    }
}
