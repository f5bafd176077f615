package tofu.tests.scenarios;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Received;

/// A recording of two processes of the Zig reference that talk over TCP.
///
/// @param sent the frames in the order in which they were sent
/// @param seen what the client's application received, one line each, see [#seen(Received)]
record Transcript(List<Sent> sent, List<String> seen) {
    /// Who sent a frame, and the frame.
    record Sent(boolean byClient, Frame frame) {}

    private static final Pattern PART =
            Pattern.compile("([CS])>[CS]   (hdr |thdr|body) ([0-9a-f |]+?)\\s*(?:#.*)?");

    private static final Pattern SEEN =
            Pattern.compile(
                    "#   (?:RECV|ENG ) ch=\\d+ op=(\\w+) proto=\\w+ origin=(\\w+) more=(\\d)"
                            + " ia=(\\d) ib=0 status=(\\d+)\\(\\w+\\) mid=(\\d+)"
                            + " thl=(\\d+) bl=(\\d+)(.*)");

    /// Reads a recording from the test resources.
    static Transcript read(String name) {
        String path = "/transcripts/" + name + ".txt";
        try (InputStream in = Transcript.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new AssertionError("no resource " + path);
            }
            return parse(new String(in.readAllBytes(), UTF_8).lines().toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Transcript parse(List<String> lines) {
        List<Sent> sent = new ArrayList<>();
        List<String> seen = new ArrayList<>();
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        boolean byClient = false;
        for (String line : lines) {
            Matcher part = PART.matcher(line);
            boolean isPart = part.matches();
            boolean ends = !isPart || part.group(2).equals("hdr ");
            if (ends && frame.size() > 0) {
                sent.add(new Sent(byClient, Frame.parse(frame.toByteArray())));
                frame.reset();
            }
            if (isPart) {
                byClient = part.group(1).equals("C");
                frame.writeBytes(HexFormat.of().parseHex(part.group(3).replaceAll("[ |]", "")));
            }
            Matcher saw = SEEN.matcher(line);
            if (saw.matches()) {
                seen.add(seen(saw));
            }
        }
        return new Transcript(List.copyOf(sent), List.copyOf(seen));
    }

    private static String seen(Matcher line) {
        return String.join(
                " ",
                line.group(1),
                line.group(2),
                "more=" + line.group(3),
                "oob=" + line.group(4),
                "status=" + line.group(5),
                "id=" + line.group(6),
                "headers=" + line.group(7),
                "body=" + line.group(8) + line.group(9));
    }

    /// Spells what our application received as a recording does.
    static String seen(Received received) {
        StringBuilder headers = new StringBuilder();
        received.headers()
                .forEach((name, value) -> headers.append(" [" + name + "=" + value + "]"));
        return String.join(
                " ",
                camelCase(received.opCode().name()),
                received.header().origin().name().toLowerCase(java.util.Locale.ROOT),
                "more=" + bit(received.header().more()),
                "oob=" + bit(received.header().outOfBand()),
                "status=" + received.status().code(),
                "id=" + Long.toUnsignedString(received.id()),
                "headers=" + received.header().headersLength(),
                "body=" + received.header().bodyLength() + headers);
    }

    private static int bit(boolean flag) {
        return flag ? 1 : 0;
    }

    /// `HELLO_REQUEST` as `HelloRequest`.
    private static String camelCase(String constant) {
        StringBuilder name = new StringBuilder();
        for (String word : constant.split("_", -1)) {
            name.append(word.charAt(0));
            name.append(word.substring(1).toLowerCase(java.util.Locale.ROOT));
        }
        return name.toString();
    }
}
