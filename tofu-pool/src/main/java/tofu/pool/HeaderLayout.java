package tofu.pool;

import tofu.api.BinaryHeader;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;

/// The 16 bytes in front of every frame (wire spec, section 1), big-endian. The only place that
/// narrows ints.
///
/// ```
///  0        2      3       4                    12       14       16
///  | channel | proto | status |        id         | headers |  body  |
///  '---------- first word ----------'------- second word -----------'
///  proto: bits 0-3 op code, 4 origin, 5 more, 6 out of band (internal A), 7 internal B
/// ```
///
/// Long, as each field is here twice: in a frame, and in the two words of a header, which cost less
/// to look at where every message comes by.
///
/// A frame's header is kept in its slot, as two words. Threads: the slot's.
public final class HeaderLayout {
    /// Length of the header, in bytes.
    public static final int LENGTH = BinaryHeader.LENGTH;

    /// The longest text headers, and the longest body, in bytes.
    public static final int MAX_PART_LENGTH = 0xFFFF;

    /// Offset of the second of the two words that make the header.
    public static final int SECOND_WORD = 8;

    private static final int OP_CODE_MASK = 0x0F;
    private static final int ORIGIN_BIT = 0x10;
    private static final int MORE_BIT = 0x20;
    private static final int OUT_OF_BAND_BIT = 0x40;

    /// Internal B: ours to use, since it is cleared in what a peer sends and in what is enqueued.
    private static final int END_BIT = 0x80;

    /// What a peer may say.
    private static final int TRAVELLING = OP_CODE_MASK | MORE_BIT | OUT_OF_BAND_BIT;

    private static final int CHANNEL_SHIFT = 48;
    private static final int PROTO_SHIFT = 40;
    private static final int STATUS_SHIFT = 32;

    private static final int HEADERS_SHIFT = 16;
    private static final long LENGTH_MASK = 0xFFFF;

    private HeaderLayout() {}

    /// Zeroes the header: no text headers, no body.
    ///
    /// @param frame the frame
    public static void clear(Slot frame) {
        words(frame, 0, 0);
    }

    /// The channel number.
    ///
    /// @param frame the frame
    /// @return 0 to 65,535
    public static int channel(Slot frame) {
        return channel(first(frame));
    }

    /// Sets the channel number.
    ///
    /// @param frame the frame
    /// @param channel 0 to 65,535
    public static void channel(Slot frame, int channel) {
        first(frame, (long) channel << CHANNEL_SHIFT | (first(frame) & ~0L >>> 16));
    }

    /// The number of the op code, known or not.
    ///
    /// @param frame the frame
    /// @return 0 to 15
    public static int opCode(Slot frame) {
        return opCode(first(frame));
    }

    /// Sets the op code.
    ///
    /// @param frame the frame
    /// @param opCode the op code
    public static void opCode(Slot frame, OpCode opCode) {
        proto(frame, (proto(frame) & ~OP_CODE_MASK) | opCode.code());
    }

    /// Whether the engine speaks.
    ///
    /// @param frame the frame
    /// @return the origin bit
    public static boolean fromEngine(Slot frame) {
        return (proto(frame) & ORIGIN_BIT) != 0;
    }

    /// Whether more messages follow.
    ///
    /// @param frame the frame
    /// @return the more bit
    public static boolean more(Slot frame) {
        return (proto(frame) & MORE_BIT) != 0;
    }

    static void more(Slot frame, boolean more) {
        proto(frame, (proto(frame) & ~MORE_BIT) | (more ? MORE_BIT : 0));
    }

    /// Whether the message is out of band.
    ///
    /// @param frame the frame
    /// @return the internal A bit
    public static boolean outOfBand(Slot frame) {
        return (proto(frame) & OUT_OF_BAND_BIT) != 0;
    }

    /// Sets the internal A bit.
    ///
    /// @param frame the frame
    /// @param outOfBand the bit
    public static void outOfBand(Slot frame, boolean outOfBand) {
        proto(frame, (proto(frame) & ~OUT_OF_BAND_BIT) | (outOfBand ? OUT_OF_BAND_BIT : 0));
    }

    /// Whether the message is the last of its channel.
    ///
    /// @param frame the frame
    /// @return the internal B bit, which never travels
    public static boolean endsChannel(Slot frame) {
        return (proto(frame) & END_BIT) != 0;
    }

    /// Makes the message the last of its channel.
    ///
    /// @param frame the frame
    public static void markEnd(Slot frame) {
        proto(frame, proto(frame) | END_BIT);
    }

    /// The status byte.
    ///
    /// @param frame the frame
    /// @return 0 to 255
    public static int status(Slot frame) {
        return (int) (first(frame) >>> STATUS_SHIFT) & 0xFF;
    }

    /// Makes the frame speak in the engine's name.
    ///
    /// @param frame the frame
    /// @param status what the engine says
    public static void markEngine(Slot frame, Status status) {
        first(frame, withStatus(first(frame) | (long) ORIGIN_BIT << PROTO_SHIFT, status));
    }

    /// Makes the frame speak in the application's name.
    ///
    /// @param frame the frame
    /// @param status what it says; [Status#SUCCESS] on the wire
    public static void markApplication(Slot frame, Status status) {
        long others = first(frame) & ~((long) (0xFF & ~TRAVELLING) << PROTO_SHIFT);
        first(frame, withStatus(others, status));
    }

    /// The message id.
    ///
    /// @param frame the frame
    /// @return an unsigned 64-bit number
    public static long id(Slot frame) {
        return id(first(frame), second(frame));
    }

    /// Sets the message id.
    ///
    /// @param frame the frame
    /// @param id an unsigned 64-bit number
    public static void id(Slot frame, long id) {
        first(frame, (first(frame) & ~0L << 32) | id >>> 32);
        second(frame, withId(second(frame), id));
    }

    /// Length of the text headers.
    ///
    /// @param frame the frame
    /// @return 0 to 65,535, in bytes
    public static int headersLength(Slot frame) {
        return headersLength(second(frame));
    }

    static void headersLength(Slot frame, int length) {
        long others = second(frame) & ~(LENGTH_MASK << HEADERS_SHIFT);
        second(frame, others | (length & LENGTH_MASK) << HEADERS_SHIFT);
    }

    /// Length of the body.
    ///
    /// @param frame the frame
    /// @return 0 to 65,535, in bytes
    public static int bodyLength(Slot frame) {
        return bodyLength(second(frame));
    }

    static void bodyLength(Slot frame, int length) {
        second(frame, (second(frame) & ~LENGTH_MASK) | (length & LENGTH_MASK));
    }

    /// Length of the whole frame.
    ///
    /// @param frame the frame
    /// @return 16 to 131,086, in bytes
    public static int frameLength(Slot frame) {
        return frameLength(second(frame));
    }

    /// Length of the whole frame.
    ///
    /// @param second the header's second word
    /// @return 16 to 131,086, in bytes
    public static int frameLength(long second) {
        return LENGTH + headersLength(second) + bodyLength(second);
    }

    /// The number of the op code in a header's first word.
    ///
    /// @param first the header's first word
    /// @return 0 to 15
    public static int opCode(long first) {
        return (int) (first >>> PROTO_SHIFT) & OP_CODE_MASK;
    }

    /// The more bit in a header's first word.
    ///
    /// @param first the header's first word
    /// @return the bit
    public static boolean more(long first) {
        return (first >>> PROTO_SHIFT & MORE_BIT) != 0;
    }

    /// Whether the id is 0.
    ///
    /// @param first the header's first word
    /// @param second the header's second word
    /// @return true for no id
    public static boolean hasNoId(long first, long second) {
        return id(first, second) == 0;
    }

    /// What a receiver makes of the first word of a peer's header: its own channel number, and
    /// nothing that a peer may not say (origin, internal B, status).
    ///
    /// @param first the header's first word
    /// @param channel the receiver's own number for the channel
    /// @return the word to keep
    public static long received(long first, int channel) {
        long kept = (long) TRAVELLING << PROTO_SHIFT | 0xFFFF_FFFFL;
        return (long) channel << CHANNEL_SHIFT | (first & kept);
    }

    /// A copy of the header.
    ///
    /// @param frame the frame, whose op code is a known one
    /// @return the header
    public static BinaryHeader header(Slot frame) {
        return header(first(frame), second(frame));
    }

    /// A copy of the header.
    ///
    /// @param first the header's first word, whose op code is a known one
    /// @param second the header's second word
    /// @return the header
    public static BinaryHeader header(long first, long second) {
        return new BinaryHeader(
                channel(first),
                knownOpCode(first),
                (first >>> PROTO_SHIFT & ORIGIN_BIT) != 0 ? Origin.ENGINE : Origin.APPLICATION,
                more(first),
                outOfBand(first),
                Status.of((int) (first >>> STATUS_SHIFT) & 0xFF),
                id(first, second),
                headersLength(second),
                bodyLength(second));
    }

    /// The header's first word.
    ///
    /// @param frame the frame
    /// @return channel number, proto, status and the upper half of the id
    public static long first(Slot frame) {
        return frame.first;
    }

    /// The header's second word.
    ///
    /// @param frame the frame
    /// @return the lower half of the id and both lengths
    public static long second(Slot frame) {
        return frame.second;
    }

    /// Writes the whole header.
    ///
    /// @param frame the frame
    /// @param first the header's first word
    /// @param second the header's second word
    public static void words(Slot frame, long first, long second) {
        first(frame, first);
        second(frame, second);
    }

    /// The channel number in a header's first word.
    ///
    /// @param first the header's first word
    /// @return 0 to 65,535
    public static int channel(long first) {
        return (int) (first >>> CHANNEL_SHIFT);
    }

    /// The internal A bit in a header's first word.
    ///
    /// @param first the header's first word
    /// @return the bit
    public static boolean outOfBand(long first) {
        return (first >>> PROTO_SHIFT & OUT_OF_BAND_BIT) != 0;
    }

    /// The message id.
    ///
    /// @param first the header's first word
    /// @param second the header's second word
    /// @return an unsigned 64-bit number
    public static long id(long first, long second) {
        return first << 32 | second >>> 32;
    }

    /// Length of the text headers in a header's second word.
    ///
    /// @param second the header's second word
    /// @return 0 to 65,535, in bytes
    public static int headersLength(long second) {
        return (int) (second >>> 16) & 0xFFFF;
    }

    /// Length of the body in a header's second word.
    ///
    /// @param second the header's second word
    /// @return 0 to 65,535, in bytes
    public static int bodyLength(long second) {
        return (int) (second & LENGTH_MASK);
    }

    /// What an application's first word becomes when it is enqueued: it speaks in the application's
    /// name, with no status, and the message that cuts a channel off is out of band.
    ///
    /// @param first the header's first word
    /// @param channel the channel's number
    /// @param id the id, whose upper half is in this word
    /// @return the word to write
    public static long enqueued(long first, int channel, long id) {
        boolean cutsOff = opCode(first) == OpCode.BYE_SIGNAL.code();
        long kept = first & (long) TRAVELLING << PROTO_SHIFT;
        long proto = cutsOff ? kept | (long) OUT_OF_BAND_BIT << PROTO_SHIFT : kept;
        return (long) channel << CHANNEL_SHIFT | proto | id >>> 32;
    }

    /// A second word with the lower half of an id.
    ///
    /// @param second the header's second word
    /// @param id the id
    /// @return the word to write
    public static long withId(long second, long id) {
        return (second & 0xFFFF_FFFFL) | (id << 32);
    }

    /// The op code in the first word of a header that was checked.
    ///
    /// @param first the header's first word
    /// @return the op code
    public static OpCode knownOpCode(long first) {
        return known(opCode(first));
    }

    /// The op code of a frame that was checked.
    ///
    /// @param frame the frame
    /// @return the op code
    public static OpCode knownOpCode(Slot frame) {
        return known(opCode(frame));
    }

    private static OpCode known(int number) {
        OpCode opCode = OpCode.of(number);
        if (opCode == null) {
            throw new IllegalStateException("unchecked op code " + number);
        }
        return opCode;
    }

    private static long withStatus(long first, Status status) {
        return (first & ~(0xFFL << STATUS_SHIFT)) | (long) status.code() << STATUS_SHIFT;
    }

    private static int proto(Slot frame) {
        return (int) (first(frame) >>> PROTO_SHIFT) & 0xFF;
    }

    private static void proto(Slot frame, int proto) {
        first(frame, (first(frame) & ~(0xFFL << PROTO_SHIFT)) | (long) proto << PROTO_SHIFT);
    }

    private static void first(Slot frame, long word) {
        frame.first = word;
    }

    private static void second(Slot frame, long word) {
        frame.second = word;
    }
}
