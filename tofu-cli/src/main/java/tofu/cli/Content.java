package tofu.cli;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tofu.api.Address;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.TextHeaders;
import tofu.pool.HeaderLayout;
import tofu.pool.TextHeaderCodec;

/// A copy of what a message says, to be printed: as a line, or as the members of a JSON object.
public final class Content {
    /// A text header.
    ///
    /// @param name its name
    /// @param value its value, which may be empty
    public record Header(String name, String value) {}

    private final String op;
    private final int channel;
    private final long id;
    private final boolean more;
    private final boolean outOfBand;
    private final List<Header> headers;
    private final byte[] body;

    private Content(
            String op,
            int channel,
            long id,
            boolean more,
            boolean outOfBand,
            List<Header> headers,
            byte[] body) {
        this.op = op;
        this.channel = channel;
        this.id = id;
        this.more = more;
        this.outOfBand = outOfBand;
        this.headers = headers;
        this.body = body;
    }

    /// Reads a frame, whatever its op code.
    ///
    /// @param frame begins with a whole frame
    /// @return what it says
    public static Content ofFrame(byte[] frame) {
        ByteBuffer buffer = ByteBuffer.wrap(frame);
        long first = buffer.getLong(0);
        long second = buffer.getLong(HeaderLayout.SECOND_WORD);
        int headersEnd = HeaderLayout.LENGTH + HeaderLayout.headersLength(second);
        List<Header> headers = new ArrayList<>();
        TextHeaderCodec.read(
                MemorySegment.ofArray(frame),
                HeaderLayout.LENGTH,
                headersEnd,
                (name, value) -> headers.add(new Header(name, value)));
        byte[] body = new byte[HeaderLayout.bodyLength(second)];
        buffer.get(headersEnd, body);
        return new Content(
                op(HeaderLayout.opCode(first)),
                HeaderLayout.channel(first),
                HeaderLayout.id(first, second),
                HeaderLayout.more(first),
                HeaderLayout.outOfBand(first),
                headers,
                body);
    }

    /// Copies a message that was received.
    static Content of(Message message) {
        List<Header> headers = new ArrayList<>();
        TextHeaders.Cursor cursor = message.headers().cursor();
        while (cursor.next()) {
            headers.add(new Header(cursor.name(), cursor.value()));
        }
        return new Content(
                message.opCode().name(),
                message.channel(),
                message.id(),
                message.more(),
                message.outOfBand(),
                headers,
                message.body().toByteArray());
    }

    /// The name of an op code.
    ///
    /// @param number of the wire's four bits
    /// @return `OP_12` for one that is none
    public static String op(int number) {
        OpCode known = OpCode.of(number);
        return known == null ? "OP_" + number : known.name();
    }

    byte[] body() {
        return body.clone();
    }

    /// Whether another one says the same, but for what is each side's own: the channel's number,
    /// the address of a hello, and the id of a hello or bye.
    ///
    /// @param other what to compare with
    /// @return true if it is the same
    public boolean saysTheSameAs(Content other) {
        return op.equals(other.op)
                && (id == other.id || isHelloOrBye())
                && more == other.more
                && outOfBand == other.outOfBand
                && headersWithoutAddress().equals(other.headersWithoutAddress())
                && Arrays.equals(body, other.body);
    }

    /// Whether it is of the kinds whose id the engines choose.
    ///
    /// @return true if it is
    public boolean isHelloOrBye() {
        return op.startsWith("HELLO_") || op.startsWith("BYE_");
    }

    private List<Header> headersWithoutAddress() {
        return headers.stream().filter(h -> !h.name().equals(Address.CONNECT_TO)).toList();
    }

    /// One line for people.
    ///
    /// @param most how many characters of the body, or bytes if it is no text
    /// @return the line; what the peer has written is escaped
    public String line(int most) {
        StringBuilder line = new StringBuilder(op);
        line.append(" id=").append(Long.toUnsignedString(id));
        line.append(" channel=").append(channel);
        line.append(more ? " more" : "");
        line.append(outOfBand ? " out-of-band" : "");
        for (Header header : headers) {
            line.append(' ').append(Escapes.plain(header.name() + ":" + header.value()));
        }
        if (body.length > 0) {
            line.append(" body=").append(body.length);
            line.append(most > 0 ? " " + Escapes.preview(body, most) : "");
        }
        return line.toString();
    }

    /// The members of a JSON object; the body is `body` if it is text, `bodyHex` if it is not.
    ///
    /// @return a new map
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("op", op);
        json.put("channel", channel);
        json.put("id", new BigInteger(Long.toUnsignedString(id)));
        json.put("more", more);
        json.put("outOfBand", outOfBand);
        List<Map<String, String>> list = new ArrayList<>();
        for (Header header : headers) {
            Map<String, String> pair = new LinkedHashMap<>();
            pair.put("name", header.name());
            pair.put("value", header.value());
            list.add(pair);
        }
        json.put("headers", list);
        String text = Escapes.utf8(body);
        json.put(text == null ? "bodyHex" : "body", text == null ? hex(body) : text);
        return json;
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
