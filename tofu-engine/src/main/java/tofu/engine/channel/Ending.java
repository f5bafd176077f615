package tofu.engine.channel;

import tofu.api.OpCode;

/// How far a stream's end has come: who has said bye, and what is left to do.
///
/// [State] says where a stream is in its life; this says how it gets out of [State#CLOSING]. The
/// two are not the same: a bye may be queued while the stream is still connecting, and a stream
/// whose writing has failed is closing though nobody has said bye.
///
/// | value               | we may talk | peer may talk | what comes next                          |
/// |---------------------|-------------|---------------|------------------------------------------|
/// | NOT_BEGUN           | yes         | yes           | anybody's bye                            |
/// | WE_ASKED            |             | yes           | the peer's bye                           |
/// | PEER_ASKED          | yes         |               | our bye                                  |
/// | BOTH_ASKED          |             |               | we end our direction when all is sent    |
/// | ANSWERED_UNASKED    |             | yes           | the peer, with or without a bye          |
/// | PEER_ANSWERED       |             |               | we close at once                         |
/// | AWAITING_END        |             |               | the peer                                 |
/// | DRAINING            |             | to nobody     | we end our direction when all is sent    |
/// | DRAINING_TO_THE_END |             | to nobody     | the peer, or too much of what it sends   |
/// | CLOSED, RESET       |             |               | it has ended                             |
///
/// ```
///                         our bye                    the peer's bye
///                     request    response         request       response
/// NOT_BEGUN        -> WE_ASKED   ANSWERED_UNASKED PEER_ASKED    PEER_ANSWERED
/// WE_ASKED         ->                             BOTH_ASKED    PEER_ANSWERED
/// PEER_ASKED       -> BOTH_ASKED AWAITING_END
/// ANSWERED_UNASKED ->                             AWAITING_END  PEER_ANSWERED
///
///                                                   the group closes
/// NOT_BEGUN, WE_ASKED, PEER_ASKED, BOTH_ASKED    -> DRAINING
/// ANSWERED_UNASKED, AWAITING_END                 -> DRAINING_TO_THE_END
///
///                                                   our direction is ended
/// BOTH_ASKED                                     -> AWAITING_END
/// DRAINING                                       -> DRAINING_TO_THE_END
/// ```
///
/// A group that closes once more changes nothing. Every value but the last two may become either of
/// them. There is no other transition: nobody says anything behind a bye of its own, and once the
/// group has closed nobody listens to the peer.
enum Ending {
    /// Nobody has said bye.
    NOT_BEGUN,

    /// Our ByeRequest is the last that we send.
    WE_ASKED,

    /// The peer's ByeRequest was the last that it sends.
    PEER_ASKED,

    /// Both have asked, and neither owes an answer: each takes the other's request as the answer to
    /// its own. Each ends its direction as soon as all is sent, and closes when the other has ended
    /// its own: a peer that has not read all may lose the rest if we close first.
    BOTH_ASKED,

    /// Our ByeResponse is the last that we send, though nobody had asked: the peer may still talk.
    ANSWERED_UNASKED,

    /// The peer has answered and waits for the close; nothing more is sent.
    PEER_ANSWERED,

    /// All is said, and it is the peer's turn to end the stream: our direction is ended, or we have
    /// answered, and the peer may not have read that yet.
    AWAITING_END,

    /// The group has closed: what is queued is sent, then our direction is ended. What still comes
    /// is thrown away, up to a bound.
    DRAINING,

    /// The group has closed, and our direction is ended or must not be, as in [#AWAITING_END]. What
    /// still comes is thrown away, up to a bound.
    DRAINING_TO_THE_END,

    /// It has ended, and the peer is to see the end of the stream.
    CLOSED,

    /// It has ended, and the peer is to see a broken connection.
    RESET;

    /// Whether we may queue messages behind those that are queued.
    boolean weMayTalk() {
        return this == NOT_BEGUN || this == PEER_ASKED;
    }

    /// Whether messages may come that somebody wants.
    boolean peerMayTalk() {
        return this == NOT_BEGUN || this == WE_ASKED || this == ANSWERED_UNASKED;
    }

    /// Whether what comes is thrown away.
    boolean isDraining() {
        return this == DRAINING || this == DRAINING_TO_THE_END;
    }

    /// Whether we are to end our direction as soon as all is sent.
    boolean owesOurEnd() {
        return this == BOTH_ASKED || this == DRAINING;
    }

    /// We say bye, the last that we say.
    ///
    /// @param bye a request or a response
    Ending onOurBye(OpCode bye) {
        boolean request = bye == OpCode.BYE_REQUEST;
        return switch (this) {
            case NOT_BEGUN -> request ? WE_ASKED : ANSWERED_UNASKED;
            case PEER_ASKED -> request ? BOTH_ASKED : AWAITING_END;
            case WE_ASKED,
                    BOTH_ASKED,
                    ANSWERED_UNASKED,
                    PEER_ANSWERED,
                    AWAITING_END,
                    DRAINING,
                    DRAINING_TO_THE_END,
                    CLOSED,
                    RESET ->
                    throw new IllegalStateException("our " + bye + " in " + this);
        };
    }

    /// The peer says bye, the last that it says.
    ///
    /// @param bye a request or a response
    Ending onPeersBye(OpCode bye) {
        boolean request = bye == OpCode.BYE_REQUEST;
        return switch (this) {
            case NOT_BEGUN -> request ? PEER_ASKED : PEER_ANSWERED;
            case WE_ASKED -> request ? BOTH_ASKED : PEER_ANSWERED;
            case ANSWERED_UNASKED -> request ? AWAITING_END : PEER_ANSWERED;
            case PEER_ASKED,
                    BOTH_ASKED,
                    PEER_ANSWERED,
                    AWAITING_END,
                    DRAINING,
                    DRAINING_TO_THE_END,
                    CLOSED,
                    RESET ->
                    throw new IllegalStateException("the peer's " + bye + " in " + this);
        };
    }

    /// The group closes.
    Ending onGroupClosed() {
        return switch (this) {
            case NOT_BEGUN, WE_ASKED, PEER_ASKED, BOTH_ASKED, DRAINING -> DRAINING;
            case ANSWERED_UNASKED, AWAITING_END, DRAINING_TO_THE_END -> DRAINING_TO_THE_END;
            case PEER_ANSWERED, CLOSED, RESET ->
                    throw new IllegalStateException("the group closes in " + this);
        };
    }

    /// Our direction is ended: all was sent.
    Ending onOurEnd() {
        return switch (this) {
            case BOTH_ASKED -> AWAITING_END;
            case DRAINING -> DRAINING_TO_THE_END;
            case NOT_BEGUN,
                    WE_ASKED,
                    PEER_ASKED,
                    ANSWERED_UNASKED,
                    PEER_ANSWERED,
                    AWAITING_END,
                    DRAINING_TO_THE_END,
                    CLOSED,
                    RESET ->
                    throw new IllegalStateException("our direction ends in " + this);
        };
    }
}
