package tofu.kit;

import tofu.api.Message;

/// Begins a [Session] with each peer that is accepted.
///
/// Threads: called by the thread that runs the dispatcher. Applications implement it: methods are
/// added with a default only.
@FunctionalInterface
public interface Sessions {
    /// Begins a session; the peer has its HelloResponse afterwards.
    ///
    /// @param peer to talk to
    /// @param hello what it said: text headers, body; not to be moved
    /// @return what is done with its messages
    /// @throws Exception as for a [Handler]: the peer's channel is ended
    Session open(Peer peer, Message hello) throws Exception;
}
