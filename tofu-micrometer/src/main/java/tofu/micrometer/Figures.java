package tofu.micrometer;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import tofu.api.Channel;
import tofu.api.Statistics;
import tofu.api.Statistics.DeadlineName;
import tofu.api.Statistics.Events;
import tofu.api.Statistics.Log;
import tofu.api.Statistics.PerLoop;
import tofu.api.Statistics.PerSize;
import tofu.api.Statistics.Pool;
import tofu.api.Statistics.Stall;
import tofu.api.Statistics.Stalls;
import tofu.api.Statistics.Traffic;
import tofu.api.Status;

/// Which meter reads which figure. docs/guide/metrics.md has the same list.
///
/// Tags that name a constant of the API are written as it is.
final class Figures {
    private static final double NANOS_PER_SECOND = 1e9;

    private Figures() {}

    /// Makes the meters.
    ///
    /// @param first says how many loops and sizes there are, which does not change
    static void register(Binding binding, Statistics first) {
        messages(binding, "sent", Traffic::sentMessages, Traffic::sentBytes);
        messages(binding, "received", Traffic::receivedMessages, Traffic::receivedBytes);
        messages(binding, "returned", Traffic::returnedMessages, Traffic::returnedBytes);
        waiting(binding);
        stall(binding, "send_queue_full", Stalls::sendQueueFull);
        stall(binding, "receive_window_closed", Stalls::receiveWindowClosed);
        stall(binding, "pool_empty", Stalls::poolEmpty);
        stall(binding, "write_blocked", Stalls::writeBlocked);
        connections(binding);
        reasons(binding);
        channels(binding);
        for (int loop = 0; loop < first.loops().size(); loop++) {
            loop(binding, loop);
        }
        List<PerSize> sizes = first.pool().sizes();
        for (int size = 0; size < sizes.size(); size++) {
            boolean reserve = size == sizes.size() - 1;
            String name = reserve ? "reserve" : Integer.toString(sizes.get(size).slotBytes());
            size(binding, size, name);
        }
        pool(binding);
        log(binding, "outgoing", Pool::outgoing);
        log(binding, "incoming", Pool::incoming);
    }

    /// All reasons, as a rate does not see a counter that begins with 1.
    private static void reasons(Binding binding) {
        reasons(
                binding,
                "tofu.closes",
                "Channels that have ended, by the reason",
                "status",
                Status.values(),
                Events::closes);
        reasons(
                binding,
                "tofu.frames.rejected",
                "Frames of peers that were no message of the protocol",
                "status",
                Status.values(),
                Events::rejectedFrames);
        reasons(
                binding,
                "tofu.deadlines.hit",
                "Channels that have ended as a deadline was hit",
                "deadline",
                DeadlineName.values(),
                Events::deadlinesHit);
    }

    private static <K extends Enum<K>> void reasons(
            Binding binding,
            String name,
            String description,
            String key,
            K[] reasons,
            Function<Events, Map<K, Long>> counts) {
        for (K reason : reasons) {
            binding.counter(
                    name,
                    null,
                    description,
                    s -> counts.apply(s.events()).getOrDefault(reason, 0L),
                    key,
                    reason.name());
        }
    }

    private static void messages(
            Binding binding,
            String direction,
            ToLongFunction<Traffic> messages,
            ToLongFunction<Traffic> bytes) {
        binding.counter(
                "tofu.messages",
                "messages",
                "Messages of all channels",
                s -> messages.applyAsLong(s.traffic()),
                "direction",
                direction);
        binding.counter(
                "tofu.bytes",
                "bytes",
                "How long they are on the wire",
                s -> bytes.applyAsLong(s.traffic()),
                "direction",
                direction);
    }

    private static void waiting(Binding binding) {
        binding.gauge(
                "tofu.queued.messages",
                "messages",
                "Messages that are to be sent",
                s -> s.traffic().queuedMessages());
        binding.gauge(
                "tofu.queued.bytes", "bytes", "How long they are", s -> s.traffic().queuedBytes());
        binding.gauge(
                "tofu.most.queued.messages",
                "messages",
                "The most messages that one channel ever had to send",
                s -> s.traffic().mostQueuedMessages());
        binding.gauge(
                "tofu.most.queued.bytes",
                "bytes",
                "The most bytes that one channel ever had to send",
                s -> s.traffic().mostQueuedBytes());
        binding.gauge(
                "tofu.untaken.messages",
                "messages",
                "Messages that came and that the application has not taken",
                s -> s.traffic().untakenMessages());
        binding.gauge(
                "tofu.untaken.bytes",
                "bytes",
                "How long they are",
                s -> s.traffic().untakenBytes());
    }

    private static void stall(Binding binding, String cause, Function<Stalls, Stall> stall) {
        binding.counter(
                "tofu.stalls",
                null,
                "How often something has kept messages waiting",
                s -> stall.apply(s.stalls()).count(),
                "cause",
                cause);
        binding.counter(
                "tofu.stall.time",
                "seconds",
                "How long it has kept them waiting, channels added up",
                s -> stall.apply(s.stalls()).nanos() / NANOS_PER_SECOND,
                "cause",
                cause);
    }

    private static void connections(Binding binding) {
        connection(binding, "made", Events::connects);
        connection(binding, "accepted", Events::accepts);
        connection(binding, "refused", Events::refusedConnections);
        handshake(binding, "tofu", Events::handshakes);
        handshake(binding, "tls", Events::tlsHandshakes);
    }

    private static void connection(Binding binding, String kind, ToLongFunction<Events> count) {
        binding.counter(
                "tofu.connections",
                null,
                "Connections to peers, and of peers",
                s -> count.applyAsLong(s.events()),
                "kind",
                kind);
    }

    private static void handshake(Binding binding, String layer, ToLongFunction<Events> count) {
        binding.counter(
                "tofu.handshakes",
                null,
                "Handshakes that were completed",
                s -> count.applyAsLong(s.events()),
                "layer",
                layer);
    }

    private static void channels(Binding binding) {
        for (Channel.Role role : Channel.Role.values()) {
            binding.gauge(
                    "tofu.channels",
                    null,
                    "Channels that are there",
                    s -> s.channels().stream().filter(c -> c.role() == role).count(),
                    "role",
                    role.name());
        }
        binding.gauge("tofu.groups", null, "Groups that are there", s -> s.groups().size());
    }

    private static void loop(Binding binding, int loop) {
        loopCounter(binding, loop, "turns", "Turns", PerLoop::turns);
        loopCounter(binding, loop, "led.turns", "Turns made by a receiver", PerLoop::ledTurns);
        loopCounter(binding, loop, "flushes", "Writes made by a sender", PerLoop::flushes);
        loopCounter(binding, loop, "events", "What there was to do", PerLoop::events);
        binding.counter(
                "tofu.loop.busy.time",
                "seconds",
                "How long the turns were, waiting left out",
                s -> s.loops().get(loop).busyNanos() / NANOS_PER_SECOND,
                "loop",
                Integer.toString(loop));
        binding.timeGauge(
                "tofu.loop.longest.turn",
                "The longest turn, waiting left out",
                s -> s.loops().get(loop).longestTurnNanos(),
                "loop",
                Integer.toString(loop));
    }

    private static void loopCounter(
            Binding binding,
            int loop,
            String name,
            String description,
            ToLongFunction<PerLoop> count) {
        binding.counter(
                "tofu.loop." + name,
                null,
                description,
                s -> count.applyAsLong(s.loops().get(loop)),
                "loop",
                Integer.toString(loop));
    }

    private static void size(Binding binding, int size, String name) {
        slots(binding, size, name, "free", PerSize::free);
        slots(binding, size, name, "magazine", PerSize::inMagazines);
        slots(binding, size, name, "leased", PerSize::leased);
        slots(binding, size, name, "queued", PerSize::queued);
        binding.gauge(
                "tofu.pool.slabs",
                null,
                "Pieces in which memory is allocated",
                s -> s.pool().sizes().get(size).slabs(),
                "size",
                name);
        binding.gauge(
                "tofu.pool.bytes",
                "bytes",
                "Memory that is allocated for messages",
                s -> s.pool().sizes().get(size).bytes(),
                "size",
                name);
    }

    private static void slots(
            Binding binding, int size, String name, String state, ToLongFunction<PerSize> slots) {
        binding.gauge(
                "tofu.pool.slots",
                null,
                "Slots, each the memory of a message",
                s -> slots.applyAsLong(s.pool().sizes().get(size)),
                "size",
                name,
                "state",
                state);
    }

    private static void pool(Binding binding) {
        binding.gauge(
                "tofu.pool.max.bytes",
                "bytes",
                "How much memory there may be for messages",
                s -> s.pool().maxBytes());
        binding.counter(
                "tofu.pool.empty",
                null,
                "How often an application was told that there is no memory",
                s -> s.pool().emptyEpisodes());
    }

    private static void log(Binding binding, String direction, Function<Pool, Log> log) {
        logGauge(binding, direction, "used.bytes", "Memory in use", log, Log::usedBytes);
        logGauge(binding, direction, "bytes", "Memory that is allocated", log, Log::bytes);
        logGauge(binding, direction, "max.bytes", "Memory that there may be", log, Log::maxBytes);
    }

    private static void logGauge(
            Binding binding,
            String direction,
            String name,
            String description,
            Function<Pool, Log> log,
            ToLongFunction<Log> bytes) {
        binding.gauge(
                "tofu.pool.log." + name,
                "bytes",
                description + " for messages on their way",
                s -> bytes.applyAsLong(log.apply(s.pool())),
                "direction",
                direction);
    }
}
