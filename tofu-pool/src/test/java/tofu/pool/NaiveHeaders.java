package tofu.pool;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tofu.api.TextHeaders;

/// The text headers of the wire spec, section 1, read in the most obvious way: what the codec is
/// tested against. Bytes are handled as ISO 8859-1 text, so that each stays itself.
final class NaiveHeaders {
    private NaiveHeaders() {}

    /// One header as it is read.
    record Header(String name, String value) {}

    /// Splits on CRLF, then at the first colon; skips empty lines; ends at an empty name.
    static List<Header> parse(byte[] bytes) {
        List<Header> headers = new ArrayList<>();
        for (String line : new String(bytes, StandardCharsets.ISO_8859_1).split("\r\n", -1)) {
            int colon = line.indexOf(':');
            if (line.isEmpty()) {
                continue;
            }
            if (colon == 0) {
                break;
            }
            String name = colon < 0 ? line : line.substring(0, colon);
            String value = colon < 0 ? "" : line.substring(colon + 1);
            headers.add(new Header(utf8(name), utf8(trimmed(value))));
        }
        return headers;
    }

    /// What a cursor makes of the same bytes.
    static List<Header> walk(TextHeaders headers) {
        List<Header> walked = new ArrayList<>();
        TextHeaders.Cursor cursor = headers.cursor();
        while (cursor.next()) {
            walked.add(new Header(cursor.name(), cursor.value()));
        }
        return walked;
    }

    /// How headers are written.
    static byte[] write(List<Header> headers) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (Header header : headers) {
            bytes.writeBytes(
                    (header.name + ":" + header.value + "\r\n").getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    static String trimmed(String text) {
        return text.replaceAll("\\A[ \t]+", "").replaceAll("[ \t]+\\z", "");
    }

    private static String utf8(String latin1) {
        return new String(latin1.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
