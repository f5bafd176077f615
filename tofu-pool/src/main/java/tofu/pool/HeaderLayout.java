package tofu.pool;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
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
/// A frame begins at offset 0 of its segment. Threads: those of the segment.
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

    private static final long CHANNEL = 0;
    private static final long PROTO = 2;
    private static final long STATUS = 3;
    private static final long ID = 4;
    private static final long HEADERS_LENGTH = 12;
    private static final long BODY_LENGTH = 14;

    private static final ValueLayout.OfByte U8 = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort U16 =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong U64 =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private HeaderLayout() {}

    /// Zeroes the header: no text headers, no body.
    ///
    /// @param frame the frame
    public static void clear(MemorySegment frame) {
        frame.set(U64, 0, 0);
        frame.set(U64, SECOND_WORD, 0);
    }

    /// The channel number.
    ///
    /// @param frame the frame
    /// @return 0 to 65,535
    public static int channel(MemorySegment frame) {
        return frame.get(U16, CHANNEL) & 0xFFFF;
    }

    /// Sets the channel number.
    ///
    /// @param frame the frame
    /// @param channel 0 to 65,535
    public static void channel(MemorySegment frame, int channel) {
        frame.set(U16, CHANNEL, (short) channel);
    }

    /// The number of the op code, known or not.
    ///
    /// @param frame the frame
    /// @return 0 to 15
    public static int opCode(MemorySegment frame) {
        return proto(frame) & OP_CODE_MASK;
    }

    /// Sets the op code.
    ///
    /// @param frame the frame
    /// @param opCode the op code
    public static void opCode(MemorySegment frame, OpCode opCode) {
        proto(frame, (proto(frame) & ~OP_CODE_MASK) | opCode.code());
    }

    /// Whether the engine speaks.
    ///
    /// @param frame the frame
    /// @return the origin bit
    public static boolean fromEngine(MemorySegment frame) {
        return (proto(frame) & ORIGIN_BIT) != 0;
    }

    /// Whether more messages follow.
    ///
    /// @param frame the frame
    /// @return the more bit
    public static boolean more(MemorySegment frame) {
        return (proto(frame) & MORE_BIT) != 0;
    }

    static void more(MemorySegment frame, boolean more) {
        proto(frame, (proto(frame) & ~MORE_BIT) | (more ? MORE_BIT : 0));
    }

    /// Whether the message is out of band.
    ///
    /// @param frame the frame
    /// @return the internal A bit
    public static boolean outOfBand(MemorySegment frame) {
        return (proto(frame) & OUT_OF_BAND_BIT) != 0;
    }

    /// Sets the internal A bit.
    ///
    /// @param frame the frame
    /// @param outOfBand the bit
    public static void outOfBand(MemorySegment frame, boolean outOfBand) {
        proto(frame, (proto(frame) & ~OUT_OF_BAND_BIT) | (outOfBand ? OUT_OF_BAND_BIT : 0));
    }

    /// Whether the message is the last of its channel.
    ///
    /// @param frame the frame
    /// @return the internal B bit, which never travels
    public static boolean endsChannel(MemorySegment frame) {
        return (proto(frame) & END_BIT) != 0;
    }

    /// Makes the message the last of its channel.
    ///
    /// @param frame the frame
    public static void markEnd(MemorySegment frame) {
        proto(frame, proto(frame) | END_BIT);
    }

    /// The status byte.
    ///
    /// @param frame the frame
    /// @return 0 to 255
    public static int status(MemorySegment frame) {
        return frame.get(U8, STATUS) & 0xFF;
    }

    /// Makes the frame speak in the engine's name.
    ///
    /// @param frame the frame
    /// @param status what the engine says
    public static void markEngine(MemorySegment frame, Status status) {
        proto(frame, proto(frame) | ORIGIN_BIT);
        frame.set(U8, STATUS, (byte) status.code());
    }

    /// Makes the frame speak in the application's name.
    ///
    /// @param frame the frame
    /// @param status what it says; [Status#SUCCESS] on the wire
    public static void markApplication(MemorySegment frame, Status status) {
        proto(frame, proto(frame) & TRAVELLING);
        frame.set(U8, STATUS, (byte) status.code());
    }

    /// The message id.
    ///
    /// @param frame the frame
    /// @return an unsigned 64-bit number
    public static long id(MemorySegment frame) {
        return frame.get(U64, ID);
    }

    /// Sets the message id.
    ///
    /// @param frame the frame
    /// @param id an unsigned 64-bit number
    public static void id(MemorySegment frame, long id) {
        frame.set(U64, ID, id);
    }

    /// Length of the text headers.
    ///
    /// @param frame the frame
    /// @return 0 to 65,535, in bytes
    public static int headersLength(MemorySegment frame) {
        return frame.get(U16, HEADERS_LENGTH) & 0xFFFF;
    }

    static void headersLength(MemorySegment frame, int length) {
        frame.set(U16, HEADERS_LENGTH, (short) length);
    }

    /// Length of the body.
    ///
    /// @param frame the frame
    /// @return 0 to 65,535, in bytes
    public static int bodyLength(MemorySegment frame) {
        return frame.get(U16, BODY_LENGTH) & 0xFFFF;
    }

    static void bodyLength(MemorySegment frame, int length) {
        frame.set(U16, BODY_LENGTH, (short) length);
    }

    /// Length of the whole frame.
    ///
    /// @param frame the frame
    /// @return 16 to 131,086, in bytes
    public static int frameLength(MemorySegment frame) {
        return frameLength(second(frame));
    }

    /// Length of the whole frame.
    ///
    /// @param second the header's second word
    /// @return 16 to 131,086, in bytes
    public static int frameLength(long second) {
        return LENGTH + (int) (second >>> 16 & 0xFFFF) + (int) (second & 0xFFFF);
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
    public static BinaryHeader header(MemorySegment frame) {
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
                (int) second & 0xFFFF);
    }

    /// The header's first word.
    ///
    /// @param frame the frame
    /// @return channel number, proto, status and the upper half of the id
    public static long first(MemorySegment frame) {
        return frame.get(U64, 0);
    }

    /// The header's second word.
    ///
    /// @param frame the frame
    /// @return the lower half of the id and both lengths
    public static long second(MemorySegment frame) {
        return frame.get(U64, SECOND_WORD);
    }

    /// Writes the whole header.
    ///
    /// @param frame the frame
    /// @param first the header's first word
    /// @param second the header's second word
    public static void words(MemorySegment frame, long first, long second) {
        frame.set(U64, 0, first);
        frame.set(U64, SECOND_WORD, second);
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

    /// A first word that speaks in the application's name, with no status and the upper half of an
    /// id.
    ///
    /// @param first the header's first word
    /// @param id the id
    /// @return the word to write
    public static long enqueued(long first, long id) {
        long kept = 0xFFFFL << CHANNEL_SHIFT | (long) TRAVELLING << PROTO_SHIFT;
        return (first & kept) | (id >>> 32);
    }

    /// A second word with the lower half of an id.
    ///
    /// @param second the header's second word
    /// @param id the id
    /// @return the word to write
    public static long withId(long second, long id) {
        return (second & 0xFFFF_FFFFL) | (id << 32);
    }

    /// A first word that is out of band.
    ///
    /// @param first the header's first word
    /// @return the word to write
    public static long asOutOfBand(long first) {
        return first | (long) OUT_OF_BAND_BIT << PROTO_SHIFT;
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
    public static OpCode knownOpCode(MemorySegment frame) {
        return known(opCode(frame));
    }

    private static OpCode known(int number) {
        OpCode opCode = OpCode.of(number);
        if (opCode == null) {
            throw new IllegalStateException("unchecked op code " + number);
        }
        return opCode;
    }

    private static int proto(MemorySegment frame) {
        return frame.get(U8, PROTO) & 0xFF;
    }

    private static void proto(MemorySegment frame, int proto) {
        frame.set(U8, PROTO, (byte) proto);
    }
}
