package tofu.tests.rigs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import tofu.api.OpCode;

/// A frame on the wire (wire spec, section 1), written and read without any code of the product.
///
/// Bytes are spelled as text of the same length (ISO 8859-1), so that frames can be compared and
/// printed.
///
/// @param channel the sender's number for the channel, which a receiver ignores
/// @param proto the byte with the op code and the flags
/// @param status the status byte
/// @param id the message id
/// @param headers the text headers
/// @param body the body
public record Frame(int channel, int proto, int status, long id, String headers, String body) {
    static final int HEADER_LENGTH = 16;
    /// Flags, for [#withFlags(int)].
    public static final int ORIGIN = 0x10;
    public static final int MORE = 0x20;
    public static final int OUT_OF_BAND = 0x40;
    public static final int INTERNAL_B = 0x80;

    private static final int ANY_CHANNEL = 4711;

    /// A frame without text headers and body.
    public static Frame of(OpCode opCode, long id) {
        return new Frame(ANY_CHANNEL, opCode.code(), 0, id, "", "");
    }

    /// A frame without text headers.
    public static Frame of(OpCode opCode, long id, String body) {
        return of(opCode, id).withBody(body);
    }

    /// A client's first frame.
    public static Frame hello(long id) {
        return of(OpCode.HELLO_REQUEST, id).withHeaders("~connect_to:tcp|h|1\r\n");
    }

    /// Reads one frame.
    ///
    /// @param bytes exactly the frame
    public static Frame parse(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        int channel = buffer.getShort() & 0xFFFF;
        int proto = buffer.get() & 0xFF;
        int status = buffer.get() & 0xFF;
        long id = buffer.getLong();
        int headersLength = buffer.getShort() & 0xFFFF;
        buffer.getShort();
        String rest = new String(bytes, HEADER_LENGTH, bytes.length - HEADER_LENGTH, ISO_8859_1);
        String headers = rest.substring(0, headersLength);
        return new Frame(channel, proto, status, id, headers, rest.substring(headersLength));
    }

    /// How many bytes follow a header.
    static int restLength(byte[] header) {
        ByteBuffer buffer = ByteBuffer.wrap(header);
        return (buffer.getShort(12) & 0xFFFF) + (buffer.getShort(14) & 0xFFFF);
    }

    /// The frames one after the other, as they travel.
    public static byte[] concat(Frame... frames) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Frame frame : frames) {
            all.writeBytes(frame.bytes());
        }
        return all.toByteArray();
    }

    /// As it is on the wire.
    public byte[] bytes() {
        return bytes(headers.length(), body.length());
    }

    /// The frame with lengths that need not be true.
    public byte[] bytes(int claimedHeaders, int claimedBody) {
        byte[] rest = (headers + body).getBytes(ISO_8859_1);
        return ByteBuffer.allocate(HEADER_LENGTH + rest.length)
                .putShort((short) channel)
                .put((byte) proto)
                .put((byte) status)
                .putLong(id)
                .putShort((short) claimedHeaders)
                .putShort((short) claimedBody)
                .put(rest)
                .array();
    }

    /// The number of its op code.
    public int opCode() {
        return proto & 0x0F;
    }

    /// The same with another channel number.
    public Frame onChannel(int number) {
        return new Frame(number, proto, status, id, headers, body);
    }

    /// The same with another op code, known or not.
    public Frame withOpCode(int code) {
        return new Frame(channel, (proto & ~0x0F) | code, status, id, headers, body);
    }

    /// The same with these flags, too.
    public Frame withFlags(int flags) {
        return new Frame(channel, proto | flags, status, id, headers, body);
    }

    /// The same with another status.
    public Frame withStatus(int code) {
        return new Frame(channel, proto, code, id, headers, body);
    }

    /// The same with other text headers.
    public Frame withHeaders(String text) {
        return new Frame(channel, proto, status, id, text, body);
    }

    Frame withBody(String text) {
        return new Frame(channel, proto, status, id, headers, text);
    }
}
