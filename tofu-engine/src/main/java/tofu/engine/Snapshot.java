package tofu.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import tofu.api.Channel.Role;
import tofu.api.Statistics;
import tofu.engine.channel.EngineMemory;
import tofu.engine.channel.Tally;
import tofu.engine.link.Account;
import tofu.engine.link.Endpoint;
import tofu.engine.link.Totals;
import tofu.engine.link.Totals.Event;

/// What an engine had counted at one moment, or between two.
///
/// Threads: any may take one, and nobody waits for it.
final class Snapshot implements Statistics {
    /// One group.
    private record GroupSums(long serial, ChannelSums traffic, EventSums events)
            implements PerGroup {
        @Override
        public Stalls stalls() {
            return traffic;
        }

        GroupSums since(GroupSums earlier) {
            return new GroupSums(
                    serial, traffic.since(earlier.traffic), events.since(earlier.events));
        }
    }

    /// One channel.
    private record ChannelPart(int number, long serial, long group, Role role, ChannelSums traffic)
            implements PerChannel {
        @Override
        public Stalls stalls() {
            return traffic;
        }

        ChannelPart since(ChannelPart earlier) {
            return new ChannelPart(number, serial, group, role, traffic.since(earlier.traffic));
        }
    }

    /// The memory.
    private record PoolSums(
            List<PerSize> sizes,
            long bytes,
            long maxBytes,
            long emptyEpisodes,
            Log outgoing,
            Log incoming)
            implements Pool {
        PoolSums since(PoolSums earlier) {
            return new PoolSums(
                    sizes,
                    bytes,
                    maxBytes,
                    Math.max(emptyEpisodes - earlier.emptyEpisodes, 0),
                    outgoing,
                    incoming);
        }
    }

    /// Of the engine: what tells it from others.
    private final Totals source;

    private final boolean isDifference;
    private final long periodNanos;
    private final ChannelSums traffic;
    private final EventSums events;

    /// By serial number.
    private final Map<Long, GroupSums> groups;

    /// In the order of their channel numbers.
    private final List<ChannelPart> channels;

    private final List<LoopSums> loops;
    private final PoolSums pool;

    private Snapshot(
            Totals source,
            boolean isDifference,
            long periodNanos,
            ChannelSums traffic,
            EventSums events,
            Map<Long, GroupSums> groups,
            List<ChannelPart> channels,
            List<LoopSums> loops,
            PoolSums pool) {
        this.source = source;
        this.isDifference = isDifference;
        this.periodNanos = periodNanos;
        this.traffic = traffic;
        this.events = events;
        this.groups = groups;
        this.channels = channels;
        this.loops = loops;
        this.pool = pool;
    }

    /// Takes one. First the channels are listed, then the sums of those that have ended are copied:
    /// so one that ends meanwhile is in the one or in the other, see [Totals].
    static Snapshot take(Engine engine) {
        long nowNanos = engine.environment().nanoTime();
        List<EngineGroup> known = engine.groups();
        List<Endpoint> listed = engine.channels().all();
        Map<Long, Totals.Ended> ended = new HashMap<>();
        known.forEach(group -> ended.put(group.serial(), group.totals().ended()));
        Totals.Ended all = engine.totals().ended();
        List<ChannelPart> parts = new ArrayList<>();
        for (Endpoint endpoint : listed) {
            Account account = endpoint.account();
            long serial = account.totals().serial();
            Tally own = new Tally();
            account.addTo(own, nowNanos);
            Totals.Ended ofGroup = ended.get(serial);
            if (ofGroup != null && !account.isAmong(ofGroup.additions())) {
                ofGroup.tally().addAll(own);
            }
            if (!account.isAmong(all.additions())) {
                all.tally().addAll(own);
                if (endpoint.channel().sendQueue().isOpened()) {
                    parts.add(part(endpoint, serial, own));
                }
            }
        }
        Map<Long, GroupSums> groups = new TreeMap<>();
        known.forEach(group -> groups.put(group.serial(), sums(group, ended)));
        EventSums events = EventSums.of(engine.totals());
        return new Snapshot(
                engine.totals(),
                false,
                nowNanos - engine.openedNanos(),
                new ChannelSums(all.tally()),
                events,
                groups,
                List.copyOf(parts),
                engine.loops().stream().map(loop -> LoopSums.of(loop.turns())).toList(),
                pool(engine, events.count(Event.POOL_EMPTY)));
    }

    private static ChannelPart part(Endpoint endpoint, long group, Tally tally) {
        return new ChannelPart(
                endpoint.channel().number(),
                endpoint.account().serial(),
                group,
                endpoint.role(),
                new ChannelSums(tally));
    }

    private static GroupSums sums(EngineGroup group, Map<Long, Totals.Ended> ended) {
        Totals.Ended own = Objects.requireNonNull(ended.get(group.serial()));
        return new GroupSums(
                group.serial(), new ChannelSums(own.tally()), EventSums.of(group.totals()));
    }

    private static PoolSums pool(Engine engine, long emptyEpisodes) {
        EngineMemory memory = engine.memory();
        return new PoolSums(
                memory.messages().sizes(),
                memory.messages().bytesSeen(),
                engine.options().maxPoolBytes(),
                emptyEpisodes,
                memory.outgoing().log(),
                memory.incoming().log());
    }

    @Override
    public Statistics since(Statistics earlier) {
        if (!(earlier instanceof Snapshot before)
                || before.source != source
                || before.isDifference
                || isDifference
                || before.periodNanos > periodNanos) {
            throw new IllegalArgumentException("not an earlier snapshot of this engine");
        }
        Map<Long, GroupSums> groupsSince = new TreeMap<>();
        groups.forEach(
                (serial, group) -> {
                    GroupSums old = before.groups.get(serial);
                    groupsSince.put(serial, old == null ? group : group.since(old));
                });
        Map<Long, ChannelPart> old = new HashMap<>();
        before.channels.forEach(channel -> old.put(channel.serial(), channel));
        List<ChannelPart> channelsSince = new ArrayList<>();
        for (ChannelPart channel : channels) {
            ChannelPart own = old.get(channel.serial());
            channelsSince.add(own == null ? channel : channel.since(own));
        }
        List<LoopSums> loopsSince = new ArrayList<>();
        for (int i = 0; i < loops.size(); i++) {
            loopsSince.add(loops.get(i).since(before.loops.get(i)));
        }
        return new Snapshot(
                source,
                true,
                periodNanos - before.periodNanos,
                traffic.since(before.traffic),
                events.since(before.events),
                groupsSince,
                List.copyOf(channelsSince),
                List.copyOf(loopsSince),
                pool.since(before.pool));
    }

    @Override
    public long periodNanos() {
        return periodNanos;
    }

    @Override
    public Traffic traffic() {
        return traffic;
    }

    @Override
    public Stalls stalls() {
        return traffic;
    }

    @Override
    public Events events() {
        return events;
    }

    @Override
    public List<PerGroup> groups() {
        return List.copyOf(groups.values());
    }

    @Override
    public List<PerChannel> channels() {
        return List.copyOf(channels);
    }

    @Override
    public List<PerLoop> loops() {
        return List.copyOf(loops);
    }

    @Override
    public Pool pool() {
        return pool;
    }

    @Override
    public String toString() {
        return "Statistics[%s, %s, %s, %s]".formatted(traffic, events, loops, pool);
    }
}
