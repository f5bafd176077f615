package tofu.kit;

import tofu.api.Message;

/// Does something with a received message.
///
/// Threads: called by the thread that runs the [Dispatcher]; while it works, nothing else is
/// received. Applications implement it: methods are added with a default only.
@FunctionalInterface
public interface Handler {
    /// Handles a message.
    ///
    /// @param message may be moved; if it is not, and not [kept][Dispatcher#keep], it is closed
    ///     when this returns
    /// @throws Exception goes to [Dispatcher#onFailure], and the message's channel is ended
    void onMessage(Message message) throws Exception;
}
