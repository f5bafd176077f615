package tofu.engine;

import tofu.engine.channel.Channel;

/// A channel together with its socket and its loop: what a channel number stands for.
///
/// Threads: the loop, except the accessors.
sealed interface Endpoint extends LoopTask permits Connection, ListenSocket {
    /// The group that the channel belongs to, for life.
    EngineGroup group();

    /// The protocol side.
    Channel channel();

    /// Ends the channel because its group ends.
    void onGroupClosed(long nowNanos);

    /// Closes the socket without any ado, because the loop has failed or ends.
    void abandon();
}
