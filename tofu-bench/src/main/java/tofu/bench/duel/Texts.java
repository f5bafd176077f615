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

    /// The least and the greatest.
    static String spread(Figure figure, Spread spread) {
        return figure(figure, spread.min()) + " to " + figure(figure, spread.max());
    }

    /// Both sides of a row: receiver and driver.
    static String sides(String format, double receiver, double driver) {
        return number(format, receiver) + " / " + number(format, driver);
    }
}
