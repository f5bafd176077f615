package tofu.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;
import tofu.api.Address;
import tofu.api.AmpeException;

/// Arguments that have units, or are addresses: how they are read and printed.
public final class Quantities {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(us|ms|s|m|h)");
    /// Far less than fits into nanoseconds.
    private static final Duration LONGEST = Duration.ofDays(365);

    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})([kKmM]?)");

    private Quantities() {}

    /// Reads a duration, as `250ms`.
    ///
    /// @param text a number with its unit
    /// @return the duration
    /// @throws TypeConversionException if it is none, or too long
    public static Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new TypeConversionException(
                    "'" + text + "' is no duration; a number with us, ms, s, m or h is, as 250ms");
        }
        long number = Long.parseLong(matcher.group(1));
        Duration duration = of(number, matcher.group(2));
        if (duration.compareTo(LONGEST) > 0) {
            throw new TypeConversionException("'" + text + "' is more than a year");
        }
        return duration;
    }

    private static Duration of(long number, String unit) {
        return switch (unit) {
            case "us" -> Duration.ofNanos(number * 1_000);
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofHours(number);
        };
    }

    /// Reads a number of bytes, as `64k`.
    ///
    /// @param text a number, with k (1,024) or m (1,048,576) behind it or nothing
    /// @return the bytes
    /// @throws TypeConversionException if it is none
    public static long bytes(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            throw new TypeConversionException(
                    "'" + text + "' is no number of bytes; as 100, 64k or 1m");
        }
        int shift =
                switch (matcher.group(2)) {
                    case "" -> 0;
                    case "k", "K" -> 10;
                    default -> 20;
                };
        return Long.parseLong(matcher.group(1)) << shift;
    }

    /// A number of bytes, for people.
    ///
    /// @param bytes the number
    /// @return as `64 KiB`
    public static String text(double bytes) {
        if (bytes < 1024) {
            return String.format(Locale.ROOT, "%.0f B", bytes);
        }
        double kib = bytes / 1024;
        String format = kib % 1 == 0 ? "%.0f %s" : "%.1f %s";
        return kib < 1024
                ? String.format(Locale.ROOT, format, kib, "KiB")
                : String.format(Locale.ROOT, "%.1f %s", kib / 1024, "MiB");
    }

    /// Nanoseconds, for people.
    ///
    /// @param nanos the number
    /// @return as `12.3 µs`
    public static String time(long nanos) {
        if (nanos < 1_000_000) {
            return String.format(Locale.ROOT, "%.1f µs", nanos / 1e3);
        }
        return nanos < 1_000_000_000
                ? String.format(Locale.ROOT, "%.2f ms", nanos / 1e6)
                : String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }

    /// Reads numbers of bytes for picocli.
    public static final class Bytes implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            return bytes(text);
        }
    }

    /// Reads where to connect to.
    ///
    /// @param text as in [Address#connectTo(String)]
    /// @return the address
    /// @throws TypeConversionException if it is none
    public static Address.Client client(String text) {
        try {
            return Address.connectTo(text);
        } catch (AmpeException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    /// Reads where to listen.
    ///
    /// @param text as in [Address#listenOn(String)]
    /// @return the address
    /// @throws TypeConversionException if it is none
    public static Address.Server server(String text) {
        try {
            return Address.listenOn(text);
        } catch (AmpeException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
