package tofu.engine.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The text headers of the wire spec, section 1, read and written byte by byte in the plainest way.
final class NaiveLines {
    private NaiveLines() {}

    /// One header as it is read.
    record Line(byte[] name, byte[] value) {
        boolean isNamed(String text) {
            return Arrays.equals(name, text.getBytes(UTF_8));
        }

        String nameText() {
            return new String(name, UTF_8);
        }

        String valueText() {
            return new String(value, UTF_8);
        }
    }

    /// Reads all headers, up to one with an empty name.
    static List<Line> parse(byte[] bytes) {
        List<Line> lines = new ArrayList<>();
        int start = 0;
        while (start < bytes.length) {
            int end = start;
            while (end < bytes.length && !isLineEnd(bytes, end)) {
                end++;
            }
            if (end > start) {
                Line line = line(bytes, start, end);
                if (line == null) {
                    return lines;
                }
                lines.add(line);
            }
            start = end + 2;
        }
        return lines;
    }

    private static boolean isLineEnd(byte[] bytes, int at) {
        return bytes[at] == '\r' && at + 1 < bytes.length && bytes[at + 1] == '\n';
    }

    private static @Nullable Line line(byte[] bytes, int start, int end) {
        int colon = start;
        while (colon < end && bytes[colon] != ':') {
            colon++;
        }
        if (colon == start) {
            return null;
        }
        int first = Math.min(colon + 1, end);
        int last = end;
        while (first < last && (bytes[first] == ' ' || bytes[first] == '\t')) {
            first++;
        }
        while (first < last && (bytes[last - 1] == ' ' || bytes[last - 1] == '\t')) {
            last--;
        }
        return new Line(
                Arrays.copyOfRange(bytes, start, colon), Arrays.copyOfRange(bytes, first, last));
    }

    /// The headers with one more.
    ///
    /// @return all of them, `null` if the name or the value must be refused
    static byte @Nullable [] appended(byte[] bytes, String name, String value) {
        if (!isGood(name, ":\r\n\0") || !isGood(value, "\r\n\0")) {
            return null;
        }
        if (" \t".indexOf(name.charAt(0)) >= 0
                || " \t".indexOf(name.charAt(name.length() - 1)) >= 0) {
            return null;
        }
        boolean whole =
                bytes.length == 0 || (bytes.length >= 2 && isLineEnd(bytes, bytes.length - 2));
        String line = (whole ? "" : "\r\n") + name + ":" + value + "\r\n";
        byte[] added = line.getBytes(UTF_8);
        byte[] all = Arrays.copyOf(bytes, bytes.length + added.length);
        System.arraycopy(added, 0, all, bytes.length, added.length);
        return all;
    }

    /// Whether a text is not empty, is its own UTF-8, and has none of the bad characters.
    private static boolean isGood(String text, String bad) {
        return !text.isEmpty()
                && text.chars().noneMatch(c -> bad.indexOf(c) >= 0)
                && new String(text.getBytes(UTF_8), UTF_8).equals(text);
    }
}
