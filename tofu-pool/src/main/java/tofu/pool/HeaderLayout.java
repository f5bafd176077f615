package tofu.pool;

import tofu.api.BinaryHeader;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;

/// The 16 bytes in front of every frame (wire spec, section 1), big-endian, as two words. The only
/// place that narrows ints.
///
/// ```
///  0        2      3       4                    12       14       16
///  | channel | proto | status |        id         | headers |  body  |
///  '---------- first word ----------'------- second word -----------'
///  proto: bits 0-3 op code, 4 origin, 5 more, 6 out of band (internal A), 7 internal B
/// ```
///
/// Threads: any; everything here is a function of words. [Slot] has the header of a frame.
public final class HeaderLayout {
    /// Length of the header, in bytes.
    public static final int LENGTH = BinaryHeader.LENGTH;

    /// The longest text headers, and the longest body, in bytes.
    public static final int MAX_PART_LENGTH = 0xFFFF;

    /// Offset of the second of the two words that make the header.
    public static final int SECOND_WORD = 8;

    private static final int CHANNEL_SHIFT = 48;
    private static final int PROTO_SHIFT = 40;
    private static final int STATUS_SHIFT = 32;
    private static final int HEADERS_SHIFT = 16;

    private static final long CHANNEL_MASK = 0xFFFFL << CHANNEL_SHIFT;
    private static final long STATUS_MASK = 0xFFL << STATUS_SHIFT;
    private static final long LENGTH_MASK = 0xFFFF;

    /// The half of the id that is in the lower half of the first word.
    private static final long UPPER_ID_MASK = 0xFFFF_FFFFL;

    /// Both lengths.
    private static final long LENGTHS_MASK = LENGTH_MASK << HEADERS_SHIFT | LENGTH_MASK;

    private static final int OP_CODE_MASK = 0x0F;
    private static final long OP_CODE_BITS = (long) OP_CODE_MASK << PROTO_SHIFT;
    private static final long ORIGIN_BIT = 0x10L << PROTO_SHIFT;
    private static final long MORE_BIT = 0x20L << PROTO_SHIFT;
    private static final long OUT_OF_BAND_BIT = 0x40L << PROTO_SHIFT;

    /// Internal B: ours to use, since it is cleared in what a peer sends and in what is enqueued.
    private static final long END_BIT = 0x80L << PROTO_SHIFT;

    /// What a peer may say.
    private static final long TRAVELLING = OP_CODE_BITS | MORE_BIT | OUT_OF_BAND_BIT;

    private HeaderLayout() {}

    // ---- the first word

    /// The channel number.
    ///
    /// @param first the header's first word
    /// @return 0 to 65,535
    public static int channel(long first) {
        return (int) (first >>> CHANNEL_SHIFT);
    }

    static long withChannel(long first, int channel) {
        return (long) channel << CHANNEL_SHIFT | (first & ~CHANNEL_MASK);
    }

    /// The number of the op code, known or not.
    ///
    /// @param first the header's first word
    /// @return 0 to 15
    public static int opCode(long first) {
        return (int) (first >>> PROTO_SHIFT) & OP_CODE_MASK;
    }

    /// The op code of a header that was checked.
    ///
    /// @param first the header's first word
    /// @return the op code
    public static OpCode knownOpCode(long first) {
        int number = opCode(first);
        OpCode opCode = OpCode.of(number);
        if (opCode == null) {
            throw new IllegalStateException("unchecked op code " + number);
        }
        return opCode;
    }

    static long withOpCode(long first, OpCode opCode) {
        return (first & ~OP_CODE_BITS) | (long) opCode.code() << PROTO_SHIFT;
    }

    static boolean fromEngine(long first) {
        return (first & ORIGIN_BIT) != 0;
    }

    /// Whether more messages follow.
    ///
    /// @param first the header's first word
    /// @return the more bit
    public static boolean more(long first) {
        return (first & MORE_BIT) != 0;
    }

    static long withMore(long first, boolean more) {
        return more ? first | MORE_BIT : first & ~MORE_BIT;
    }

    /// Whether the message is out of band.
    ///
    /// @param first the header's first word
    /// @return the internal A bit
    public static boolean outOfBand(long first) {
        return (first & OUT_OF_BAND_BIT) != 0;
    }

    static long withOutOfBand(long first, boolean outOfBand) {
        return outOfBand ? first | OUT_OF_BAND_BIT : first & ~OUT_OF_BAND_BIT;
    }

    static boolean endsChannel(long first) {
        return (first & END_BIT) != 0;
    }

    /// The first word of the last message of a channel.
    static long ending(long first) {
        return first | END_BIT;
    }

    static int status(long first) {
        return (int) ((first & STATUS_MASK) >>> STATUS_SHIFT);
    }

    /// The status that a message shows.
    static Status knownStatus(long first) {
        Status status = Status.of(status(first));
        return status == null ? Status.UNKNOWN_ERROR : status;
    }

    private static long withStatus(long first, Status status) {
        return (first & ~STATUS_MASK) | (long) status.code() << STATUS_SHIFT;
    }

    /// The first word of a message in the engine's name.
    static long ofEngine(long first, Status status) {
        return withStatus(first | ORIGIN_BIT, status);
    }

    /// The first word of a message in the application's name.
    static long ofApplication(long first, Status status) {
        return withStatus(first & ~(ORIGIN_BIT | END_BIT), status);
    }

    static long firstWithId(long first, long id) {
        return (first & ~UPPER_ID_MASK) | id >>> 32;
    }

    /// What a receiver makes of the first word of a peer's header: its own channel number, and
    /// nothing that a peer may not say (origin, internal B, status).
    ///
    /// @param first the header's first word
    /// @param channel the receiver's own number for the channel
    /// @return the word to keep
    public static long received(long first, int channel) {
        return (long) channel << CHANNEL_SHIFT | (first & (TRAVELLING | UPPER_ID_MASK));
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
        long kept = first & TRAVELLING;
        long proto = cutsOff ? kept | OUT_OF_BAND_BIT : kept;
        return (long) channel << CHANNEL_SHIFT | proto | id >>> 32;
    }

    // ---- the second word

    /// Length of the text headers.
    ///
    /// @param second the header's second word
    /// @return 0 to 65,535, in bytes
    public static int headersLength(long second) {
        return (int) (second >>> HEADERS_SHIFT & LENGTH_MASK);
    }

    static long withHeadersLength(long second, int length) {
        return (second & ~(LENGTH_MASK << HEADERS_SHIFT)) | (length & LENGTH_MASK) << HEADERS_SHIFT;
    }

    /// Length of the body.
    ///
    /// @param second the header's second word
    /// @return 0 to 65,535, in bytes
    public static int bodyLength(long second) {
        return (int) (second & LENGTH_MASK);
    }

    static long withBodyLength(long second, int length) {
        return (second & ~LENGTH_MASK) | (length & LENGTH_MASK);
    }

    /// Length of the whole frame.
    ///
    /// @param second the header's second word
    /// @return 16 to 131,086, in bytes
    public static int frameLength(long second) {
        return LENGTH + headersLength(second) + bodyLength(second);
    }

    /// A second word with the lower half of an id.
    ///
    /// @param second the header's second word
    /// @param id the id
    /// @return the word to write
    public static long withId(long second, long id) {
        return (second & LENGTHS_MASK) | (id << 32);
    }

    // ---- both

    /// The message id.
    ///
    /// @param first the header's first word
    /// @param second the header's second word
    /// @return an unsigned 64-bit number
    public static long id(long first, long second) {
        return first << 32 | second >>> 32;
    }

    /// Whether the id is 0.
    ///
    /// @param first the header's first word
    /// @param second the header's second word
    /// @return true for no id
    public static boolean hasNoId(long first, long second) {
        return id(first, second) == 0;
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
                fromEngine(first) ? Origin.ENGINE : Origin.APPLICATION,
                more(first),
                outOfBand(first),
                knownStatus(first),
                id(first, second),
                headersLength(second),
                bodyLength(second));
    }
}
