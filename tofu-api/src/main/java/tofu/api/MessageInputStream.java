package tofu.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Reads one chain of messages as a stream of bytes: the first, and all that follow with the same
/// channel, op code and id, up to the one without `more`. It does not matter how the peer has cut
/// them.
///
/// There are two ways to get the rest of the chain:
///
/// - [#fed]: the thread that receives from the group hands over what belongs to the chain, see
///   [#accepts] and [#feed]; another thread reads.
/// - [#receiving]: the reader receives from the group itself. That is for a group, or a time, in
///   which nobody else does.
///
/// Bytes are copied out of a message as it comes, and the message is closed at once (but for the
/// last one of a channel, see [#feed]): the stream never owns one, and may be forgotten without a
/// leak.
///
/// Threads: one reads and closes; one, or the same, feeds.
/// Errors: [MessageStreamException] with [Status#CHANNEL_CLOSED] when the channel ends before the
/// chain, or with what receiving threw; [IOException] when the peer has aborted the chain
/// ([MessageOutputStream#abort]). What came before can be read before. If there is no memory for a
/// copy, a read throws that Error, and each one after it [MessageStreamException] with
/// [Status#ALLOCATION_FAILED]; who has fed the message still has it, and may feed it again.
public final class MessageInputStream extends InputStream {
    private final OpCode opCode;
    private final int channel;
    private final long id;
    private final Parts parts;

    /// The bytes being read, and how many of them were.
    private Part part;

    private int position;
    private boolean closed;

    /// What the stream keeps of a message.
    static final class Part {
        private final byte[] bytes;
        private final boolean isLast;
        private final boolean endsChannel;

        /// What to throw after the bytes, if the chain ends badly.
        private final @Nullable IOException failure;

        private Part(
                byte[] bytes, boolean isLast, boolean endsChannel, @Nullable IOException failure) {
            this.bytes = bytes;
            this.isLast = isLast;
            this.endsChannel = endsChannel;
            this.failure = failure;
        }

        /// Whether the chain is complete, or broken off.
        boolean isLast() {
            return isLast;
        }

        /// Whether the channel has ended, and so all of its streams.
        boolean endsChannel() {
            return endsChannel;
        }

        /// Copies what matters.
        static Part of(Message message) {
            if (message.endsChannel()) {
                return new Part(
                        new byte[0],
                        true,
                        true,
                        new MessageStreamException(
                                message.status(),
                                "channel " + message.channel() + " has ended amid a stream"));
            }
            String reason = message.headers().first(MessageOutputStream.ABORTED);
            IOException failure =
                    reason == null || message.more()
                            ? null
                            : new IOException("the peer has aborted the stream: " + reason);
            return new Part(message.body().toByteArray(), !message.more(), false, failure);
        }
    }

    /// Where the parts after the first come from.
    interface Parts {
        /// Waits for the next part.
        Part next() throws IOException;

        /// Takes what was received.
        void feed(Part part, Duration timeout) throws InterruptedException;

        /// The reader has no more interest.
        ///
        /// @param last the part that was read last
        void close(Part last) throws IOException;
    }

    private MessageInputStream(Message first, Parts parts) {
        this.opCode = first.opCode();
        this.channel = first.channel();
        this.id = first.id();
        this.parts = parts;
        this.part = Part.of(first);
    }

    private static Message checked(Message first) {
        if (first.opCode().type() != OpCode.Type.REGULAR || first.origin() == Origin.ENGINE) {
            throw new AmpeException(
                    Status.INVALID_MESSAGE, "no stream begins with " + first.header());
        }
        return first;
    }

    /// Makes a stream that is fed by the thread that receives.
    ///
    /// @param first the first message of the chain; it is moved
    /// @param capacity how many messages may wait to be read, at least 1
    /// @param timeout how long a read waits at most for the next message
    /// @return a stream
    /// @throws AmpeException with [Status#NULL_MESSAGE], or with [Status#INVALID_MESSAGE] for one
    ///     that is no peer's request, response or signal; the message is still the caller's
    public static MessageInputStream fed(Message first, int capacity, Duration timeout) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity is " + capacity + ", must be 1 or more");
        }
        MessageInputStream stream =
                new MessageInputStream(checked(first), new FedParts(capacity, timeout));
        first.close();
        return stream;
    }

    /// Makes a stream whose reader receives from the group.
    ///
    /// @param first the first message of the chain; it is moved
    /// @param group the group that has the channel; only the reader receives from it until the
    ///     stream is closed or has ended
    /// @param timeout how long a read waits at most for the next message of the chain, however many
    ///     others come meanwhile
    /// @param others is given every other message that is received meanwhile, and owns it once it
    ///     has returned. What it throws comes out of the read as it is, and is no failure of the
    ///     stream: one may read on. The last message of the stream's own channel is not among
    ///     them: the reader hears of that end by a [MessageStreamException]
    /// @return a stream
    /// @throws AmpeException as [#fed]
    public static MessageInputStream receiving(
            Message first, ChannelGroup group, Duration timeout, Consumer<Message> others) {
        Objects.requireNonNull(group, "group");
        Objects.requireNonNull(others, "others");
        ReceivedParts received = new ReceivedParts(group, timeout, others);
        MessageInputStream stream = new MessageInputStream(checked(first), received);
        received.of(stream);
        first.close();
        return stream;
    }

    /// Whether a message belongs to this chain, or ends its channel. Do not ask about the first
    /// message, nor after [#feed] has said that the chain is complete.
    ///
    /// @param message a received message
    /// @return true if it is to be fed
    public boolean accepts(Message message) {
        return message.channel() == channel
                && (message.endsChannel()
                        || (message.origin() == Origin.APPLICATION
                                && message.status() == Status.SUCCESS
                                && message.opCode() == opCode
                                && message.id() == id));
    }

    /// Hands over the next message of the chain. Waits for room while as many messages wait to be
    /// read as may. Once the stream is closed, messages are let go, and nothing waits.
    ///
    /// The [last message of a channel][Message#endsChannel()] concerns all who read from it. So it
    /// stays the caller's, to be fed to each stream that accepts it, and never waits for room.
    ///
    /// @param message a message that the stream [accepts][#accepts]; it is moved, unless it is the
    ///     last of its channel
    /// @param timeout how long to wait at most for room
    /// @return true if the chain goes on, false if this was its last message
    /// @throws AmpeException with [Status#NULL_MESSAGE]; with [Status#INVALID_MESSAGE] if it does
    ///     not belong to the chain; with [Status#INBOX_FULL] after the timeout; with
    ///     [Status#NOT_ALLOWED] for a stream that receives itself; the message is still the
    ///     caller's
    /// @throws InterruptedException if interrupted while waiting; the message is still the caller's
    public boolean feed(Message message, Duration timeout) throws InterruptedException {
        if (!accepts(message)) {
            throw new AmpeException(
                    Status.INVALID_MESSAGE, "not of this chain: " + message.header());
        }
        Part fed = Part.of(message);
        parts.feed(fed, timeout);
        if (!fed.endsChannel) {
            message.close();
        }
        return !fed.isLast;
    }

    @Override
    public int read() throws IOException {
        return fill() ? part.bytes[position++] & 0xFF : -1;
    }

    /// Reads bytes; waits until there is at least one.
    ///
    /// @param target the array
    /// @param offset where to start
    /// @param length how many bytes at most
    /// @return how many were read, -1 at the end of the chain
    /// @throws SocketTimeoutException if nothing came in time; one may read again
    /// @throws InterruptedIOException if interrupted; the thread stays interrupted
    /// @throws IOException as the class says
    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, part.bytes.length - position);
        System.arraycopy(part.bytes, position, target, offset, count);
        position += count;
        return count;
    }

    /// How many bytes can be read of the message that is being read.
    ///
    /// @return 0 if the next read may have to wait
    /// @throws IOException if the stream is closed
    @Override
    public int available() throws IOException {
        checkOpen();
        return part.bytes.length - position;
    }

    /// Ends reading. The rest of the chain is let go: a fed stream drops what it is fed; one that
    /// receives, receives the rest now, and waits at most its timeout for each message. To cut that
    /// short, end the channel first.
    ///
    /// @throws SocketTimeoutException if the rest did not come in time: what does come later is
    ///     received as any other message
    /// @throws InterruptedIOException if interrupted; the thread stays interrupted
    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            parts.close(part);
        }
    }

    /// Makes sure that there is a byte to read.
    ///
    /// @return false at the end
    private boolean fill() throws IOException {
        checkOpen();
        while (position == part.bytes.length) {
            IOException failure = part.failure;
            if (failure != null) {
                throw failure;
            }
            if (part.isLast) {
                return false;
            }
            part = parts.next();
            position = 0;
        }
        return true;
    }

    private void checkOpen() throws IOException {
        if (closed) {
            throw new IOException("the stream is closed");
        }
    }

    /// An interrupt, as I/O knows it.
    static InterruptedIOException interrupted(InterruptedException cause) {
        Thread.currentThread().interrupt();
        InterruptedIOException interrupted = new InterruptedIOException(cause.getMessage());
        interrupted.initCause(cause);
        return interrupted;
    }

    /// Nothing came in time.
    static SocketTimeoutException late(Duration timeout) {
        return new SocketTimeoutException("no message of the stream came within " + timeout);
    }
}
