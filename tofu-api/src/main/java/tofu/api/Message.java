package tofu.api;

import org.jspecify.annotations.Nullable;

/// A lease of one message's memory: a 16-byte header, text headers and a body, outside the heap.
///
/// A message is got from [Ampe#get()] or received from
/// [ChannelGroup#waitReceive(java.time.Duration)]. It owns its memory until it is moved (enqueued,
/// put) or closed; from then on it is empty for ever and every accessor throws [AmpeException] with
/// [Status#NULL_MESSAGE]. Closing an empty lease does nothing, so that try-with-resources is always
/// right:
///
/// ```java
/// try (Message request = ampe.get()) {
///     request.opCode(OpCode.REQUEST).channel(peer).body().append(bytes);
///     group.enqueueToPeer(request); // moved: the lease is empty now
/// }
/// ```
///
/// Threads: a message belongs to one thread at a time; handing it to another needs the usual
/// happens-before. Only the engine implements it: methods may be added.
public interface Message extends AutoCloseable {
    /// What the message is for; a new message is a [OpCode#REQUEST].
    ///
    /// @return the op code
    OpCode opCode();

    /// Sets what the message is for.
    ///
    /// @param opCode the op code
    /// @return this
    Message opCode(OpCode opCode);

    /// The channel's number; 0 is none.
    ///
    /// @return the number, 0 to 65,535
    int channel();

    /// Sets the channel's number.
    ///
    /// @param channel the number, 0 to 65,535
    /// @return this
    /// @throws AmpeException with [Status#INVALID_CHANNEL_NUMBER] outside that range
    Message channel(int channel);

    /// The message's id; 0 is none.
    ///
    /// @return the id, an unsigned 64-bit number
    long id();

    /// Sets the message's id.
    ///
    /// @param id the id, an unsigned 64-bit number; 0 lets the engine choose one
    /// @return this
    Message id(long id);

    /// What became of the message, set by the engine.
    ///
    /// @return the status
    Status status();

    /// Who speaks.
    ///
    /// @return the origin
    Origin origin();

    /// Whether this is the last message of its channel: the engine's notice that it is closed. A
    /// message that was not sent and comes back has [Status#CHANNEL_CLOSED] too, but is not the
    /// last.
    ///
    /// @return true for exactly one message of each channel
    boolean endsChannel();

    /// Whether more messages follow that belong to this one.
    ///
    /// @return the flag
    boolean more();

    /// Says whether more messages follow that belong to this one; for regular op codes only.
    ///
    /// @param more the flag
    /// @return this
    Message more(boolean more);

    /// Whether the message goes, or came, out of band.
    ///
    /// @return the flag
    boolean outOfBand();

    /// Puts the message at the head of its channel's send queue when it is enqueued.
    ///
    /// @param outOfBand the flag
    /// @return this
    Message outOfBand(boolean outOfBand);

    /// The text headers, a view that ends with the lease.
    ///
    /// @return the headers
    TextHeaders headers();

    /// The body, a view that ends with the lease.
    ///
    /// @return the body
    Body body();

    /// A copy of the binary header.
    ///
    /// @return the header
    BinaryHeader header();

    /// Makes this a [OpCode#HELLO_REQUEST] for an address, on channel 0. The address becomes the
    /// first text header, in place of one that there may be; other headers and the body stay.
    ///
    /// @param address where to connect to
    /// @return this
    /// @throws AmpeException with [Status#INVALID_HEADERS_LEN] or [Status#ALLOCATION_FAILED]; the
    ///     message has no address then
    Message connectTo(Address.Client address);

    /// Makes this a [OpCode#WELCOME_REQUEST] for an address, on channel 0. The address becomes the
    /// first text header, in place of one that there may be; other headers and the body stay.
    ///
    /// @param address where to listen
    /// @return this
    /// @throws AmpeException with [Status#INVALID_HEADERS_LEN] or [Status#ALLOCATION_FAILED]; the
    ///     message has no address then
    Message listenOn(Address.Server address);

    /// Makes this a copy of another message: op code, channel, id and flags, text headers and body.
    /// Status and origin are not copied: the copy is the application's.
    ///
    /// @param other the message to copy, which stays as it is
    /// @return this
    /// @throws AmpeException with [Status#NULL_MESSAGE] if the other is emptied, or with
    ///     [Status#ALLOCATION_FAILED]; this message is unchanged then
    Message fillFrom(Message other);

    /// Makes the message as new: header zeroed, no text headers, no body.
    ///
    /// @return this
    Message clear();

    /// Whether the message was moved or closed.
    ///
    /// @return true once the lease is empty
    boolean isEmptied();

    /// Gives the memory back to the pool and empties the lease; on an empty lease does nothing.
    @Override
    void close();

    /// Tells whether a message can be used.
    ///
    /// @param message a message or `null`
    /// @return true unless it is `null` or emptied
    static boolean isPresent(@Nullable Message message) {
        return message != null && !message.isEmptied();
    }
}
