package tofu.engine.channel;

import org.jspecify.annotations.Nullable;
import tofu.api.OpCode;
import tofu.api.Status;

/// One channel of a group: a [Listener] or a [Stream].
///
/// Threads: what the sealed types say; this much is safe from any thread.
public sealed interface Channel permits Listener, Stream {
    /// The channel's number, its own for life.
    ///
    /// @return 1 to 65,534
    int number();

    /// What the application has enqueued and the loop has not taken.
    ///
    /// @return the queue, safe for concurrent use
    SendQueue sendQueue();

    /// Where the channel is in its life; on the loop.
    ///
    /// @return the state
    State state();

    /// The same for other threads: where it was a moment ago.
    ///
    /// @return the state
    State seenState();

    /// Says whether messages of the peer are wanted; soon, and for the loop to see. Any thread.
    ///
    /// @param paused false to go on
    void pause(boolean paused);

    /// Whether messages of the peer are not wanted now.
    ///
    /// @return what was said last
    boolean isPaused();

    /// How many messages were delivered, and not taken by the application; of other threads a
    /// guess.
    ///
    /// @return 0 of a listener
    int untaken();

    /// Adds what the channel has counted of its messages; any thread, allocating nothing.
    ///
    /// @param sum what is added to
    /// @param nowNanos the time
    void addTo(Tally sum, long nowNanos);

    /// Why the channel has ended.
    ///
    /// @return the reason, `null` while it has not
    @Nullable Status endReason();

    /// Takes what was enqueued, after [Outlet#schedule()].
    ///
    /// @param nowNanos the time
    void onPost(long nowNanos);

    /// Ends the channel because its group ends: politely where there is a peer.
    ///
    /// @param nowNanos the time
    void onGroupClosed(long nowNanos);

    /// Gives back the memory that it has, and tells nobody: its loop has failed. If that fails, to
    /// be called again.
    void abandon();

    /// Acts on a deadline that has come.
    ///
    /// @param nowNanos the time
    void onTick(long nowNanos);

    /// When [#onTick(long)] is to be called, at the latest.
    ///
    /// @return the time, [Deadline#NONE] for never
    long deadlineNanos();

    /// Whether an application may enqueue such a message here at all.
    ///
    /// @param opCode the message's op code
    /// @return true if so
    boolean takes(OpCode opCode);
}
