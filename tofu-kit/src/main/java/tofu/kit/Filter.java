package tofu.kit;

import tofu.api.Message;

/// Sees each message before the [handlers][Handler] do, and takes those that are its own business.
///
/// Threads: called by the thread that runs the [Dispatcher]. Applications implement it: methods are
/// added with a default only.
@FunctionalInterface
public interface Filter {
    /// Looks at a message.
    ///
    /// @param message may be moved if this returns true; if it is not, it is closed then
    /// @return true if nobody else is to see it; the last message of a channel is seen by all, and
    ///     must not be moved
    /// @throws Exception goes to [Dispatcher#onFailure], and the message's channel is ended
    boolean take(Message message) throws Exception;

    /// Nothing will come any more: the dispatcher has ended.
    default void end() {}
}
