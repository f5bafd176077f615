package tofu.recipes.first;

import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;

/// What a server does with messages, apart from how it gets them: a [MultiHomed] server runs it.
///
/// Threads: all methods are called by the server's one receiving thread, in this order: `start`,
/// then `onMessage` for each message, then `stop`. A service may hand work to other threads, and
/// these may enqueue to the group as well.
public interface Services {
    /// Begins.
    ///
    /// @param ampe the server's engine, to get messages from
    /// @param sendTo the server's group, to enqueue to; never to receive from, nor to close
    void start(Ampe ampe, ChannelGroup sendTo);

    /// Handles a message of a peer, or one of the engine's about a peer.
    ///
    /// @param message may be moved; if it is not, the server closes it
    /// @return false if the server is to stop
    boolean onMessage(Message message) throws InterruptedException;

    /// Ends.
    void stop();
}
