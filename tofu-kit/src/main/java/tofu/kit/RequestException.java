package tofu.kit;

import tofu.api.Status;

/// Says why a request has no answer; [#reason()] says whether the peer may have seen it.
public final class RequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// Why there is no answer.
    ///
    /// More may come: a `switch` over them needs a `default`. After one that it does not know, the
    /// peer may have seen the request.
    public enum Reason {
        /// The request was not sent, and the peer has not seen it: it came back, or there was no
        /// connection, or no room for one more request under way.
        NOT_SENT,
        /// No answer in time; the peer may have seen the request.
        TIMEOUT,
        /// The channel has ended; the peer may have seen the request. The status says why.
        CHANNEL_ENDED,
        /// The answer has more parts than the asker takes, or more bytes of them.
        TOO_MANY_PARTS,
        /// The requester or its dispatcher has ended; the peer may have seen the request.
        STOPPED
    }

    /// The reason.
    private final Reason reason;

    /// What the engine said of it.
    private final Status status;

    RequestException(Reason reason, Status status, String detail) {
        super(reason + ": " + detail);
        this.reason = reason;
        this.status = status;
    }

    /// The same, thrown by another thread.
    RequestException(RequestException cause) {
        super(cause.getMessage(), cause);
        this.reason = cause.reason;
        this.status = cause.status;
    }

    /// Why there is no answer.
    ///
    /// @return the reason
    public Reason reason() {
        return reason;
    }

    /// What the engine said of it, for [Reason#NOT_SENT], [Reason#CHANNEL_ENDED] and
    /// [Reason#STOPPED]. For the end of a channel it is the reason that [Session#onEnd] is given,
    /// too: such as [Status#SEND_TIMEOUT], or [Status#CHANNEL_CLOSED] if the engine said nothing
    /// before the end.
    ///
    /// @return the status; [Status#SUCCESS] if it said nothing
    public Status status() {
        return status;
    }
}
