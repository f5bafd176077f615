package tofu.cli;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;

/// Objects of JSON, one in a line.
public final class Json {
    private Json() {}

    /// Writes an object, or any other value. What is no plain character is written as an escape of
    /// JSON, so that a line of it may be looked at on a terminal, and says the same.
    ///
    /// @param value a map, list, text, number or boolean
    /// @return one line
    public static String line(Object value) {
        try {
            return escaped(JSON.std.asString(value));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // there is no file
        }
    }

    /// Of what is left here such characters are within texts only.
    private static String escaped(String json) {
        if (json.codePoints().allMatch(Escapes::isPlain)) {
            return json;
        }
        StringBuilder escaped = new StringBuilder(json.length());
        json.codePoints().forEach(c -> append(escaped, c));
        return escaped.toString();
    }

    private static void append(StringBuilder escaped, int c) {
        if (Escapes.isPlain(c)) {
            escaped.appendCodePoint(c);
        } else {
            for (char half : Character.toChars(c)) {
                escaped.append(String.format(Locale.ROOT, "\\u%04X", (int) half));
            }
        }
    }

    /// Reads an object.
    ///
    /// @param line JSON
    /// @param where what to call it if it is wrong
    /// @return its members
    /// @throws Failure if it is no object of JSON
    public static Map<String, Object> parse(String line, String where) throws Failure {
        try {
            Map<String, Object> object = JSON.std.mapFrom(line);
            if (object == null) { // for null, which is JSON
                throw new Failure(ExitCode.FILE, where + " is no object of JSON: null");
            }
            return object;
        } catch (JacksonException e) {
            throw new Failure(ExitCode.FILE, where + " is no JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new Failure(ExitCode.FILE, where + " is no object of JSON: " + e.getMessage());
        }
    }
}
