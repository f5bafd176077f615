package tofu.recipes;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import tofu.api.AmpeException;
import tofu.api.Channel;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;

/// One connection of the [EchoServer]: its counts, and the answers that wait for room.
///
/// An answer that finds the channel's send queue full is held here, and goes out when the engine
/// says `SEND_QUEUE_READY`. Waiting for room instead would be simpler, but let one slow peer stop
/// all others. What is held needs a bound, too: so nothing more is received of this peer until its
/// answers are gone. Then at most a receive window of them is here, and the peer, however fast it
/// asks and however slowly it reads, is never cut off.
///
/// Threads: the server's one.
/// Owns: the held messages.
final class EchoPeer {
    private final ChannelGroup group;
    private final Channel channel;
    private final Deque<Message> answers = new ArrayDeque<>();
    private long messages;
    private long bytes;

    /// @param hello the peer's first message, which stays the caller's
    EchoPeer(ChannelGroup group, Message hello) {
        this.group = group;
        // A channel is there at least until its last message is taken.
        this.channel = Objects.requireNonNull(group.channel(hello.channel()));
    }

    int channel() {
        return channel.number();
    }

    /// Requests and signals that were sent back.
    long messages() {
        return messages;
    }

    /// The bytes of their bodies.
    long bytes() {
        return bytes;
    }

    /// Turns a message round in place and sends it back, now or when there is room for it.
    ///
    /// @param message a request or signal of this peer; this object owns it from now on
    void echo(Message message) {
        answers.addLast(message.opCode(message.opCode().echo()));
        sendHeld();
    }

    /// Sends held answers, in order, until the send queue is full.
    void sendHeld() {
        while (!answers.isEmpty()) {
            if (!sendFirst()) {
                channel.pauseReceive();
                return;
            }
        }
        channel.resumeReceive();
    }

    /// Gives the held answers back to the pool.
    void drop() {
        answers.forEach(Message::close);
        answers.clear();
    }

    private boolean sendFirst() {
        Message answer = answers.getFirst();
        boolean regular = answer.opCode().type() == OpCode.Type.REGULAR;
        int length = answer.body().length();
        try {
            if (!group.offerToPeer(answer)) {
                return false; // it is still ours
            }
        } catch (AmpeException e) {
            // The channel may end, or have said bye, while messages of it are still in the inbox.
            if (!e.channelEnded()) {
                throw e;
            }
            drop();
            return true;
        }
        answers.removeFirst();
        if (regular) {
            messages++;
            bytes += length;
        }
        return true;
    }
}
