package tofu.engine.channel;

/// What the two sides learn when a stream ends: the peer by its socket, the application by notices.
///
/// What was not sent comes back with the reason, and the last notice is `CHANNEL_CLOSED`, in any
/// case. A reason that nothing else would tell has a notice of its own before it.
enum Exit {
    /// The peer sees the end of the stream.
    CLOSE,
    /// The peer sees a broken connection.
    RESET,
    /// The peer sees the end of the stream, the application gets the reason.
    CLOSE_WITH_NOTICE,
    /// The peer sees a broken connection, the application gets the reason.
    RESET_WITH_NOTICE;

    boolean isReset() {
        return this == RESET || this == RESET_WITH_NOTICE;
    }

    boolean hasNotice() {
        return this == CLOSE_WITH_NOTICE || this == RESET_WITH_NOTICE;
    }
}
