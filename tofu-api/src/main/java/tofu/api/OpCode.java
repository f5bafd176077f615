package tofu.api;

import org.jspecify.annotations.Nullable;

/// What a message is for: the low four bits of the wire's proto byte (wire spec, section 1).
///
/// There are no others, and a `switch` over all of them is complete: the wire is as it is.
public enum OpCode {
    /// Asks the peer for a [#RESPONSE]; may span several messages with `more`.
    REQUEST(0, Type.REGULAR, Role.REQUEST),
    /// Answers a [#REQUEST] with the same id.
    RESPONSE(1, Type.REGULAR, Role.RESPONSE),
    /// Tells the peer something and expects no answer.
    SIGNAL(2, Type.REGULAR, Role.SIGNAL),
    /// Connects: the first message of a client, carries `~connect_to`.
    HELLO_REQUEST(3, Type.HELLO, Role.REQUEST),
    /// Accepts a client.
    HELLO_RESPONSE(4, Type.HELLO, Role.RESPONSE),
    /// Asks the peer to end the channel after all that was sent before.
    BYE_REQUEST(5, Type.BYE, Role.REQUEST),
    /// Agrees to the end of the channel; its receiver closes the socket.
    BYE_RESPONSE(6, Type.BYE, Role.RESPONSE),
    /// Closes the own side of a channel at once; never travels.
    BYE_SIGNAL(7, Type.BYE, Role.SIGNAL),
    /// Listens: carries `~listen_on`; never travels.
    WELCOME_REQUEST(8, Type.WELCOME, Role.REQUEST),
    /// The engine's answer to a [#WELCOME_REQUEST]; never travels.
    WELCOME_RESPONSE(9, Type.WELCOME, Role.RESPONSE);

    /// The part of a channel's life that an op code belongs to.
    public enum Type {
        /// Talk between peers.
        REGULAR,
        /// The client's handshake.
        HELLO,
        /// The end of a channel.
        BYE,
        /// The life of a listener.
        WELCOME
    }

    /// The side that an op code takes in an exchange.
    public enum Role {
        /// Expects a response.
        REQUEST,
        /// Answers a request.
        RESPONSE,
        /// Stands alone.
        SIGNAL
    }

    /// In the order of the codes, which have no gap.
    private static final OpCode[] BY_CODE = values();

    private final int code;
    private final Type type;
    private final Role role;

    OpCode(int code, Type type, Role role) {
        this.code = code;
        this.type = type;
        this.role = role;
    }

    /// The number on the wire, 0 to 9.
    ///
    /// @return the code
    public int code() {
        return code;
    }

    /// The part of a channel's life that this op code belongs to.
    ///
    /// @return the type
    public Type type() {
        return type;
    }

    /// The side that this op code takes in an exchange.
    ///
    /// @return the role
    public Role role() {
        return role;
    }

    /// The op code that answers this one: a request's response, a signal's signal.
    ///
    /// @return the op code of the answer
    /// @throws AmpeException with [Status#INVALID_OP_CODE] for a response and for [#BYE_SIGNAL],
    ///     which nothing answers
    public OpCode echo() {
        return switch (this) {
            case REQUEST -> RESPONSE;
            case SIGNAL -> SIGNAL;
            case HELLO_REQUEST -> HELLO_RESPONSE;
            case BYE_REQUEST -> BYE_RESPONSE;
            case WELCOME_REQUEST -> WELCOME_RESPONSE;
            case RESPONSE, HELLO_RESPONSE, BYE_RESPONSE, BYE_SIGNAL, WELCOME_RESPONSE ->
                    throw new AmpeException(Status.INVALID_OP_CODE, this + " has no echo");
        };
    }

    /// Finds an op code by its number on the wire.
    ///
    /// @param code the number
    /// @return the op code, `null` if the number is none
    public static @Nullable OpCode of(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    }
}
