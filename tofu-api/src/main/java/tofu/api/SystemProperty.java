package tofu.api;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/// What system properties say; one that cannot be understood is refused by its name rather than
/// taken for its default.
///
/// Threads: any.
final class SystemProperty {
    private SystemProperty() {}

    /// A switch that is on unless a property says otherwise.
    ///
    /// @throws IllegalArgumentException if it is neither `true` nor `false`
    static boolean isOn(String property) {
        String text = System.getProperty(property, "true");
        if (text.equalsIgnoreCase("true")) {
            return true;
        }
        if (text.equalsIgnoreCase("false")) {
            return false;
        }
        throw bad(property, text, "true or false", null);
    }

    /// A number within its limits.
    ///
    /// @throws IllegalArgumentException if it is no such number
    static int number(String property, int absent, int min, int max) {
        String text = System.getProperty(property);
        if (text == null) {
            return absent;
        }
        String wanted = "a number from " + min + " to " + max;
        try {
            int number = Integer.parseInt(text);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw bad(property, text, wanted, e);
        }
        throw bad(property, text, wanted, null);
    }

    /// A duration from zero up to a longest one.
    ///
    /// @throws IllegalArgumentException if it is no such duration
    static Duration duration(String property, Duration absent, Duration longest) {
        String text = System.getProperty(property);
        if (text == null) {
            return absent;
        }
        String wanted = "a duration like " + absent + ", from PT0S to " + longest;
        try {
            Duration duration = Duration.parse(text);
            if (!duration.isNegative() && duration.compareTo(longest) <= 0) {
                return duration;
            }
        } catch (DateTimeParseException e) {
            throw bad(property, text, wanted, e);
        }
        throw bad(property, text, wanted, null);
    }

    private static IllegalArgumentException bad(
            String property, String text, String wanted, @Nullable Exception cause) {
        return new IllegalArgumentException(
                "the system property " + property + " is \"" + text + "\", must be " + wanted,
                cause);
    }
}
