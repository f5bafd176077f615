package tofu.api;

import java.util.Objects;

/// Says what a caller did wrong, or that the engine is closing; [#status()] says which.
///
/// A method that throws this left its message with the caller. What happens on the network is never
/// an exception: it comes as a message with [Origin#ENGINE].
public final class AmpeException extends RuntimeException {
    /// The form of a serialized exception; nothing more to say of it.
    private static final long serialVersionUID = 1L;

    /// The reason.
    private final Status status;

    /// Makes an exception.
    ///
    /// @param status the reason
    /// @param detail the value that was wrong, and the limit that it broke
    public AmpeException(Status status, String detail) {
        super(Objects.requireNonNull(status, "status") + ": " + detail);
        this.status = status;
    }

    /// Makes an exception with the failure behind it.
    ///
    /// @param status the reason
    /// @param detail what was tried
    /// @param cause the failure behind it
    public AmpeException(Status status, String detail, Throwable cause) {
        super(Objects.requireNonNull(status, "status") + ": " + detail, cause);
        this.status = status;
    }

    /// The reason.
    ///
    /// @return the status
    public Status status() {
        return status;
    }

    /// Whether the call came too late for its channel, which nobody may be blamed for: a peer may
    /// go at any time, and its last message may still wait to be received.
    ///
    /// @return true for [Status#CHANNEL_CLOSED], and for [Status#INVALID_CHANNEL_NUMBER], which a
    ///     channel has once its last message was taken, but a number that never was a channel's,
    ///     too
    public boolean channelEnded() {
        return status == Status.CHANNEL_CLOSED || status == Status.INVALID_CHANNEL_NUMBER;
    }
}
