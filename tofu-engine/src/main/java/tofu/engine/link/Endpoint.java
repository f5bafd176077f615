package tofu.engine.link;

import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;
import tofu.api.Channel.Role;
import tofu.api.PeerIdentity;
import tofu.engine.channel.Channel;
import tofu.engine.loop.LoopTask;
import tofu.engine.loop.Reactor;

/// A channel together with its socket and its loop: what a channel number stands for.
///
/// Threads: the loop, except the accessors.
public interface Endpoint extends LoopTask {
    /// The group that the channel belongs to, for life.
    ///
    /// @return the group
    Mailbox mailbox();

    /// Where it lives, for life; any thread.
    ///
    /// @return the loop
    Reactor loop();

    /// The protocol side.
    ///
    /// @return the channel
    Channel channel();

    /// What the channel is for.
    ///
    /// @return the role, for life
    Role role();

    /// Our end of the connection, or where we listen; any thread.
    ///
    /// @return the address, `null` if there is none yet
    @Nullable SocketAddress localAddress();

    /// The peer's end of the connection; any thread.
    ///
    /// @return the address, `null` if there is none
    @Nullable SocketAddress remoteAddress();

    /// What the peer has proved of itself; any thread.
    ///
    /// @return `null` if it has proved nothing, or not yet
    default PeerIdentity.@Nullable Credentials credentials() {
        return null;
    }

    /// When the channel has ended; any thread.
    ///
    /// @return the time, [tofu.engine.channel.Deadline#NONE] if it has not, or just now
    long endedNanos();

    /// What is counted of the channel; any thread.
    ///
    /// @return the same one each time
    Account account();

    /// Whether the peer has connected to us, and has not said hello: see [Strangers].
    ///
    /// @return false for what the application has opened
    boolean isStranger();

    /// How long the peer has let us wait for the rest of a frame.
    ///
    /// @param nowNanos the time of this turn
    /// @return nanoseconds, not more than 0 if no frame has begun, or it is our turn
    default long frameAgeNanos(long nowNanos) {
        return 0;
    }

    /// Ends the channel because others want the memory of a frame that has begun.
    ///
    /// @param nowNanos the time of this turn
    default void onFrameEvicted(long nowNanos) {
        // has none
    }

    /// Ends the channel because its group ends.
    ///
    /// @param nowNanos the time of this turn
    void onGroupClosed(long nowNanos);

    /// Closes the socket without any ado, because the loop has failed or ends.
    void abandon();
}
