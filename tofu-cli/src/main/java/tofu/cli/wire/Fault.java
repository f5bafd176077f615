package tofu.cli.wire;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;
import tofu.api.OpCode;
import tofu.cli.Quantities;

/// One rule of a schedule: what is done to which frames, and when.
///
/// As text: what to do, then conditions, with commas between them. All conditions have to hold.
///
/// ```
/// delay=50ms | throttle=100k | drop | cut[=BYTES]
///     to=client|server   of one direction only
///     from=TIME          from so long after the connection was made
///     until=TIME         until then
///     frames=N[-[M]]     of a direction, counted from 1
///     every=N            each N-th of a direction
///     op=OP_CODE         such as request
/// ```
///
/// Immutable.
final class Fault {
    /// What is done.
    enum Kind {
        /// Passes bytes on later, in order; the value is in nanoseconds.
        DELAY,
        /// Passes bytes on slowly; the value is in bytes a second.
        THROTTLE,
        /// Passes a frame not on.
        DROP,
        /// Breaks the connection after so many bytes of the frame, before its first one if not
        /// said.
        CUT
    }

    /// Reads faults for picocli.
    static final class Reader implements ITypeConverter<Fault> {
        @Override
        public Fault convert(String text) {
            return parse(text);
        }
    }

    private static final Pattern FRAMES = Pattern.compile("(\\d{1,9})(-(\\d{0,9}))?");
    private static final int ANY = -1;

    private final String text;
    private final Kind kind;
    private final long value;
    private @Nullable Side receiver;
    private long fromNanos;
    private long untilNanos = Long.MAX_VALUE;
    private long firstFrame = 1;
    private long lastFrame = Long.MAX_VALUE;
    private long every = 1;
    private int opCode = ANY;

    private Fault(String text, Kind kind, long value) {
        this.text = text;
        this.kind = kind;
        this.value = value;
    }

    /// Reads a rule.
    ///
    /// @throws TypeConversionException if it makes no sense
    static Fault parse(String text) {
        List<String> parts = List.of(text.split(",", -1));
        Fault fault = action(text, parts.getFirst());
        for (String condition : parts.subList(1, parts.size())) {
            int equals = condition.indexOf('=');
            if (equals < 0) {
                throw wrong(text, "'" + condition + "' is no condition");
            }
            fault.add(condition.substring(0, equals), condition.substring(equals + 1));
        }
        return fault;
    }

    private static Fault action(String text, String action) {
        int equals = action.indexOf('=');
        String name = equals < 0 ? action : action.substring(0, equals);
        String value = equals < 0 ? "" : action.substring(equals + 1);
        return switch (name) {
            case "delay" -> new Fault(text, Kind.DELAY, Quantities.duration(value).toNanos());
            case "throttle" -> {
                long bytes = Quantities.bytes(value);
                if (bytes == 0) {
                    throw wrong(text, "to throttle takes a byte a second at least");
                }
                yield new Fault(text, Kind.THROTTLE, bytes);
            }
            case "drop" -> new Fault(text, Kind.DROP, 0);
            case "cut" -> new Fault(text, Kind.CUT, value.isEmpty() ? 0 : Quantities.bytes(value));
            default -> throw wrong(text, "begins with delay=, throttle=, drop or cut");
        };
    }

    private void add(String name, String value) {
        switch (name) {
            case "to" -> receiver = side(value);
            case "from" -> fromNanos = nanos(value);
            case "until" -> untilNanos = nanos(value);
            case "every" -> every = number(value);
            case "frames" -> {
                Matcher range = FRAMES.matcher(value);
                if (!range.matches()) {
                    throw wrong(text, "frames= takes N, N- or N-M");
                }
                firstFrame = number(range.group(1));
                String last = range.group(3);
                if (range.group(2) == null) {
                    lastFrame = firstFrame;
                } else if (last != null && !last.isEmpty()) {
                    lastFrame = number(last);
                }
            }
            case "op" -> {
                try {
                    opCode = OpCode.valueOf(value.toUpperCase(Locale.ROOT)).code();
                } catch (IllegalArgumentException e) {
                    throw wrong(text, "there is no op code " + value);
                }
            }
            default -> throw wrong(text, "there is no condition " + name);
        }
    }

    private Side side(String value) {
        for (Side side : Side.values()) {
            if (side.toString().equals(value)) {
                return side;
            }
        }
        throw wrong(text, "to= takes client or server");
    }

    private static long nanos(String value) {
        Duration duration = Quantities.duration(value);
        return duration.toNanos();
    }

    private long number(String value) {
        if (!value.matches("\\d{1,9}") || value.matches("0+")) {
            throw wrong(text, "'" + value + "' is no number from 1 on");
        }
        return Long.parseLong(value);
    }

    private static TypeConversionException wrong(String text, String why) {
        return new TypeConversionException("'" + text + "' is no fault: " + why);
    }

    Kind kind() {
        return kind;
    }

    /// Nanoseconds, bytes a second, or bytes; see [Kind].
    long value() {
        return value;
    }

    /// Whether this is to be done to a frame.
    ///
    /// @param sender whose frame it is
    /// @param number of the frame, from 1 on in its direction
    /// @param op the number of its op code
    /// @param atNanos when it came, since the connection was made
    boolean concerns(Side sender, long number, int op, long atNanos) {
        return (receiver == null || receiver == sender.other())
                && atNanos >= fromNanos
                && atNanos < untilNanos
                && number >= firstFrame
                && number <= lastFrame
                && number % every == 0
                && (opCode == ANY || opCode == op);
    }

    /// Whether this is a cut that waits for a time and for no frame, nor for bytes of one.
    boolean isTimedCut() {
        return kind == Kind.CUT
                && value == 0
                && fromNanos > 0
                && receiver == null
                && firstFrame == 1
                && lastFrame == Long.MAX_VALUE
                && every == 1
                && opCode == ANY;
    }

    /// When it begins, since the connection was made.
    long fromNanos() {
        return fromNanos;
    }

    @Override
    public String toString() {
        return text;
    }

    /// What all rules together do to a frame.
    ///
    /// @param isDropped whether it is not passed on
    /// @param cutAfter how many of its bytes are passed on before the connection is broken; -1: all
    /// @param delayNanos how much later it is passed on
    /// @param bytesPerSecond how fast at most
    record Verdict(boolean isDropped, long cutAfter, long delayNanos, long bytesPerSecond) {
        /// As if there were no rules.
        static final Verdict NONE = new Verdict(false, -1, 0, Long.MAX_VALUE);
    }

    /// Asks all rules.
    static Verdict judge(List<Fault> rules, Side sender, long number, int op, long atNanos) {
        if (rules.isEmpty()) {
            return Verdict.NONE;
        }
        boolean dropped = false;
        long cutAfter = -1;
        long delayNanos = 0;
        long bytesPerSecond = Long.MAX_VALUE;
        List<Fault> concerned = new ArrayList<>(rules);
        concerned.removeIf(rule -> !rule.concerns(sender, number, op, atNanos));
        for (Fault rule : concerned) {
            switch (rule.kind) {
                case DELAY -> delayNanos += rule.value;
                case THROTTLE -> bytesPerSecond = Math.min(bytesPerSecond, rule.value);
                case DROP -> dropped = true;
                case CUT -> cutAfter = cutAfter < 0 ? rule.value : Math.min(cutAfter, rule.value);
            }
        }
        return new Verdict(dropped, cutAfter, delayNanos, bytesPerSecond);
    }
}
