package tofu.api;

import org.jspecify.annotations.Nullable;

/// What became of a message or a call: the status byte of a message and of an [AmpeException].
///
/// Codes 0 to 31 are those of the tofu wire spec (section 4). Codes from 128 are this edition's
/// own; they stay inside the process. The status of a message is 0 on the wire.
///
/// More may come: a `switch` over them needs a `default`.
public enum Status {
    /// All is well.
    SUCCESS(0),
    /// The function does not exist in this edition.
    NOT_IMPLEMENTED_YET(1),
    /// A HelloRequest or WelcomeRequest has no text headers, so no address.
    WRONG_ADDRESS(2),
    /// The channel does not take such a message, for example a Request on a listener.
    NOT_ALLOWED(3),
    /// There is no message: `null`, or a lease that was moved or closed.
    NULL_MESSAGE(4),
    /// A message that has no place here, for example a second HelloRequest from a peer.
    INVALID_MESSAGE(5),
    /// The op code is unknown, or is not one to be enqueued.
    INVALID_OP_CODE(6),
    /// The text headers are longer than 65,535 bytes.
    INVALID_HEADERS_LEN(7),
    /// The body is longer than 65,535 bytes.
    INVALID_BODY_LEN(8),
    /// `more` on a hello, bye or welcome message.
    INVALID_MORE_USAGE(9),
    /// No channel has this number.
    INVALID_CHANNEL_NUMBER(10),
    /// The channel belongs to another group.
    INVALID_CHANNEL_GROUP(11),
    /// A response has the id 0, or a request from a peer has.
    INVALID_MESSAGE_ID(12),
    /// The address cannot be understood, or its host name cannot be resolved.
    INVALID_ADDRESS(13),
    /// The Unix domain socket path does not exist.
    UDS_PATH_NOT_FOUND(14),
    /// Not used by this edition: the reference's wake-up channel is off.
    NOTIFICATION_DISABLED(15),
    /// Not used by this edition: the reference's wake-up channel failed.
    NOTIFICATION_FAILED(16),
    /// The peer closed its side without a bye.
    PEER_DISCONNECTED(17),
    /// The network failed in a way that has no better name.
    COMMUNICATION_FAILED(18),
    /// Applications hold all messages of the pool; receiving goes on as soon as some come back.
    POOL_EMPTY(19),
    /// No memory within [Options#maxPoolBytes()].
    ALLOCATION_FAILED(20),
    /// The message came through [ChannelGroup#updateReceiver(Message)].
    RECEIVER_UPDATE(21),
    /// The channel has ended; the last message of every channel.
    CHANNEL_CLOSED(22),
    /// The engine or the group is closing or closed.
    SHUTDOWN_STARTED(23),
    /// The peer refused the connection.
    CONNECT_FAILED(24),
    /// The address cannot be listened on.
    LISTEN_FAILED(25),
    /// A connection could not be accepted, for example for want of file descriptors.
    ACCEPT_FAILED(26),
    /// Writing to the socket failed.
    SEND_FAILED(27),
    /// Reading from the socket failed.
    RECV_FAILED(28),
    /// A socket option could not be set.
    SETSOCKOPT_FAILED(29),
    /// The engine has a bug and gave up.
    PROCESSING_FAILED(30),
    /// A message has a status byte that no one knows.
    UNKNOWN_ERROR(31),

    /// The channel's send queue is at its bound; the message stays the caller's.
    SEND_QUEUE_FULL(128),
    /// The channel's send queue has room again after [#SEND_QUEUE_FULL].
    SEND_QUEUE_READY(129),
    /// Somebody listens on this address already.
    ADDRESS_IN_USE(130),
    /// A connected client did not send its HelloRequest in time, or either side of a connection
    /// over TLS did not complete its handshake.
    HANDSHAKE_TIMEOUT(131),
    /// The connection was not established in time.
    CONNECT_TIMEOUT(132),
    /// A frame was begun and not finished in time.
    FRAME_TIMEOUT(133),
    /// The peer did not answer a bye, or close its side after one, in time.
    CLOSE_TIMEOUT(134),
    /// All channels of the engine are in use, see [Options#maxChannels()].
    TOO_MANY_CHANNELS(135),
    /// Two threads wait on one group at the same time.
    CONCURRENT_RECEIVE(136),
    /// A text header's name or value has a character that it may not have.
    INVALID_HEADER(137),
    /// As many updates wait in the group's inbox as may; likewise messages in a stream that is fed,
    /// or tasks in a dispatcher of the kit.
    INBOX_FULL(138),
    /// The peer's certificate is not one that we trust, or ours is not one that the peer trusts.
    TLS_CERTIFICATE_UNKNOWN(139),
    /// The peer's certificate is not valid at this time, or the peer says so of ours.
    TLS_CERTIFICATE_EXPIRED(140),
    /// The server's certificate is for another host than the one that we have connected to.
    TLS_WRONG_HOST(141),
    /// The server needs the client's certificate, and the client has shown none.
    TLS_CLIENT_CERTIFICATE_MISSING(142),
    /// The two sides allow no version of TLS in common.
    TLS_NO_COMMON_VERSION(143),
    /// The peer does not speak TLS.
    TLS_PLAINTEXT(144),
    /// The peer speaks TLS, and not tofu inside of it (ALPN `tofu/1`).
    TLS_NOT_TOFU(145),
    /// The connection has ended, and TLS has not said so: what the peer has sent may have been cut
    /// off by somebody on the way.
    TLS_TRUNCATED(146),
    /// TLS has failed in another way.
    TLS_FAILED(147),
    /// The peer took none of what was to be sent for [Options#sendTimeout()].
    SEND_TIMEOUT(148),
    /// Nothing has come on the channel for [Options#idleNotice()]; it stays open.
    CHANNEL_IDLE(149);

    /// The text header of a notice that says in words what has happened, where there is more to
    /// say than the status does.
    public static final String CAUSE = "~cause";

    private static final @Nullable Status[] BY_CODE = new Status[256];

    static {
        for (Status status : values()) {
            BY_CODE[status.code] = status;
        }
    }

    private final int code;

    Status(int code) {
        this.code = code;
    }

    /// The byte that stands for this status, as an unsigned value.
    ///
    /// @return the code, 0 to 255
    public int code() {
        return code;
    }

    /// Finds a status by its code.
    ///
    /// @param code the byte that stands for it, as an unsigned value
    /// @return the status, `null` if the code is none, as with [OpCode#of(int)]
    public static @Nullable Status of(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    }
}
