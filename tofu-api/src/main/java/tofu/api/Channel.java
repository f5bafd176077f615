package tofu.api;

import org.jspecify.annotations.Nullable;

/// One channel of a group: a connection to a peer, or a listener.
///
/// A live view: each question is answered as things are now, so that two answers need not fit
/// together, and what is right now may be wrong at once. To look costs the messages nothing. A
/// channel is there from the message that opens it, or that its peer has opened it with, until the
/// application has taken its last message ([Message#endsChannel()]); a view that is kept beyond
/// that says [State#CLOSED], whoever has the number then. Two views of one channel are equal.
///
/// Threads: every method is safe for concurrent use, and none waits. Only the engine implements it:
/// methods may be added.
public interface Channel {
    /// What a channel is for. Between peers it says who has connected to whom, and no more.
    enum Role {
        /// It accepts connections.
        LISTENER,
        /// We have connected to the peer.
        CLIENT,
        /// The peer has connected to us.
        SERVER
    }

    /// Where a channel is in its life. Every state may be followed by [#CLOSED] at once.
    ///
    /// More may come: a `switch` over them needs a `default`.
    enum State {
        /// A listener does not listen yet, or a client is not connected yet.
        OPENING,
        /// A listener accepts; two peers may talk.
        OPEN,
        /// We have said bye, and the peer may go on.
        BYE_SENT,
        /// The peer has said bye, and we may go on.
        BYE_RECEIVED,
        /// All is said; what is queued is still sent.
        CLOSING,
        /// It has ended. The messages that say so may still wait to be received.
        CLOSED
    }

    /// The channel's number.
    ///
    /// @return 1 to 65,534
    int number();

    /// What the channel is for.
    ///
    /// @return the role, for life
    Role role();

    /// Where the channel is in its life.
    ///
    /// @return the state
    State state();

    /// Our end, as the system has it. A listener's names the port that the system chose.
    ///
    /// @return the address, an [Address.Server] of a listener; `null` before there is one, and if
    ///     the end has no name, as that of a Unix domain socket's client
    @Nullable Address localAddress();

    /// The peer's end, as the system has it: never a name that is looked up.
    ///
    /// @return the address; `null` of a listener, before there is a connection, and if the end has
    ///     no name, as that of a Unix domain socket's client
    @Nullable Address remoteAddress();

    /// Who the peer is, as far as its connection proves it. For an accepted channel it is known
    /// before its HelloRequest is received.
    ///
    /// @return the identity, with nothing in it for a listener, and before there is a connection,
    ///     or over TLS before the handshake is done
    PeerIdentity peer();

    /// Messages that were enqueued, and that the system has not been given yet.
    ///
    /// @return 0 to [Options#sendQueueMessages()], or some more: hellos and byes are always taken
    int queuedMessages();

    /// The same in bytes, as on the wire.
    ///
    /// @return 0 to [Options#sendQueueBytes()], or some more
    long queuedBytes();

    /// Whether the send queue has room for a message without text headers or body.
    ///
    /// @return false if it would be refused with [Status#SEND_QUEUE_FULL]
    boolean hasRoom();

    /// Receives no more of this channel for now: the engine stops reading from its connection, so
    /// that the peer is slowed down by the transport, and no other channel is. Nothing is lost.
    /// What was read before is still received: the messages in the inbox, and at most one more
    /// reading of the engine's, 64 KiB or a single message.
    ///
    /// The peer's deadlines stand still meanwhile, as with a full receive window
    /// ([Options#receiveWindowMessages()]). Its bye, and its end, may not be noticed before
    /// [#resumeReceive()]. [OpCode#BYE_SIGNAL] ends the channel as ever, and so does closing the
    /// group. Pausing twice is pausing once; on a channel that has ended it does nothing.
    ///
    /// @throws AmpeException with [Status#NOT_ALLOWED] on a listener
    void pauseReceive();

    /// Goes on with what [#pauseReceive()] stopped; else does nothing.
    ///
    /// @throws AmpeException with [Status#NOT_ALLOWED] on a listener
    void resumeReceive();

    /// Whether receiving is paused.
    ///
    /// @return true between [#pauseReceive()] and [#resumeReceive()]
    boolean isReceivePaused();
}
