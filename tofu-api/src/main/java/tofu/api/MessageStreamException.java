package tofu.api;

import java.io.IOException;

/// Says that a stream over messages has failed; [#status()] says why.
///
/// Such a stream is at its end: it must be closed, and nothing else can be done with it.
public final class MessageStreamException extends IOException {
    /// The form of a serialized exception; nothing more to say of it.
    private static final long serialVersionUID = 1L;

    /// The reason.
    private final Status status;

    /// Makes an exception.
    ///
    /// @param status the reason
    /// @param detail what was tried
    public MessageStreamException(Status status, String detail) {
        super(status + ": " + detail);
        this.status = status;
    }

    /// Makes an exception out of what a group said.
    ///
    /// @param cause has the reason
    public MessageStreamException(AmpeException cause) {
        super(cause.getMessage(), cause);
        this.status = cause.status();
    }

    /// The reason: [Status#CHANNEL_CLOSED] for the end of the channel, [Status#SEND_QUEUE_FULL] for
    /// a peer that does not read, or what else enqueueing and receiving may throw.
    ///
    /// @return the status
    public Status status() {
        return status;
    }
}
