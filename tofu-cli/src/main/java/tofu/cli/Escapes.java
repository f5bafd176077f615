package tofu.cli;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Text of strangers, made fit to be looked at: what is no plain character becomes an escape, so
/// that no message can move the cursor, change a title or break a line.
public final class Escapes {
    private Escapes() {}

    /// Escapes control characters, and those that change the direction of text.
    ///
    /// @param text any text
    /// @return the text in one line
    public static String plain(String text) {
        StringBuilder plain = new StringBuilder(text.length());
        text.codePoints().forEach(c -> append(plain, c));
        return plain.toString();
    }

    private static void append(StringBuilder plain, int c) {
        switch (c) {
            case '\n' -> plain.append("\\n");
            case '\r' -> plain.append("\\r");
            case '\t' -> plain.append("\\t");
            case '\\' -> plain.append("\\\\");
            default -> {
                if (isPlain(c)) {
                    plain.appendCodePoint(c);
                } else {
                    plain.append(String.format(Locale.ROOT, "\\u{%x}", c));
                }
            }
        }
    }

    /// Whether a character does nothing to a terminal but to be seen.
    ///
    /// @param c a code point
    static boolean isPlain(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    false;
            default -> true;
        };
    }

    /// Reads bytes as UTF-8.
    ///
    /// @param bytes any bytes
    /// @return the text, `null` if it is none
    public static @Nullable String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /// The beginning of some bytes: as text in quotes if they are text, else as hexadecimal.
    ///
    /// @param bytes any bytes
    /// @param most how many of them at most, at least 0
    /// @return one line; ends with an ellipsis if there is more
    public static String preview(byte[] bytes, int most) {
        String text = utf8(bytes);
        if (text == null) {
            int length = Math.min(most, bytes.length);
            String hex = HexFormat.ofDelimiter(" ").formatHex(bytes, 0, length);
            return hex + (length < bytes.length ? " …" : "");
        }
        int end = Math.min(most, text.length());
        if (end > 0 && end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
            end--;
        }
        return '"' + plain(text.substring(0, end)) + '"' + (end < text.length() ? "…" : "");
    }
}
