package tofu.engine.link;

import tofu.engine.channel.Channel;
import tofu.engine.loop.LoopTask;

/// A channel together with its socket and its loop: what a channel number stands for.
///
/// Threads: the loop, except the accessors.
public interface Endpoint extends LoopTask {
    /// The group that the channel belongs to, for life.
    ///
    /// @return the group
    Mailbox mailbox();

    /// The protocol side.
    ///
    /// @return the channel
    Channel channel();

    /// Whether the peer has connected to us, and has not said hello: see [Strangers].
    ///
    /// @return false for what the application has opened
    boolean isStranger();

    /// Ends the channel because its group ends.
    ///
    /// @param nowNanos the time of this turn
    void onGroupClosed(long nowNanos);

    /// Closes the socket without any ado, because the loop has failed or ends.
    void abandon();
}
