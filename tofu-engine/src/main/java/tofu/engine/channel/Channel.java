package tofu.engine.channel;

import tofu.api.OpCode;

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

    /// Where the channel is in its life; exact on the loop only.
    ///
    /// @return the state
    State state();

    /// Takes what was enqueued, after [Outlet#schedule()].
    ///
    /// @param nowNanos the time
    void onPost(long nowNanos);

    /// Ends the channel because its group ends: politely where there is a peer.
    ///
    /// @param nowNanos the time
    void onGroupClosed(long nowNanos);

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
