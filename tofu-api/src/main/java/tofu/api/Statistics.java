package tofu.api;

import java.util.List;
import java.util.Map;

/// What an engine has counted: a snapshot that does not change any more, from
/// [Ampe#statistics()].
///
/// A *counter* only grows, from the engine's opening on, and [#since(Statistics)] subtracts it. A
/// *gauge* says how things were at that moment, and a *mark* the most that a gauge has been since
/// the opening; both stay as they are in a difference. Times are in nanoseconds, bytes as on the
/// wire: of a message its header of 16, its text headers and its body.
///
/// Each figure was right at some moment while the snapshot was taken, but not all at the same one:
/// sums of several fit together exactly once nothing moves, else nearly. A time that goes on may be
/// some microseconds less in a later snapshot; a difference is never negative. Nothing is lost when
/// a channel or a group ends: its counters stay in the totals of those that it was of.
///
/// Counting is part of the engine and cannot be switched off. A snapshot delays no message: it
/// takes no lock that one needs. What it costs its caller grows with the channels and the messages
/// that there is memory for; with a thousand of each it is well below a millisecond.
///
/// Somewhat long, as it is a list: each figure with its unit.
///
/// Threads: any. Only the engine implements it, and what it consists of: methods may be added.
public interface Statistics {
    /// For how long the counters have counted: since the engine opened, or, in a difference,
    /// between the two snapshots.
    ///
    /// @return nanoseconds
    long periodNanos();

    /// Messages of all channels of the engine, ended ones included.
    ///
    /// @return the totals
    Traffic traffic();

    /// What has kept messages of all channels waiting, ended ones included.
    ///
    /// @return the totals
    Stalls stalls();

    /// What has befallen all channels of the engine, ended ones included.
    ///
    /// @return the totals
    Events events();

    /// The groups that were there.
    ///
    /// @return in the order of their creation
    List<PerGroup> groups();

    /// The channels that were there, listeners included: each one until its application has taken
    /// its last message.
    ///
    /// @return in the order of their numbers
    List<PerChannel> channels();

    /// The event loops.
    ///
    /// @return as many as [Options#loops()]
    List<PerLoop> loops();

    /// The memory.
    ///
    /// @return of the whole engine
    Pool pool();

    /// What was counted between two snapshots. A channel, group or loop that was not in the earlier
    /// one is in the difference as it is; one that has ended meanwhile is in the totals only.
    ///
    /// @param earlier an earlier snapshot of the same engine, which is no difference itself
    /// @return counters less those of the earlier one; gauges and marks as they are here
    /// @throws IllegalArgumentException if it is a later one, another engine's, or a difference; or
    ///     if this is a difference
    Statistics since(Statistics earlier);

    /// Messages of one channel, or of several together. Notices of the engine, and what
    /// [ChannelGroup#updateReceiver(Message)] adds, are none of these.
    ///
    /// `enqueued = sent + returned + queued`, and what was sent is received by the peer, or lost
    /// with the connection.
    interface Traffic {
        /// Counter: messages that the engine has taken to be sent. Hellos, byes and welcomes count.
        ///
        /// @return messages
        long enqueuedMessages();

        /// Counter: the same in bytes.
        ///
        /// @return bytes
        long enqueuedBytes();

        /// Counter: messages of which the operating system has taken the last byte; over TLS, of
        /// which it was encrypted.
        ///
        /// @return messages
        long sentMessages();

        /// Counter: how long those are; a message that was sent in part counts when it is whole.
        ///
        /// @return bytes
        long sentBytes();

        /// Counter: messages that came back to their application unsent, with the reason. A
        /// WelcomeRequest and a ByeSignal always do.
        ///
        /// @return messages
        long returnedMessages();

        /// Counter: the same in bytes.
        ///
        /// @return bytes
        long returnedBytes();

        /// Gauge: messages that are to be sent.
        ///
        /// @return messages, as [Channel#queuedMessages()]
        long queuedMessages();

        /// Gauge: the same in bytes.
        ///
        /// @return bytes, as [Channel#queuedBytes()]
        long queuedBytes();

        /// Mark: the most messages that were to be sent on one channel at a time.
        ///
        /// @return messages; of several channels that of the fullest
        long mostQueuedMessages();

        /// Mark: the same in bytes, maybe at another moment.
        ///
        /// @return bytes; of several channels that of the fullest
        long mostQueuedBytes();

        /// Counter: messages that came whole from the peer, and were right.
        ///
        /// @return messages
        long receivedMessages();

        /// Counter: the same in bytes.
        ///
        /// @return bytes
        long receivedBytes();

        /// Gauge: messages that came, and that the application has not taken: they fill the receive
        /// window.
        ///
        /// @return messages
        long untakenMessages();

        /// Gauge: the same in bytes.
        ///
        /// @return bytes
        long untakenBytes();
    }

    /// Why messages had to wait.
    interface Stalls {
        /// An application was refused, or waits, as the channel's send queue is full: until half of
        /// it is free, or the channel ends.
        ///
        /// @return the cause's figures
        Stall sendQueueFull();

        /// The channel is not read, as its application does not take what has come, or has called
        /// [Channel#pauseReceive()].
        ///
        /// @return the cause's figures
        Stall receiveWindowClosed();

        /// The channel is not read, as there is no memory to read into.
        ///
        /// @return the cause's figures
        Stall poolEmpty();

        /// The operating system takes no more bytes, most likely as the peer takes none: until all
        /// that was to be sent is taken.
        ///
        /// @return the cause's figures
        Stall writeBlocked();
    }

    /// How often, and for how long, one cause has kept messages waiting. Times of channels that
    /// wait side by side add up.
    interface Stall {
        /// Counter: how often it has begun.
        ///
        /// @return times
        long count();

        /// Counter: how long it was together, one that goes on included.
        ///
        /// @return nanoseconds
        long nanos();
    }

    /// What befalls channels, all of it rare beside messages. All are counters.
    interface Events {
        /// Connections that we have made to peers.
        ///
        /// @return connections
        long connects();

        /// Connections of peers that have got a channel.
        ///
        /// @return connections
        long accepts();

        /// Connections of peers that could not be taken, for want of a channel number or a
        /// descriptor, as they may not come in ([Options#admission()]), or as the group was
        /// closing. One try of the listener counts once: for want of a descriptor the same
        /// connection may be tried again.
        ///
        /// @return tries
        long refusedConnections();

        /// Channels that have heard the peer's hello.
        ///
        /// @return channels
        long handshakes();

        /// Handshakes of TLS that were completed.
        ///
        /// @return connections
        long tlsHandshakes();

        /// Channels that have ended, listeners included, by the reason: as [Status#CHANNEL_CLOSED]
        /// says if there was none but a bye.
        ///
        /// @return channels, with those reasons only that there were
        Map<Status, Long> closes();

        /// Frames of peers that were no message of this protocol, by what is wrong with them. Each
        /// has ended its channel.
        ///
        /// @return frames, with those reasons only that there were
        Map<Status, Long> rejectedFrames();

        /// Channels that have ended as a deadline was hit, by its name.
        ///
        /// @return channels, with those deadlines only that there were
        Map<DeadlineName, Long> deadlinesHit();
    }

    /// The deadlines of a channel.
    ///
    /// More may come: a `switch` over them needs a `default`.
    enum DeadlineName {
        /// [Options#connectTimeout()].
        CONNECT,
        /// [Options#handshakeTimeout()], of TLS, too.
        HANDSHAKE,
        /// [Options#frameTimeout()].
        FRAME,
        /// [Options#byeTimeout()].
        BYE,
        /// [Options#closeTimeout()].
        CLOSE,
        /// [Options#sendTimeout()].
        SEND
    }

    /// One group.
    interface PerGroup {
        /// Tells the groups of an engine apart.
        ///
        /// @return 0 for the first one that was created
        long serial();

        /// Messages of all its channels, ended ones included.
        ///
        /// @return the totals
        Traffic traffic();

        /// What has kept them waiting.
        ///
        /// @return the totals
        Stalls stalls();

        /// What has befallen its channels.
        ///
        /// @return the totals
        Events events();
    }

    /// One channel.
    interface PerChannel {
        /// Its number, which another channel may have later.
        ///
        /// @return 1 to 65,534
        int number();

        /// Tells all channels of an engine apart, ended ones included.
        ///
        /// @return a number that no other channel gets
        long serial();

        /// Its group.
        ///
        /// @return the same as [PerGroup#serial()]
        long group();

        /// What it is for.
        ///
        /// @return the role, for life
        Channel.Role role();

        /// Its messages.
        ///
        /// @return counted since it was opened
        Traffic traffic();

        /// What has kept them waiting.
        ///
        /// @return counted since it was opened
        Stalls stalls();
    }

    /// One event loop.
    interface PerLoop {
        /// Counter: how often it has looked for something to do.
        ///
        /// @return turns
        long turns();

        /// Counter: the turns that a receiver has made in its wait for a message, see
        /// [Options#leader()].
        ///
        /// @return turns, counted in [#turns()], too
        long ledTurns();

        /// Counter: how often a sender has done the loop's work, see [Options#directFlush()].
        ///
        /// @return times, which are no turns
        long flushes();

        /// Counter: what it has found to do in its turns: sockets that were ready, channels with
        /// something to send, deadlines.
        ///
        /// @return events
        long events();

        /// Counter: how long its turns were together, without the waiting for events in them.
        ///
        /// @return nanoseconds
        long busyNanos();

        /// Mark: the longest turn, without the waiting in it. Meanwhile no other channel of the
        /// loop was served.
        ///
        /// @return nanoseconds
        long longestTurnNanos();
    }

    /// The memory of messages.
    interface Pool {
        /// Memory by the size of slots: the smallest first, the reserve for notices of the engine
        /// last.
        ///
        /// @return one for each size
        List<PerSize> sizes();

        /// Gauge: memory that is allocated for messages.
        ///
        /// @return bytes, the sum of [PerSize#bytes()]
        long bytes();

        /// How much there may be.
        ///
        /// @return bytes, as [Options#maxPoolBytes()]
        long maxBytes();

        /// Counter: how often an application was told [Status#POOL_EMPTY].
        ///
        /// @return times
        long emptyEpisodes();

        /// Memory of what is to be sent.
        ///
        /// @return the log's
        Log outgoing();

        /// Memory of what has come and was not taken, and of what is read into.
        ///
        /// @return the log's
        Log incoming();
    }

    /// Memory for messages of one size. `slots = free + inMagazines + leased + queued`, all gauges.
    interface PerSize {
        /// The longest message that a slot has room for, with its header.
        ///
        /// @return bytes
        int slotBytes();

        /// Gauge: slots that there are.
        ///
        /// @return slots
        long slots();

        /// Gauge: those that anybody may have.
        ///
        /// @return slots
        long free();

        /// Gauge: those that are free, too, but kept near the threads that have returned them.
        ///
        /// @return slots
        long inMagazines();

        /// Gauge: those whose messages applications have.
        ///
        /// @return slots
        long leased();

        /// Gauge: those whose messages the engine has, to be sent or to be taken.
        ///
        /// @return slots
        long queued();

        /// Gauge: pieces in which the memory is allocated and freed.
        ///
        /// @return slabs
        long slabs();

        /// Gauge: how much memory these slots have.
        ///
        /// @return bytes
        long bytes();
    }

    /// Memory in which messages are bytes, back to back, for one direction.
    interface Log {
        /// Gauge: memory that has something in it, or is being read into.
        ///
        /// @return bytes; long messages in their own slots are counted here, too
        long usedBytes();

        /// Gauge: memory that is allocated for it.
        ///
        /// @return bytes
        long bytes();

        /// How much there may be; see [Options#maxLogBytes()].
        ///
        /// @return bytes
        long maxBytes();
    }
}
