package tofu.engine.link;

import org.jspecify.annotations.Nullable;
import tofu.api.Statistics.DeadlineName;
import tofu.api.Status;
import tofu.engine.channel.Span;

/// Keeps a record of what befalls an engine and its channels, one by one, where [Totals] only
/// count. All of it is rare beside messages.
///
/// Nothing in the engine depends on it. It may be called by whoever acts as a loop, and under a
/// lock: so it does not block, does not call back but for what an [Endpoint] tells to any thread,
/// and throws nothing; what cannot be recorded is lost.
///
/// Threads: any.
public interface Recorder {
    /// Records nothing.
    Recorder NONE = new Recorder() {};

    /// What keeps messages waiting, as the stalls of [tofu.api.Statistics.Stalls].
    enum Cause {
        /// The channel's send queue.
        SEND_QUEUE_FULL,
        /// The operating system takes no more bytes.
        WRITE_BLOCKED,
        /// The application does not take what has come.
        RECEIVE_WINDOW_CLOSED,
        /// There is no memory to read into.
        POOL_EMPTY
    }

    /// Where two ends agree on something.
    enum Layer {
        /// On keys.
        TLS,
        /// On speaking with each other at all: the hellos.
        TOFU
    }

    /// A channel is being connected, or was accepted.
    ///
    /// @param channel it
    /// @return to be ended when it is connected; `null` if that is not recorded
    default @Nullable Span connecting(Endpoint channel) {
        return null;
    }

    /// A channel waits for its peer's part of a handshake.
    ///
    /// @param channel it
    /// @param layer of what
    /// @return to be ended when that is done; `null` if that is not recorded
    default @Nullable Span shakingHands(Endpoint channel, Layer layer) {
        return null;
    }

    /// Messages of a channel begin to wait.
    ///
    /// @param channel it
    /// @param cause what for
    /// @return to be ended when they go on; `null` if that is not recorded
    default @Nullable Span stalling(Endpoint channel, Cause cause) {
        return null;
    }

    /// A channel has ended.
    ///
    /// @param channel it
    /// @param reason why
    default void closed(Endpoint channel, Status reason) {}

    /// A frame of a peer was no message.
    ///
    /// @param channel on which it came
    /// @param reason what is wrong with it
    default void frameRejected(Endpoint channel, Status reason) {}

    /// A channel has hit a deadline.
    ///
    /// @param channel it
    /// @param deadline which
    default void deadlineHit(Endpoint channel, DeadlineName deadline) {}

    /// A receiver was told that there is no memory.
    ///
    /// @param group of the receiver
    /// @param bytes that are allocated for messages
    /// @param maxBytes that may be
    default void poolEmpty(long group, long bytes, long maxBytes) {}

    /// An application has lost messages.
    ///
    /// @param messages how many, since the last time that it was told of this place
    /// @param got where the application got them
    default void leaked(int messages, Throwable got) {}

    /// What watches a loop.
    ///
    /// @param number of the loop, from 0
    /// @return asked for once by each loop
    default Busy loop(int number) {
        return Busy.NONE;
    }

    /// Watches for how long a loop is busy at a time. All calls are that loop's.
    interface Busy {
        /// Does not watch.
        Busy NONE =
                new Busy() {
                    @Override
                    public void begin() {}

                    @Override
                    public void end() {}
                };

        /// The loop begins to do what there is to do.
        void begin();

        /// It has done that, or waits for more.
        void end();
    }
}
