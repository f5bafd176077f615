package tofu.pool;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import tofu.api.AmpeException;
import tofu.api.Status;

/// Text headers as bytes: `name:value\r\n` (wire spec, section 1).
///
/// Written: the name is trimmed of space and tab, the value is verbatim, neither is empty, and
/// neither has a character that would end it early. Read: lenient, see [SlabHeaders].
///
/// Threads: any.
final class TextHeaderCodec {
    private static final byte CR = '\r';
    private static final byte LF = '\n';
    private static final byte COLON = ':';

    private TextHeaderCodec() {}

    /// One header as it travels.
    ///
    /// @throws AmpeException with [Status#INVALID_HEADER]
    static byte[] line(String name, String value) {
        byte[] nameBytes = trimmed(name).getBytes(StandardCharsets.UTF_8);
        byte[] valueBytes = value.getBytes(StandardCharsets.UTF_8);
        check("name", nameBytes, COLON);
        check("value", valueBytes, LF);
        int colon = nameBytes.length;
        byte[] line = Arrays.copyOf(nameBytes, colon + 1 + valueBytes.length + 2);
        line[colon] = COLON;
        System.arraycopy(valueBytes, 0, line, colon + 1, valueBytes.length);
        line[line.length - 2] = CR;
        line[line.length - 1] = LF;
        return line;
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
                return text(frame, start, end).equals(text);
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

    private static String trimmed(String name) {
        int start = 0;
        int end = name.length();
        while (start < end && isBlank(name.charAt(start))) {
            start++;
        }
        while (end > start && isBlank(name.charAt(end - 1))) {
            end--;
        }
        return name.substring(start, end);
    }

    private static void check(String what, byte[] bytes, byte alsoBad) {
        if (bytes.length == 0) {
            throw new AmpeException(Status.INVALID_HEADER, "the " + what + " is empty");
        }
        for (int i = 0; i < bytes.length; i++) {
            byte b = bytes[i];
            if (b == CR || b == LF || b == 0 || b == alsoBad) {
                throw new AmpeException(
                        Status.INVALID_HEADER,
                        "the " + what + " has the byte " + b + " at index " + i);
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
