package tofu.kit;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tofu.api.AmpeException;
import tofu.api.Channel;
import tofu.api.Message;
import tofu.api.OpCode;

/// A client of a [Server], from its hello to the end of its channel.
///
/// What finds its send queue full waits here, in order, up to the server's bounds: a peer that goes
/// on asking without reading the answers is cut off in the end.
///
/// Threads: any.
public final class Peer {
    private final Dispatcher dispatcher;
    private final int channel;

    /// Tells of the end before anybody else does: from then on another channel may have the number.
    private final @Nullable Channel view;

    private final Backlog backlog;

    /// Requests that came and were not answered through this object; never negative.
    private final AtomicLong open = new AtomicLong();

    /// The server waits for the last answer, then says bye.
    private volatile boolean draining;

    Peer(Dispatcher dispatcher, int channel, int maxBacklog, long maxBacklogBytes) {
        this.dispatcher = dispatcher;
        this.channel = channel;
        this.view = dispatcher.group().channel(channel);
        this.backlog = new Backlog(dispatcher, maxBacklog, maxBacklogBytes);
    }

    /// The channel's number.
    ///
    /// @return 1 to 65,534
    public int channel() {
        return channel;
    }

    /// Gets an empty message for this peer.
    ///
    /// @return a signal on its channel, owned by the caller
    /// @throws AmpeException with [tofu.api.Status#SHUTDOWN_STARTED] or
    ///     [tofu.api.Status#ALLOCATION_FAILED]
    public Message message() {
        return dispatcher.message().opCode(OpCode.SIGNAL).channel(channel);
    }

    /// Turns a message of this peer round, with the text headers and the body that it has by now,
    /// and sends it back: a request becomes its response, a signal stays one.
    ///
    /// @param message moved if this returns true
    /// @return as [#send]; false, too, for a response, which has no answer. Whatever is not sent
    ///     stays what it was, and may be answered again
    /// @throws AmpeException as [#send]
    public boolean answer(Message message) {
        OpCode asked = message.opCode();
        if (asked.role() == OpCode.Role.RESPONSE) {
            return false;
        }
        try {
            return send(message.opCode(asked.echo()));
        } finally {
            if (!message.isEmptied()) {
                message.opCode(asked);
            }
        }
    }

    /// Sends a message, now or when there is room for it.
    ///
    /// @param message is given the channel's number; moved if this returns true
    /// @return false if the peer is going or gone, or is cut off now because too much waits for it;
    ///     the message is still the caller's
    /// @throws AmpeException if the message is no good, or there is no memory to let it wait; it is
    ///     still the caller's
    public boolean send(Message message) {
        if (isGone()) {
            return false;
        }
        boolean ends = message.opCode() == OpCode.RESPONSE && !message.more();
        Backlog.Outcome outcome = backlog.offer(message.channel(channel));
        if (outcome == Backlog.Outcome.FULL) {
            cut();
        }
        if (ends && outcome == Backlog.Outcome.TAKEN) {
            open.updateAndGet(count -> Math.max(0, count - 1));
            byeIfIdle();
        }
        return outcome == Backlog.Outcome.TAKEN;
    }

    /// Ends the channel in good order: after all that was sent before.
    ///
    /// @throws AmpeException with [tofu.api.Status#SHUTDOWN_STARTED] or
    ///     [tofu.api.Status#ALLOCATION_FAILED]
    public void bye() {
        try (Message bye = message()) {
            send(bye.opCode(OpCode.BYE_REQUEST));
        }
    }

    /// Ends the channel at once; nothing happens if it has ended.
    public void cut() {
        if (!isGone()) {
            dispatcher.cut(channel);
        }
    }

    private boolean isGone() {
        return view == null || view.state() == Channel.State.CLOSED;
    }

    @Override
    public String toString() {
        return "Peer[channel=" + channel + ", unanswered=" + open + "]";
    }

    // ---- for what has a backlog of its own

    /// Something waits elsewhere for room in the send queue: a bye comes behind it.
    void hold() {
        backlog.hold();
    }

    /// Ends what [#hold()] began.
    void release() {
        try {
            backlog.release();
        } catch (AmpeException | OutOfMemoryError e) {
            cut(); // no memory for good manners
        }
    }

    /// Whether a bye waits: then nothing new may.
    boolean isLeaving() {
        return backlog.isLeaving();
    }

    // ---- for sessions that know their own requests only

    /// Refuses a request that nobody knows, as whoever has asked waits, and a drain, too; does
    /// nothing for any other message.
    ///
    /// @param header the text header of the answer
    void refuse(Message unknown, String header, String why) {
        if (unknown.opCode() == OpCode.REQUEST && !unknown.more()) {
            try (Message answer = message()) {
                answer.opCode(OpCode.RESPONSE).id(unknown.id()).headers().append(header, why);
                send(answer);
            }
        }
    }

    // ---- for the server

    void asked() {
        open.incrementAndGet();
    }

    void flush() {
        backlog.flush();
    }

    void end() {
        backlog.end();
    }

    void drain() {
        draining = true;
        byeIfIdle();
    }

    private void byeIfIdle() {
        if (draining && open.get() == 0) {
            try {
                bye(); // a second one is refused as CHANNEL_CLOSED, which is fine
            } catch (AmpeException | OutOfMemoryError e) {
                cut(); // no memory for good manners; and the last answer was sent all the same
            }
        }
    }
}
