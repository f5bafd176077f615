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
    /// notice.
    ///
    /// @param notice as for a [Handler]
    /// @throws Exception as for a [Handler]
    default void onNotice(Message notice) throws Exception {}

    /// The channel has ended; nothing else comes. Called once for every session, also at the end of
    /// the dispatcher.
    ///
    /// @param reason the status of its last message
    default void onEnd(Status reason) {}
}
