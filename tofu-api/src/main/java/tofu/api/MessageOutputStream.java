package tofu.api;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Sends bytes of any number as one chain of messages: all have the op code, channel and id of the
/// first, and all but the last are marked with `more`. The peer reads them with a
/// [MessageInputStream], or takes them one by one.
///
/// ```java
/// try (Message first = ampe.get()) {
///     first.opCode(OpCode.REQUEST).channel(peer).headers().append("file", "log.txt");
///     try (var out = new MessageOutputStream(ampe, group, first, Duration.ofSeconds(30))) {
///         Files.copy(path, out);
///         out.finish();
///     }
/// }
/// ```
///
/// Text headers travel in the first message only; those that follow have its op code, channel and
/// id.
///
/// It holds one message at a time. When the channel's send queue is full, it waits: so a slow peer
/// slows down the writer, and no more memory is used than that queue may hold. [#flush()] sends
/// what there is so far.
///
/// Only [#finish()] makes the stream a whole one: it sends the last message, which has no `more`.
/// [#close()] without it, as when reading a source has failed, is like [#abort(String)]: the last
/// message tells the peer that the rest will not come, and its [MessageInputStream] throws.
/// A stream that wraps this one and is closed with it has to be finished, or flushed, before; then
/// this one is finished.
///
/// Messages that were enqueued and could not be sent come back to the group, as always.
///
/// Threads: one at a time.
/// Owns: the message that it fills.
/// Errors: after any [IOException] the stream has failed; [#close()] aborts it then, if the channel
/// still takes a message without waiting.
public final class MessageOutputStream extends OutputStream {
    /// How many bytes a message carries unless said otherwise: with its header it is 64 KiB long.
    public static final int DEFAULT_CHUNK_LENGTH = 65_536 - BinaryHeader.LENGTH;

    /// The text header of a last message that ends a chain early; its value is the reason.
    public static final String ABORTED = "~aborted";

    private final Ampe ampe;
    private final ChannelGroup group;
    private final Duration timeout;
    private final int chunkLength;
    private final OpCode opCode;
    private final int channel;

    /// Of the whole chain; 0 until the first message was enqueued, if the engine is to choose it.
    private long id;

    /// The message that is filled; `null` if none is begun, and once the stream is closed.
    private @Nullable Message chunk;

    private State state = State.OPEN;

    /// What can still be done with a stream: `OPEN -> FINISHED | ABORTED | FAILED -> ABORTED`.
    private enum State {
        /// Takes bytes.
        OPEN("is open"),
        /// Has thrown, and can only be closed.
        FAILED("has failed"),
        /// Is a whole one.
        FINISHED("is finished"),
        /// Is not a whole one, and never will be.
        ABORTED("is closed");

        private final String said;

        State(String said) {
            this.said = said;
        }
    }

    /// Begins a chain, with messages of [#DEFAULT_CHUNK_LENGTH].
    ///
    /// @param ampe where to get messages
    /// @param group the group that has the channel
    /// @param first says op code, channel and id, and may have text headers and the first bytes; it
    ///     is moved
    /// @param timeout how long to wait at most for room in the channel's send queue
    /// @throws AmpeException with [Status#NULL_MESSAGE], [Status#INVALID_OP_CODE] or
    ///     [Status#ALLOCATION_FAILED]; the message is still the caller's
    public MessageOutputStream(Ampe ampe, ChannelGroup group, Message first, Duration timeout) {
        this(ampe, group, first, timeout, DEFAULT_CHUNK_LENGTH);
    }

    /// Begins a chain.
    ///
    /// @param ampe where to get messages
    /// @param group the group that has the channel
    /// @param first says op code, channel and id, and may have text headers and the first bytes; it
    ///     is moved
    /// @param timeout how long to wait at most for room in the channel's send queue
    /// @param chunkLength how many bytes a message carries, 1 to [Body#MAX_LENGTH]
    /// @throws AmpeException with [Status#NULL_MESSAGE], with [Status#INVALID_OP_CODE] for one that
    ///     is neither request, response nor signal, with [Status#INVALID_BODY_LEN] for a
    ///     chunk length or a first body that is too long, with [Status#ALLOCATION_FAILED]; the
    ///     message is still the caller's
    public MessageOutputStream(
            Ampe ampe, ChannelGroup group, Message first, Duration timeout, int chunkLength) {
        this.ampe = Objects.requireNonNull(ampe, "ampe");
        this.group = Objects.requireNonNull(group, "group");
        this.timeout = Objects.requireNonNull(timeout, "timeout");
        this.opCode = first.opCode();
        this.channel = first.channel();
        this.id = first.id();
        this.chunkLength = chunkLength;
        if (opCode.type() != OpCode.Type.REGULAR) {
            throw new AmpeException(Status.INVALID_OP_CODE, "a " + opCode + " has no more");
        }
        if (chunkLength < 1 || chunkLength > Body.MAX_LENGTH) {
            throw new AmpeException(
                    Status.INVALID_BODY_LEN,
                    "chunk length " + chunkLength + " is not 1 to " + Body.MAX_LENGTH);
        }
        if (first.body().length() > chunkLength) {
            throw new AmpeException(
                    Status.INVALID_BODY_LEN,
                    "the first body is longer than a chunk: " + first.body().length());
        }
        this.chunk = copyOf(first);
        first.close();
    }

    /// The caller's lease must be empty once it is moved, and the stream needs one of its own.
    private Message copyOf(Message first) {
        Message copy = begin();
        try {
            return copy.fillFrom(first).more(false).outOfBand(false);
        } catch (AmpeException e) {
            copy.close();
            throw e;
        }
    }

    @Override
    public void write(int b) throws IOException {
        byte[] one = {(byte) b};
        write(one, 0, 1);
    }

    /// Takes bytes, and sends each message that is full, once it is known not to be the last.
    ///
    /// @param bytes the array
    /// @param offset where to start
    /// @param length how many bytes
    /// @throws MessageStreamException if the channel does not take a message: the peer did not read
    ///     in time, or the channel has ended
    /// @throws InterruptedIOException if interrupted while waiting; the thread stays interrupted
    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        checkUsable();
        int taken = 0;
        while (taken < length) {
            Message message = room();
            int step = Math.min(length - taken, chunkLength - message.body().length());
            try {
                message.body().append(bytes, offset + taken, step);
            } catch (AmpeException e) {
                throw failure(e);
            }
            taken += step;
        }
    }

    /// Sends the bytes that have been written so far, if there are any that were not sent. Does
    /// nothing if the stream is finished.
    ///
    /// @throws IOException as [#write(byte\[\], int, int)]
    @Override
    public void flush() throws IOException {
        if (state == State.FINISHED) {
            return; // all was sent; a stream around this one flushes it when it is closed
        }
        checkUsable();
        Message message = chunk;
        if (message != null && message.body().length() > 0) {
            send(message.more(true));
        }
    }

    /// Ends the chain as a whole one: sends the last message, which may be empty. Does not wait for
    /// the peer to receive it. Does nothing if the stream is finished.
    ///
    /// @throws IOException as [#write(byte\[\], int, int)], or if the stream was closed or aborted
    ///     before
    public void finish() throws IOException {
        if (state != State.FINISHED) {
            checkUsable();
            send(chunkOrNew().more(false));
            state = State.FINISHED;
        }
    }

    /// Lets go of the stream. One that is not finished is aborted, and the peer is told.
    ///
    /// If the stream has failed before, nothing is thrown now: it is aborted, if that can be done
    /// without waiting.
    ///
    /// @throws IOException as [#abort(String)]
    @Override
    public void close() throws IOException {
        abort("it was closed before it was finished");
    }

    /// Ends the chain, and tells the peer that the rest will not come: its [MessageInputStream]
    /// throws then. Does nothing if the stream is finished or closed.
    ///
    /// @param reason in words for the peer, in one line; `null` if there are none
    /// @throws IOException as [#write(byte\[\], int, int)]
    public void abort(@Nullable String reason) throws IOException {
        if (state == State.FINISHED || state == State.ABORTED) {
            return;
        }
        try {
            if (state == State.FAILED) {
                tryToSay(reason);
            } else {
                send(abortion(reason));
            }
        } finally {
            state = State.ABORTED;
            letGo();
        }
    }

    /// A message with room for at least one byte.
    private Message room() throws IOException {
        Message message = chunk;
        if (message != null && message.body().length() >= chunkLength) {
            send(message.more(true));
        }
        return chunkOrNew();
    }

    private Message chunkOrNew() throws IOException {
        Message message = chunk;
        if (message == null) {
            try {
                message = begin();
            } catch (AmpeException e) {
                throw failure(e);
            }
            chunk = message;
        }
        return message;
    }

    private Message begin() {
        // Beyond the pool if need be: how many there can be is bounded by the send queue.
        Message message = ampe.get();
        return message.opCode(opCode).channel(channel).id(id);
    }

    private void send(Message message) throws IOException {
        try {
            id = group.enqueueToPeer(message, timeout).id();
            chunk = null;
        } catch (AmpeException e) {
            throw failure(e);
        } catch (InterruptedException e) {
            state = State.FAILED;
            throw MessageInputStream.interrupted(e);
        }
    }

    private MessageStreamException failure(AmpeException cause) {
        state = State.FAILED;
        return new MessageStreamException(cause);
    }

    /// The chunk as the last one, without its bytes: the peer has no use for them.
    private Message abortion(@Nullable String reason) throws IOException {
        Message message = chunkOrNew().more(false);
        message.body().clear();
        try {
            message.headers().clear().append(ABORTED, headerValue(reason));
        } catch (AmpeException e) {
            throw failure(e);
        }
        return message;
    }

    /// What a text header takes: not empty, no control characters, no half of a surrogate pair, and
    /// not too long.
    private static String headerValue(@Nullable String reason) {
        String line = reason == null ? "" : reason.strip();
        String start = line.substring(0, Math.min(line.length(), 999));
        String clean = start.replaceAll("[\\p{Cntrl}\\p{Cs}]", " ").strip();
        return clean.isEmpty() ? "no reason given" : clean;
    }

    /// The best that can be done for the peer after a failure.
    private void tryToSay(@Nullable String reason) {
        try {
            group.enqueueToPeer(abortion(reason));
        } catch (AmpeException | IOException e) {
            // The failure itself was thrown before; the peer sees the end of the channel.
            letGo();
        }
    }

    private void letGo() {
        Message message = chunk;
        chunk = null;
        if (message != null) {
            message.close(); // does nothing if it was sent
        }
    }

    private void checkUsable() throws IOException {
        if (state != State.OPEN) {
            throw new IOException("the stream " + state.said);
        }
    }
}
