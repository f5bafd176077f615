package tofu.management;

import java.util.LinkedHashMap;
import java.util.Map;
import tofu.api.Statistics;
import tofu.management.AmpeMXBean.Channel;
import tofu.management.AmpeMXBean.Events;
import tofu.management.AmpeMXBean.Group;
import tofu.management.AmpeMXBean.Log;
import tofu.management.AmpeMXBean.Loop;
import tofu.management.AmpeMXBean.Pool;
import tofu.management.AmpeMXBean.Size;
import tofu.management.AmpeMXBean.Snapshot;
import tofu.management.AmpeMXBean.Stall;
import tofu.management.AmpeMXBean.Stalls;
import tofu.management.AmpeMXBean.Traffic;

/// Makes of [Statistics] the records that JMX can carry.
final class Snapshots {
    private Snapshots() {}

    static Snapshot of(Statistics statistics) {
        return new Snapshot(
                statistics.periodNanos(),
                traffic(statistics.traffic()),
                stalls(statistics.stalls()),
                events(statistics.events()),
                statistics.groups().stream().map(Snapshots::group).toList(),
                statistics.channels().stream().map(Snapshots::channel).toList(),
                statistics.loops().stream().map(Snapshots::loop).toList(),
                pool(statistics.pool()));
    }

    private static Traffic traffic(Statistics.Traffic of) {
        return new Traffic(
                of.enqueuedMessages(),
                of.enqueuedBytes(),
                of.sentMessages(),
                of.sentBytes(),
                of.returnedMessages(),
                of.returnedBytes(),
                of.queuedMessages(),
                of.queuedBytes(),
                of.mostQueuedMessages(),
                of.mostQueuedBytes(),
                of.receivedMessages(),
                of.receivedBytes(),
                of.untakenMessages(),
                of.untakenBytes());
    }

    private static Stalls stalls(Statistics.Stalls of) {
        return new Stalls(
                stall(of.sendQueueFull()),
                stall(of.receiveWindowClosed()),
                stall(of.poolEmpty()),
                stall(of.writeBlocked()));
    }

    private static Stall stall(Statistics.Stall of) {
        return new Stall(of.count(), of.nanos());
    }

    private static Events events(Statistics.Events of) {
        return new Events(
                of.connects(),
                of.accepts(),
                of.refusedConnections(),
                of.handshakes(),
                of.tlsHandshakes(),
                named(of.closes()),
                named(of.rejectedFrames()),
                named(of.deadlinesHit()));
    }

    /// By name, as the one who asks may have an edition that lacks a constant of ours.
    private static Map<String, Long> named(Map<? extends Enum<?>, Long> counts) {
        Map<String, Long> named = new LinkedHashMap<>();
        counts.forEach((reason, count) -> named.put(reason.name(), count));
        return named;
    }

    private static Group group(Statistics.PerGroup of) {
        return new Group(
                of.serial(), traffic(of.traffic()), stalls(of.stalls()), events(of.events()));
    }

    private static Channel channel(Statistics.PerChannel of) {
        return new Channel(
                of.number(),
                of.serial(),
                of.group(),
                of.role().name(),
                traffic(of.traffic()),
                stalls(of.stalls()));
    }

    private static Loop loop(Statistics.PerLoop of) {
        return new Loop(
                of.turns(),
                of.ledTurns(),
                of.flushes(),
                of.events(),
                of.busyNanos(),
                of.longestTurnNanos());
    }

    private static Pool pool(Statistics.Pool of) {
        return new Pool(
                of.sizes().stream().map(Snapshots::size).toList(),
                of.bytes(),
                of.maxBytes(),
                of.emptyEpisodes(),
                log(of.outgoing()),
                log(of.incoming()));
    }

    private static Size size(Statistics.PerSize of) {
        return new Size(
                of.slotBytes(),
                of.slots(),
                of.free(),
                of.inMagazines(),
                of.leased(),
                of.queued(),
                of.slabs(),
                of.bytes());
    }

    private static Log log(Statistics.Log of) {
        return new Log(of.usedBytes(), of.bytes(), of.maxBytes());
    }
}
