package tofu.cli.wire;

import java.nio.ByteBuffer;
import java.util.Arrays;
import tofu.api.Options;
import tofu.cli.Content;
import tofu.pool.HeaderLayout;

/// One frame of a stream, as far as it has come.
///
/// ```
///  0          16                        length            capacity
///  |  header  |  text headers and body  |  unused        |
///         filled: how much has come, at most the length
/// ```
///
/// Any lengths and any op code are taken: what does not belong on the wire is shown, not refused.
final class Frame {
    private final byte[] bytes = new byte[Options.MAX_MESSAGE_BYTES];
    private int filled;

    /// Whether bytes are one whole frame, and nothing else.
    static boolean isOne(byte[] bytes) {
        return bytes.length >= HeaderLayout.LENGTH
                && HeaderLayout.frameLength(
                                ByteBuffer.wrap(bytes).getLong(HeaderLayout.SECOND_WORD))
                        == bytes.length;
    }

    /// Whether a frame begins with some bytes, but for what differs each time: the number of the
    /// channel, and behind the op code of a hello or bye its id, and where a hello connects to.
    ///
    /// @param beginning may be empty
    /// @param frame a whole one
    static boolean beginsAs(byte[] beginning, byte[] frame) {
        int end =
                Content.ofFrame(frame).isHelloOrBye()
                        ? Math.min(beginning.length, Integer.BYTES)
                        : beginning.length;
        int start = Math.min(Short.BYTES, end);
        return end <= frame.length && Arrays.equals(beginning, start, end, frame, start, end);
    }

    /// Takes bytes of the stream, up to the end of the header, or of the frame.
    void fill(ByteBuffer stream) {
        int end = hasHeader() ? length() : HeaderLayout.LENGTH;
        int length = Math.min(end - filled, stream.remaining());
        stream.get(bytes, filled, length);
        filled += length;
    }

    /// Forgets what has come behind some bytes.
    void shortenTo(int length) {
        filled = Math.min(filled, length);
    }

    /// Begins the next frame in the same memory.
    void clear() {
        filled = 0;
    }

    int filled() {
        return filled;
    }

    /// Whether the first 16 bytes are there, and with them all that follows here.
    boolean hasHeader() {
        return filled >= HeaderLayout.LENGTH;
    }

    boolean isWhole() {
        return hasHeader() && filled == length();
    }

    /// 16 to 131,086 bytes.
    int length() {
        return HeaderLayout.frameLength(word(HeaderLayout.SECOND_WORD));
    }

    /// The number of the op code, 0 to 15.
    int opCode() {
        return HeaderLayout.opCode(word(0));
    }

    private long word(int offset) {
        return ByteBuffer.wrap(bytes).getLong(offset);
    }

    /// Copies what has come.
    byte[] copy(int from) {
        return Arrays.copyOfRange(bytes, from, filled);
    }

    /// What a whole frame says.
    Content content() {
        return Content.ofFrame(bytes);
    }

    /// How much of a frame has come that ends here.
    String progress() {
        if (!hasHeader()) {
            return "after " + filled + " of " + HeaderLayout.LENGTH + " bytes of a header";
        }
        String id = Long.toUnsignedString(HeaderLayout.id(word(0), word(HeaderLayout.SECOND_WORD)));
        return "after "
                + filled
                + " of "
                + length()
                + " bytes of a "
                + Content.op(opCode())
                + " id="
                + id;
    }
}
