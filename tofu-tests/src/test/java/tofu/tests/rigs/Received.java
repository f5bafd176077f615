package tofu.tests.rigs;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import tofu.api.BinaryHeader;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;

/// A copy of a message that was received, whose memory went back to the pool.
///
/// @param header the binary header
/// @param headers the text headers
/// @param body the body, a byte a character
public record Received(BinaryHeader header, Map<String, String> headers, String body) {
    private static final int SHOWN = 60;

    /// Copies a message and closes it.
    public static Received of(Message message) {
        try (message) {
            return new Received(
                    message.header(),
                    message.headers().toMap(),
                    new String(message.body().toByteArray(), ISO_8859_1));
        }
    }

    /// What a receiver is to make of a frame.
    ///
    /// @param channel the receiver's number for the channel
    public static Received of(Frame frame, int channel) {
        OpCode opCode = Objects.requireNonNull(OpCode.of(frame.opCode()));
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line : frame.headers().lines().toList()) {
            int colon = line.indexOf(':');
            headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
        }
        BinaryHeader header =
                new BinaryHeader(
                        channel,
                        opCode,
                        Origin.APPLICATION,
                        (frame.proto() & Frame.MORE) != 0,
                        (frame.proto() & Frame.OUT_OF_BAND) != 0,
                        Status.SUCCESS,
                        frame.id(),
                        frame.headers().length(),
                        frame.body().length());
        return new Received(header, headers, frame.body());
    }

    /// Its op code.
    public OpCode opCode() {
        return header.opCode();
    }

    /// The channel that it came on.
    public int channel() {
        return header.channel();
    }

    /// Its message id.
    public long id() {
        return header.id();
    }

    /// Its status.
    public Status status() {
        return header.status();
    }

    /// The value of a text header that must be there.
    public String required(String name) {
        return Objects.requireNonNull(headers.get(name), name);
    }

    /// Whether the engine says it, and not the peer's application.
    public boolean isFromEngine() {
        return header.origin() == Origin.ENGINE;
    }

    @Override
    public String toString() {
        String shown = body.length() <= SHOWN ? body : body.substring(0, SHOWN) + "…";
        return header.opCode()
                + (isFromEngine() ? " of the engine, " + status() : "")
                + (", channel " + channel() + ", id " + id())
                + (header.more() ? ", more" : "")
                + (header.outOfBand() ? ", out of band" : "")
                + (headers.isEmpty() ? "" : ", " + headers)
                + (body.isEmpty() ? "" : ", " + body.length() + " bytes: " + shown);
    }
}
