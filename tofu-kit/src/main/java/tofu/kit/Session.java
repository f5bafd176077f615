package tofu.kit;

import tofu.api.Message;
import tofu.api.Status;

/// What a [Server] does with the messages of one peer, from hello to the end of the channel.
///
/// Threads: called by the thread that runs the dispatcher. Applications implement it: methods are
/// added with a default only.
@FunctionalInterface
public interface Session {
    /// Handles a request, a response or a signal of the peer. Byes are answered by the server.
    ///
    /// @param message as for a [Handler]
    /// @throws Exception as for a [Handler]: the peer's channel is ended
    void onMessage(Message message) throws Exception;

    /// Hears what the engine says of the channel: a message that was not sent comes back, or a
    /// notice. Not if a filter, or a handler for the channel, has taken it; but that there is room
    /// again ([Status#SEND_QUEUE_READY]) it hears in any case, and first.
    ///
    /// @param notice as for a [Handler]
    /// @throws Exception as for a [Handler]
    default void onNotice(Message notice) throws Exception {}

    /// The channel has ended; nothing else comes. Called once for every session, also at the end of
    /// the dispatcher.
    ///
    /// @param reason what the engine said last before the end, in a notice or by a message that
    ///     came back, such as [Status#SEND_TIMEOUT]; if it said nothing, as for a bye or for a
    ///     peer that went away when nothing was to be sent, [Status#CHANNEL_CLOSED]; at the end
    ///     of the dispatcher [Status#SHUTDOWN_STARTED]
    default void onEnd(Status reason) {}
}
