package tofu.management;

import java.util.List;
import java.util.Map;

/// What one engine has counted, in the words and units of [tofu.api.Statistics].
///
/// Each attribute is a snapshot of its own. Those that fit together are read in one go, as
/// [#getStatistics()].
///
/// Threads: any. Only this module implements it: methods may be added.
public interface AmpeMXBean {
    /// Its name in the process.
    ///
    /// @return as [TofuMXBeans#register(tofu.api.Ampe, String)] was told
    String getName();

    /// Messages of all channels, ended ones included.
    ///
    /// @return the totals
    Traffic getTraffic();

    /// What has kept messages of all channels waiting, ended ones included.
    ///
    /// @return the totals
    Stalls getStalls();

    /// What has befallen all channels, ended ones included.
    ///
    /// @return the totals
    Events getEvents();

    /// The groups that there are.
    ///
    /// @return in the order of their creation
    List<Group> getGroups();

    /// The channels that there are, listeners included.
    ///
    /// @return in the order of their numbers
    List<Channel> getChannels();

    /// The event loops.
    ///
    /// @return all of them
    List<Loop> getLoops();

    /// The memory of messages.
    ///
    /// @return of the whole engine
    Pool getPool();

    /// All of the above, from one snapshot.
    ///
    /// @return the whole snapshot
    Snapshot getStatistics();

    /// See [tofu.api.Statistics].
    ///
    /// @param periodNanos since the engine opened
    /// @param traffic the totals
    /// @param stalls the totals
    /// @param events the totals
    /// @param groups in the order of their creation
    /// @param channels in the order of their numbers
    /// @param loops all of them
    /// @param pool the memory
    record Snapshot(
            long periodNanos,
            Traffic traffic,
            Stalls stalls,
            Events events,
            List<Group> groups,
            List<Channel> channels,
            List<Loop> loops,
            Pool pool) {}

    /// See [tofu.api.Statistics.Traffic].
    ///
    /// @param enqueuedMessages counter
    /// @param enqueuedBytes counter
    /// @param sentMessages counter
    /// @param sentBytes counter
    /// @param returnedMessages counter
    /// @param returnedBytes counter
    /// @param queuedMessages gauge
    /// @param queuedBytes gauge
    /// @param mostQueuedMessages mark
    /// @param mostQueuedBytes mark
    /// @param receivedMessages counter
    /// @param receivedBytes counter
    /// @param untakenMessages gauge
    /// @param untakenBytes gauge
    record Traffic(
            long enqueuedMessages,
            long enqueuedBytes,
            long sentMessages,
            long sentBytes,
            long returnedMessages,
            long returnedBytes,
            long queuedMessages,
            long queuedBytes,
            long mostQueuedMessages,
            long mostQueuedBytes,
            long receivedMessages,
            long receivedBytes,
            long untakenMessages,
            long untakenBytes) {}

    /// See [tofu.api.Statistics.Stalls].
    ///
    /// @param sendQueueFull the cause's figures
    /// @param receiveWindowClosed the cause's figures
    /// @param poolEmpty the cause's figures
    /// @param writeBlocked the cause's figures
    record Stalls(
            Stall sendQueueFull, Stall receiveWindowClosed, Stall poolEmpty, Stall writeBlocked) {}

    /// See [tofu.api.Statistics.Stall].
    ///
    /// @param count counter: how often
    /// @param nanos counter: how long
    record Stall(long count, long nanos) {}

    /// See [tofu.api.Statistics.Events]; all are counters.
    ///
    /// @param connects connections
    /// @param accepts connections
    /// @param refusedConnections tries
    /// @param handshakes channels
    /// @param tlsHandshakes connections
    /// @param closes channels by the name of the status
    /// @param rejectedFrames frames by the name of the status
    /// @param deadlinesHit channels by the name of the deadline
    record Events(
            long connects,
            long accepts,
            long refusedConnections,
            long handshakes,
            long tlsHandshakes,
            Map<String, Long> closes,
            Map<String, Long> rejectedFrames,
            Map<String, Long> deadlinesHit) {}

    /// See [tofu.api.Statistics.PerGroup].
    ///
    /// @param serial tells the groups of an engine apart
    /// @param traffic the totals of its channels
    /// @param stalls the totals of its channels
    /// @param events the totals of its channels
    record Group(long serial, Traffic traffic, Stalls stalls, Events events) {}

    /// See [tofu.api.Statistics.PerChannel].
    ///
    /// @param number its number, which another channel may have later
    /// @param serial tells all channels of an engine apart
    /// @param group the serial of its group
    /// @param role the name of its role
    /// @param traffic its messages
    /// @param stalls what has kept them waiting
    record Channel(
            int number, long serial, long group, String role, Traffic traffic, Stalls stalls) {}

    /// See [tofu.api.Statistics.PerLoop].
    ///
    /// @param turns counter
    /// @param ledTurns counter
    /// @param flushes counter
    /// @param events counter
    /// @param busyNanos counter
    /// @param longestTurnNanos mark
    record Loop(
            long turns,
            long ledTurns,
            long flushes,
            long events,
            long busyNanos,
            long longestTurnNanos) {}

    /// See [tofu.api.Statistics.Pool].
    ///
    /// @param sizes the smallest first, the reserve last
    /// @param bytes gauge
    /// @param maxBytes the cap
    /// @param emptyEpisodes counter
    /// @param outgoing memory of what is to be sent
    /// @param incoming memory of what has come
    record Pool(
            List<Size> sizes,
            long bytes,
            long maxBytes,
            long emptyEpisodes,
            Log outgoing,
            Log incoming) {}

    /// See [tofu.api.Statistics.PerSize]; all but the first are gauges.
    ///
    /// @param slotBytes the longest message
    /// @param slots all of them
    /// @param free those that anybody may have
    /// @param inMagazines free ones near threads
    /// @param leased those that applications have
    /// @param queued those that the engine has
    /// @param slabs pieces of memory
    /// @param bytes how much memory it is
    record Size(
            int slotBytes,
            long slots,
            long free,
            long inMagazines,
            long leased,
            long queued,
            long slabs,
            long bytes) {}

    /// See [tofu.api.Statistics.Log].
    ///
    /// @param usedBytes gauge
    /// @param bytes gauge
    /// @param maxBytes the cap
    record Log(long usedBytes, long bytes, long maxBytes) {}
}
