package tofu.api;

/// A copy of a message's 16-byte header: what remains with a sender to recognise the answer.
///
/// @param channel the channel's number, 1 to 65,534; 0 for what concerns no channel
/// @param opCode what the message is for
/// @param origin who speaks
/// @param more whether more messages follow that belong to this one
/// @param outOfBand whether the message goes to the head of its channel's send queue
/// @param status what became of it
/// @param id the message's id, an unsigned 64-bit number
/// @param headersLength length of the text headers in bytes, 0 to 65,535
/// @param bodyLength length of the body in bytes, 0 to 65,535
public record BinaryHeader(
        int channel,
        OpCode opCode,
        Origin origin,
        boolean more,
        boolean outOfBand,
        Status status,
        long id,
        int headersLength,
        int bodyLength) {

    /// Length of a header on the wire, in bytes.
    public static final int LENGTH = 16;
}
