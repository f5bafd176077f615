package tofu.recipes;

import java.util.ArrayDeque;
import java.util.Deque;
import tofu.api.AmpeException;
import tofu.api.BinaryHeader;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;

/// One connection of the [EchoServer]: its counts, and the answers that wait for room.
///
/// An answer that finds the channel's send queue full is held here, and goes out when the engine
/// says `SEND_QUEUE_READY`. Waiting for room instead would be simpler, but let one slow peer stop
/// all others. What is held has a bound, too: a peer that goes on asking without reading its
/// answers is cut off. One that never leaves more than 4,096 answers and 8 MiB unread never is.
///
/// Threads: the server's one.
/// Owns: the held messages.
final class EchoPeer {
    static final int MAX_HELD_MESSAGES = 4_096;
    static final long MAX_HELD_BYTES = 8 << 20;

    private final Station station;
    private final int channel;
    private final Deque<Message> answers = new ArrayDeque<>();
    private long heldBytes;
    private long messages;
    private long bytes;

    /// @param hello the peer's first message, which stays the caller's
    EchoPeer(Station station, Message hello) {
        this.station = station;
        this.channel = hello.channel();
    }

    int channel() {
        return channel;
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
        heldBytes += message.body().length();
        sendHeld();
        if (answers.size() > MAX_HELD_MESSAGES || heldBytes > MAX_HELD_BYTES) {
            cutOff();
        }
    }

    /// Sends held answers, in order, until the send queue is full.
    void sendHeld() {
        while (!answers.isEmpty()) {
            int length = answers.getFirst().body().length();
            if (!sendFirst()) {
                return;
            }
            heldBytes -= length;
        }
    }

    /// Gives the held answers back to the pool.
    void drop() {
        answers.forEach(Message::close);
        answers.clear();
        heldBytes = 0;
    }

    private boolean sendFirst() {
        try {
            BinaryHeader sent = station.group().enqueueToPeer(answers.getFirst());
            answers.removeFirst();
            if (sent.opCode().type() == OpCode.Type.REGULAR) {
                messages++;
                bytes += sent.bodyLength();
            }
            return true;
        } catch (AmpeException e) {
            // The refused message is still ours.
            if (e.status() == Status.SEND_QUEUE_FULL) {
                return false;
            }
            if (!isGone(e.status())) {
                throw e;
            }
            drop();
            return false;
        }
    }

    /// Ends the channel at once; its last message, `CHANNEL_CLOSED`, comes as for any other.
    private void cutOff() {
        drop();
        try (Message bye = station.message()) {
            station.group().enqueueToPeer(bye.opCode(OpCode.BYE_SIGNAL).channel(channel));
        } catch (AmpeException e) {
            if (!isGone(e.status())) {
                throw e;
            }
        }
    }

    /// The channel may end, or have said bye, while messages of it are still in the inbox.
    private static boolean isGone(Status status) {
        return status == Status.CHANNEL_CLOSED || status == Status.INVALID_CHANNEL_NUMBER;
    }
}
