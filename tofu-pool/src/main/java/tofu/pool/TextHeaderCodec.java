package tofu.pool;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;
import tofu.api.AmpeException;
import tofu.api.Status;

/// Text headers as bytes: `name:value\r\n` (wire spec, section 1).
///
/// Written: name and value verbatim, neither is empty, and neither has a character that would end
/// it early or that is no text; the name has no blank at its ends, which a peer might trim. Read:
/// lenient, see [SlabHeaders].
///
/// Threads: any.
public final class TextHeaderCodec {
    private static final byte CR = '\r';
    private static final byte LF = '\n';
    private static final byte COLON = ':';

    private TextHeaderCodec() {}

    /// One header as it travels.
    ///
    /// @param before what goes before it: nothing, or the CRLF that the header before it lacks
    /// @throws AmpeException with [Status#INVALID_HEADER]
    static byte[] line(String before, String name, String value) {
        check("name", name, ':');
        check("value", value, '\n');
        if (isBlank(name.charAt(0)) || isBlank(name.charAt(name.length() - 1))) {
            throw new AmpeException(
                    Status.INVALID_HEADER, "the name has a blank at its ends: '" + name + "'");
        }
        return (before + name + ":" + value + "\r\n").getBytes(StandardCharsets.UTF_8);
    }

    /// Reads all headers of a frame that nobody leases, such as one that is only passed on; by the
    /// rules of [SlabHeaders].
    ///
    /// @param frame has the headers
    /// @param start where they begin
    /// @param end where they end
    /// @param each is given the name and the value of each, in order
    public static void read(
            MemorySegment frame, int start, int end, BiConsumer<String, String> each) {
        int following = start;
        while (following < end) {
            int line = following;
            int lineEnd = lineEnd(frame, line, end);
            following = Math.min(lineEnd + 2, end);
            int nameEnd = nameEnd(frame, line, lineEnd);
            if (nameEnd > line) {
                int valueEnd = trimmedEnd(frame, Math.min(nameEnd + 1, lineEnd), lineEnd);
                int value = trimmedStart(frame, Math.min(nameEnd + 1, lineEnd), valueEnd);
                each.accept(text(frame, line, nameEnd), text(frame, value, valueEnd));
            } else if (lineEnd > line) {
                return; // an empty name ends it, whatever follows
            }
        }
    }

    /// Where the line that begins at `start` ends: at its CRLF, or at `end`.
    static int lineEnd(MemorySegment frame, int start, int end) {
        for (int i = start; i < end - 1; i++) {
            if (at(frame, i) == CR && at(frame, i + 1) == LF) {
                return i;
            }
        }
        return end;
    }

    /// Where the name ends: at the first colon, or with the line.
    static int nameEnd(MemorySegment frame, int start, int lineEnd) {
        int i = start;
        while (i < lineEnd && at(frame, i) != COLON) {
            i++;
        }
        return i;
    }

    static int trimmedStart(MemorySegment frame, int start, int end) {
        int i = start;
        while (i < end && isBlank(at(frame, i))) {
            i++;
        }
        return i;
    }

    static int trimmedEnd(MemorySegment frame, int start, int end) {
        int i = end;
        while (i > start && isBlank(at(frame, i - 1))) {
            i--;
        }
        return i;
    }

    /// Compares without allocating as long as the text is ASCII.
    static boolean matches(MemorySegment frame, int start, int end, String text) {
        if (text.length() > end - start) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                if (halfPair(text) >= 0) {
                    return false; // would be compared as a question mark
                }
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                return MemorySegment.mismatch(
                                frame, start, end, MemorySegment.ofArray(bytes), 0, bytes.length)
                        < 0;
            }
            if (text.charAt(i) != at(frame, start + i)) {
                return false;
            }
        }
        return text.length() == end - start;
    }

    static String text(MemorySegment frame, int start, int end) {
        byte[] bytes = new byte[end - start];
        MemorySegment.copy(frame, ValueLayout.JAVA_BYTE, start, bytes, 0, bytes.length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /// Whether text headers end as they should: a peer may have left out the last CRLF.
    static boolean endsLine(MemorySegment frame, int start, int end) {
        return start == end
                || (end - start >= 2 && at(frame, end - 2) == CR && at(frame, end - 1) == LF);
    }

    /// Where a text has half a surrogate pair: UTF-8 knows no such thing, and Java would write a
    /// question mark instead.
    ///
    /// @return the index, -1 if all of it is text
    static int halfPair(CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            if (isHalfPair(text, i)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isHalfPair(CharSequence text, int index) {
        char c = text.charAt(index);
        if (!Character.isSurrogate(c)) {
            return false;
        }
        return Character.isHighSurrogate(c)
                ? index + 1 == text.length() || !Character.isLowSurrogate(text.charAt(index + 1))
                : index == 0 || !Character.isHighSurrogate(text.charAt(index - 1));
    }

    private static void check(String what, String text, char alsoBad) {
        if (text.isEmpty()) {
            throw new AmpeException(Status.INVALID_HEADER, "the " + what + " is empty");
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\r' || c == '\n' || c == 0 || c == alsoBad || isHalfPair(text, i)) {
                throw new AmpeException(
                        Status.INVALID_HEADER,
                        "the " + what + " has the character " + (int) c + " at index " + i);
            }
        }
    }

    private static boolean isBlank(int character) {
        return character == ' ' || character == '\t';
    }

    private static byte at(MemorySegment frame, int offset) {
        return frame.get(ValueLayout.JAVA_BYTE, offset);
    }
}
