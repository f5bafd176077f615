package tofu.bench.duel;

import java.util.Locale;

/// Figures as text.
final class Texts {
    private Texts() {}

    /// A number; empty for NaN.
    static String number(String format, double value) {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, format, value);
    }

    /// A figure with as many digits as are worth reading.
    static String figure(Figure figure, double value) {
        return number(figure == Figure.RATE ? "%,.0f" : "%.1f", value);
    }

    /// The least and the greatest; empty if there is nothing.
    static String spread(Figure figure, Spread spread) {
        return spread.count() == 0
                ? ""
                : figure(figure, spread.min()) + " to " + figure(figure, spread.max());
    }

    /// Both sides of a row, receiver and driver; empty if neither was measured.
    static String sides(String format, double receiver, double driver) {
        boolean any = !Double.isNaN(receiver) || !Double.isNaN(driver);
        return any ? number(format, receiver) + " / " + number(format, driver) : "";
    }
}
