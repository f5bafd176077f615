package tofu.engine.channel;

/// Where a channel is in its life.
///
/// ```
/// listener: OPENING -> LISTENING -> CLOSED
/// stream:   CONNECTING -> OPEN -> BYE_SENT | BYE_RECEIVED -> CLOSING -> CLOSED
/// ```
///
/// Every state may go straight to [#CLOSED].
public enum State {
    /// A listener that is not bound yet.
    OPENING,
    /// A listener that accepts.
    LISTENING,
    /// A client's stream that is not connected yet.
    CONNECTING,
    /// Both sides may talk.
    OPEN,
    /// Our bye is the last that we send; the peer may go on.
    BYE_SENT,
    /// The peer's bye was the last that it sends; we may go on.
    BYE_RECEIVED,
    /// Both sides have said all; what is queued is still sent, then the sockets are closed.
    CLOSING,
    /// Over; the last notice is on its way to the application.
    CLOSED;

    boolean mayEnter(State next) {
        return switch (this) {
            case OPENING -> next == LISTENING || next == CLOSED;
            case LISTENING -> next == CLOSED;
            case CONNECTING -> next == OPEN || next == CLOSED;
            case OPEN ->
                    next == BYE_SENT || next == BYE_RECEIVED || next == CLOSING || next == CLOSED;
            case BYE_SENT, BYE_RECEIVED -> next == CLOSING || next == CLOSED;
            case CLOSING -> next == CLOSED;
            case CLOSED -> false;
        };
    }
}
