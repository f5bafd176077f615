package tofu.engine.channel;

import tofu.api.OpCode;
import tofu.api.Statistics.DeadlineName;
import tofu.api.Status;
import tofu.pool.HeaderLayout;

/// Where a stream is in its life: who has said hello, its [State], and how far its [Ending] has
/// come.
///
/// The three go together, and with them what is awaited of the peer:
///
/// | state        | awaited                                                              |
/// |--------------|----------------------------------------------------------------------|
/// | CONNECTING   | the connection, once our hello is there                              |
/// | OPEN         | by a server the hello; by a client a handshake of TLS, if any        |
/// | BYE_SENT     | the peer's bye                                                       |
/// | BYE_RECEIVED | nothing: it is our turn                                              |
/// | CLOSING      | the peer's end                                                       |
///
/// Threads: the loop, but for [#seenState()].
final class Life {
    private final boolean client;
    private final Deadlines deadlines;

    private State state;

    /// The same, for those who look from other threads.
    private volatile State seenState;

    private Ending ending = Ending.NOT_BEGUN;

    /// The hello has come that the peer owes: a server's HelloRequest, a client's HelloResponse.
    private boolean greeted;

    private long firstId;

    /// @param deadlines told what is awaited
    Life(boolean client, Deadlines deadlines) {
        this.client = client;
        this.deadlines = deadlines;
        this.state = client ? State.CONNECTING : State.OPEN;
        this.seenState = state;
    }

    State state() {
        return state;
    }

    /// The state, for any thread.
    State seenState() {
        return seenState;
    }

    Ending ending() {
        return ending;
    }

    boolean isGreeted() {
        return greeted;
    }

    /// Whether the peer has connected to us, and has not said who it is.
    boolean isStranger() {
        return !client && !greeted;
    }

    /// The id of the HelloRequest, of a server 0 before it has come.
    long firstId() {
        return firstId;
    }

    // ---- how it begins

    /// A server has accepted the connection.
    void onAccepted(long nowNanos) {
        deadlines.await(DeadlineName.HANDSHAKE, nowNanos);
    }

    /// A client has its HelloRequest.
    void onOurHello(long id, long nowNanos) {
        firstId = id;
        deadlines.await(DeadlineName.CONNECT, nowNanos);
    }

    /// A client's connection stands. What was said before takes effect now.
    void onConnected(long nowNanos) {
        enter(State.OPEN);
        deadlines.forget(DeadlineName.CONNECT);
        if (!ending.weMayTalk()) {
            followOurBye(nowNanos);
        }
    }

    /// A handshake of TLS is made: a client's time for that begins; a server's has begun.
    void onSecuring(long nowNanos) {
        if (client && state == State.OPEN) {
            deadlines.await(DeadlineName.HANDSHAKE, nowNanos);
        }
    }

    /// It is made. A server still awaits the hello.
    void onSecured() {
        if (client) {
            deadlines.forget(DeadlineName.HANDSHAKE);
        }
    }

    // ---- who says what

    /// We say bye, the last that we say.
    ///
    /// @param bye a request or a response
    void onOurBye(OpCode bye, long nowNanos) {
        ending = ending.onOurBye(bye);
        if (state != State.CONNECTING) {
            followOurBye(nowNanos);
        }
    }

    private void followOurBye(long nowNanos) {
        if (state == State.OPEN && ending == Ending.WE_ASKED) {
            enter(State.BYE_SENT);
            deadlines.await(DeadlineName.BYE, nowNanos);
        } else {
            startClosing(nowNanos);
        }
    }

    /// Checks the header of a frame from the peer, also whether it is its turn to say that.
    ///
    /// @return [Status#SUCCESS], or why the channel must be closed
    Status check(long first, long second) {
        Status status = MessageRules.checkReceived(first, second);
        if (status != Status.SUCCESS) {
            return status;
        }
        int opCode = HeaderLayout.opCode(first);
        boolean helloRequest = opCode == OpCode.HELLO_REQUEST.code();
        boolean helloResponse = opCode == OpCode.HELLO_RESPONSE.code();
        boolean outOfTurn =
                helloRequest != isStranger()
                        || (helloResponse && (!client || greeted))
                        || !ending.peerMayTalk();
        return outOfTurn ? Status.INVALID_MESSAGE : Status.SUCCESS;
    }

    /// The peer says hello or bye. If that makes it CLOSING, [#onHeard(long)] says for how long.
    ///
    /// @param opCode of a frame that was checked
    /// @param id its id
    void hear(OpCode opCode, long id) {
        if (opCode == OpCode.HELLO_REQUEST) {
            greeted = true;
            firstId = id;
            deadlines.forget(DeadlineName.HANDSHAKE);
        } else if (opCode == OpCode.HELLO_RESPONSE) {
            greeted = true;
        } else {
            hearBye(opCode);
        }
    }

    private void hearBye(OpCode bye) {
        ending = ending.onPeersBye(bye);
        if (state == State.CLOSING) {
            return; // we have said our response, or writing has failed
        }
        enter(ending == Ending.PEER_ASKED ? State.BYE_RECEIVED : State.CLOSING);
    }

    /// All that came was heard: the time for the peer's end begins, if that is due now.
    void onHeard(long nowNanos) {
        if (state == State.CLOSING && !deadlines.awaits(DeadlineName.CLOSE)) {
            startClosing(nowNanos);
        }
    }

    // ---- how it ends

    /// The group closes; of a stream that is connected, and no stranger's.
    void onGroupClosed(long nowNanos) {
        ending = ending.onGroupClosed();
        startClosing(nowNanos);
    }

    /// The peer's end is awaited from now on.
    void startClosing(long nowNanos) {
        if (state != State.CLOSING) {
            enter(State.CLOSING);
        }
        deadlines.await(DeadlineName.CLOSE, nowNanos);
    }

    /// We end our direction, as [Ending#owesOurEnd()] says.
    void onOurEnd() {
        ending = ending.onOurEnd();
    }

    /// It is over: nothing is awaited any more.
    void end(Exit exit) {
        enter(State.CLOSED);
        ending = exit.isReset() ? Ending.RESET : Ending.CLOSED;
        deadlines.clear();
    }

    private void enter(State next) {
        assert state.mayEnter(next) : state + " -> " + next;
        state = next;
        seenState = next;
    }
}
