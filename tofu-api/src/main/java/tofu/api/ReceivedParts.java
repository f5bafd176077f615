package tofu.api;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Receives from a group what a [MessageInputStream] reads, and hands out what is for others.
///
/// Threads: one reads and closes.
final class ReceivedParts implements MessageInputStream.Parts {
    private final ChannelGroup group;
    private final Duration timeout;
    private final Consumer<Message> others;
    private @Nullable MessageInputStream stream;

    /// A message has come, and was not copied: what follows would be taken for what follows it.
    private boolean torn;

    /// The last message of the chain has come.
    private boolean ended;

    /// Makes the parts of a stream that is yet to be made.
    ///
    /// @param timeout how long the reader waits at most
    /// @param others is given what is not of the stream
    ReceivedParts(ChannelGroup group, Duration timeout, Consumer<Message> others) {
        this.group = group;
        this.timeout = Objects.requireNonNull(timeout, "timeout");
        this.others = others;
    }

    /// Says whose parts they are, before the first is read.
    void of(MessageInputStream stream) {
        this.stream = stream;
    }

    @Override
    public MessageInputStream.Part next() throws IOException {
        if (torn) {
            throw new MessageStreamException(
                    Status.ALLOCATION_FAILED, "a message of the stream is lost for want of memory");
        }
        MessageInputStream.Part part;
        try (Message message = take()) {
            torn = true; // unless all goes well
            part = MessageInputStream.Part.of(message);
        }
        torn = false;
        return part;
    }

    /// Receives the next message of the chain.
    ///
    /// All the others together make the reader wait no longer. Once its time is over, it looks a
    /// last time: `others` may have taken long, and the message may be there.
    private Message take() throws IOException {
        long mostNanos = NANOSECONDS.convert(timeout);
        long startNanos = System.nanoTime();
        long left = mostNanos;
        while (true) {
            Message message = receive(left);
            if (message == null) {
                throw MessageInputStream.late(timeout);
            }
            if (isOurs(message)) {
                return message;
            }
            handOut(message);
            if (left <= 0) {
                throw MessageInputStream.late(timeout);
            }
            left = Math.max(0, mostNanos - (System.nanoTime() - startNanos));
        }
    }

    /// Whatever is thrown on the way, the message is closed then, and missed.
    private boolean isOurs(Message message) {
        boolean ours = false;
        boolean known = false;
        try {
            ours = Objects.requireNonNull(stream).accepts(message);
            ended |= ours && (message.endsChannel() || !message.more());
            known = true;
        } finally {
            if (!known) {
                torn = true;
                message.close();
            }
        }
        return ours;
    }

    private @Nullable Message receive(long mostNanos) throws IOException {
        try {
            return group.waitReceiveNanos(mostNanos);
        } catch (AmpeException e) {
            throw new MessageStreamException(e);
        } catch (InterruptedException e) {
            throw MessageInputStream.interrupted(e);
        }
    }

    /// What this throws is not the stream's, and what it has not taken is not lost.
    private void handOut(Message message) {
        try {
            others.accept(message);
        } catch (Throwable e) {
            message.close();
            throw e;
        }
    }

    @Override
    public void feed(MessageInputStream.Part part, Duration timeout) {
        throw new AmpeException(Status.NOT_ALLOWED, "this stream receives its messages itself");
    }

    @Override
    public void close(MessageInputStream.Part last) throws IOException {
        ended |= last.isLast(); // the first may be
        while (!ended) {
            take().close();
        }
    }
}
