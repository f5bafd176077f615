package tofu.api;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A set of channels with one common inbox: the place where an application talks and listens.
///
/// Client and server are words for the handshake only; after it both sides are peers.
///
/// Threads: every method is safe for concurrent use, except that only one thread at a time may wait
/// in [#waitReceive(Duration)]. Methods that wait may be called from virtual threads. Only the
/// engine implements it: methods may be added.
public interface ChannelGroup extends AutoCloseable {
    /// Moves a message to the engine: to be sent to its channel's peer, or to open or end a
    /// channel.
    ///
    /// A [OpCode#HELLO_REQUEST] or [OpCode#WELCOME_REQUEST] on channel 0 is given a new channel
    /// number; an id of 0 is replaced by one of a process-wide counter, which no other message of
    /// this process has been given; such ids are in no particular order. Returned normally, the
    /// message is moved and ends exactly once: it is handed to the kernel, or comes back to this
    /// group with [Origin#ENGINE] and the reason. Threw, it is still the caller's.
    ///
    /// @param message the message to move
    /// @return the header of the message as it was enqueued
    /// @throws AmpeException in this order: [Status#NULL_MESSAGE], [Status#INVALID_OP_CODE],
    ///     [Status#INVALID_MESSAGE_ID], [Status#INVALID_MORE_USAGE],
    ///     [Status#INVALID_CHANNEL_NUMBER] for 0 or for a hello that has a number already,
    ///     [Status#WRONG_ADDRESS], [Status#SHUTDOWN_STARTED]; then [Status#TOO_MANY_CHANNELS] for a
    ///     new channel, or [Status#INVALID_CHANNEL_NUMBER] for one that does not exist,
    ///     [Status#INVALID_CHANNEL_GROUP], [Status#NOT_ALLOWED] on a listener,
    ///     [Status#CHANNEL_CLOSED], [Status#SEND_QUEUE_FULL]
    BinaryHeader enqueueToPeer(Message message);

    /// As [#enqueueToPeer(Message)], but waits for room when the send queue is full.
    ///
    /// @param message the message to move
    /// @param timeout how long to wait at most; zero or less does not wait
    /// @return the header of the message as it was enqueued
    /// @throws AmpeException as [#enqueueToPeer(Message)]; [Status#SEND_QUEUE_FULL] after the
    ///     timeout
    /// @throws InterruptedException if interrupted while waiting; the message is still the caller's
    BinaryHeader enqueueToPeer(Message message, Duration timeout) throws InterruptedException;

    /// As [#enqueueToPeer(Message)], but a full send queue is no exception: the answer is false,
    /// the message is still the caller's, and nothing was allocated. As after
    /// [Status#SEND_QUEUE_FULL], [Status#SEND_QUEUE_READY] tells when there is room again.
    ///
    /// Who needs to know the message's id gives it one before. A hello or welcome is never refused
    /// for want of room, but the number of its channel is known from [#enqueueToPeer(Message)]
    /// only.
    ///
    /// @param message the message to move
    /// @return true if the message was moved; false if there is no room for it
    /// @throws AmpeException as [#enqueueToPeer(Message)], but never [Status#SEND_QUEUE_FULL]
    boolean offerToPeer(Message message);

    /// Waits for the next message: from a peer, from [#updateReceiver(Message)], or from the
    /// engine.
    ///
    /// @param timeout how long to wait at most; zero or less polls
    /// @return a message owned by the caller, or `null` when none arrived in time
    /// @throws AmpeException with [Status#SHUTDOWN_STARTED] when the group or engine is closed,
    ///     with [Status#CONCURRENT_RECEIVE] when another thread waits, with
    ///     [Status#PROCESSING_FAILED] when the engine has failed
    /// @throws InterruptedException if interrupted before or while waiting
    default @Nullable Message waitReceive(Duration timeout) throws InterruptedException {
        return waitReceiveNanos(saturatedNanos(timeout));
    }

    /// As [#waitReceive(Duration)], with the timeout in nanoseconds.
    ///
    /// @param timeoutNanos how long to wait at most; zero or less polls
    /// @return a message owned by the caller, or `null` when none arrived in time
    /// @throws AmpeException as [#waitReceive(Duration)]
    /// @throws InterruptedException if interrupted before or while waiting
    @Nullable Message waitReceiveNanos(long timeoutNanos) throws InterruptedException;

    /// Waits for the next message, however long it takes.
    ///
    /// @return a message owned by the caller
    /// @throws AmpeException as [#waitReceive(Duration)]
    /// @throws InterruptedException if interrupted before or while waiting
    default Message waitReceive() throws InterruptedException {
        Message message = waitReceiveNanos(Long.MAX_VALUE);
        while (message == null) {
            message = waitReceiveNanos(Long.MAX_VALUE);
        }
        return message;
    }

    /// Puts a message into this group's own inbox, in order with all else (but ahead of what
    /// waits for memory while the pool is empty): wakes the receiver, or tells it something.
    ///
    /// The receiver sees [Status#RECEIVER_UPDATE] on channel 0; for `null` a signal with
    /// [Origin#ENGINE], otherwise the message itself with [Origin#APPLICATION].
    ///
    /// @param message the message to move, or `null`
    /// @throws AmpeException with [Status#SHUTDOWN_STARTED]; with [Status#NULL_MESSAGE] for an
    ///     emptied lease; with [Status#INBOX_FULL] when [Options#receiveWindowMessages()]
    ///     updates wait already; the message is still the caller's
    void updateReceiver(@Nullable Message message);

    /// Finds a channel of this group.
    ///
    /// @param number any number
    /// @return a view of the channel; `null` if this group has none with this number, or has taken
    ///     its last message
    @Nullable Channel channel(int number);

    /// All channels of this group, listeners included. One that a peer has opened is among them
    /// from its HelloRequest on.
    ///
    /// Looks through all numbers of the engine, which takes up to a tenth of a millisecond or so.
    ///
    /// @return a list of its own, of live views, in the order of their numbers
    List<Channel> channels();

    /// Ends the group; the same as [Ampe#destroy(ChannelGroup)].
    @Override
    void close();

    private static long saturatedNanos(Duration timeout) {
        try {
            return timeout.toNanos();
        } catch (ArithmeticException tooLong) {
            return timeout.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }
}
