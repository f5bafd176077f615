package tofu.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tofu.api.Statistics.DeadlineName;
import tofu.api.Status;
import tofu.fixtures.Counted;

/// Each meter reads its figure, and none outlives what it was made for.
class TofuMetricsTest {
    private final Counted counted = new Counted();
    private final AtomicLong nowNanos = new AtomicLong(-7); // any number will do
    private final MeterRegistry registry = new SimpleMeterRegistry();

    private TofuMetrics bound(String... tags) {
        TofuMetrics metrics = new TofuMetrics(counted.ampe(), Tags.of(tags), nowNanos::get);
        metrics.bindTo(registry);
        return metrics;
    }

    private void aMomentPasses() {
        nowNanos.addAndGet(Snapshots.FRESH_NANOS);
    }

    private double read(String name, String... tags) {
        return value(registry.get(name).tags(tags).meter());
    }

    private static double value(Meter meter) {
        Measurement only = meter.measure().iterator().next();
        return only.getValue();
    }

    @ParameterizedTest
    @CsvSource({
        "tofu.messages, direction=sent, traffic.sentMessages",
        "tofu.messages, direction=received, traffic.receivedMessages",
        "tofu.messages, direction=returned, traffic.returnedMessages",
        "tofu.bytes, direction=sent, traffic.sentBytes",
        "tofu.bytes, direction=received, traffic.receivedBytes",
        "tofu.bytes, direction=returned, traffic.returnedBytes",
        "tofu.queued.messages, , traffic.queuedMessages",
        "tofu.queued.bytes, , traffic.queuedBytes",
        "tofu.most.queued.messages, , traffic.mostQueuedMessages",
        "tofu.most.queued.bytes, , traffic.mostQueuedBytes",
        "tofu.untaken.messages, , traffic.untakenMessages",
        "tofu.untaken.bytes, , traffic.untakenBytes",
        "tofu.stalls, cause=send_queue_full, stalls.sendQueueFull.count",
        "tofu.stalls, cause=receive_window_closed, stalls.receiveWindowClosed.count",
        "tofu.stalls, cause=pool_empty, stalls.poolEmpty.count",
        "tofu.stalls, cause=write_blocked, stalls.writeBlocked.count",
        "tofu.connections, kind=made, events.connects",
        "tofu.connections, kind=accepted, events.accepts",
        "tofu.connections, kind=refused, events.refusedConnections",
        "tofu.handshakes, layer=tofu, events.handshakes",
        "tofu.handshakes, layer=tls, events.tlsHandshakes",
        "tofu.loop.turns, loop=0, loops.0.turns",
        "tofu.loop.turns, loop=1, loops.1.turns",
        "tofu.loop.led.turns, loop=1, loops.1.ledTurns",
        "tofu.loop.flushes, loop=1, loops.1.flushes",
        "tofu.loop.events, loop=1, loops.1.events",
        "tofu.pool.slots, state=free size=reserve, pool.sizes.2.free",
        "tofu.pool.slots, state=magazine size=reserve, pool.sizes.2.inMagazines",
        "tofu.pool.slots, state=leased size=reserve, pool.sizes.2.leased",
        "tofu.pool.slots, state=queued size=reserve, pool.sizes.2.queued",
        "tofu.pool.slots, state=queued size=128, pool.sizes.0.queued",
        "tofu.pool.slabs, size=128, pool.sizes.0.slabs",
        "tofu.pool.bytes, size=512, pool.sizes.1.bytes",
        "tofu.pool.max.bytes, , pool.maxBytes",
        "tofu.pool.empty, , pool.emptyEpisodes",
        "tofu.pool.log.used.bytes, direction=outgoing, pool.outgoing.usedBytes",
        "tofu.pool.log.bytes, direction=outgoing, pool.outgoing.bytes",
        "tofu.pool.log.max.bytes, direction=outgoing, pool.outgoing.maxBytes",
        "tofu.pool.log.used.bytes, direction=incoming, pool.incoming.usedBytes",
        "tofu.pool.log.bytes, direction=incoming, pool.incoming.bytes",
        "tofu.pool.log.max.bytes, direction=incoming, pool.incoming.maxBytes",
    })
    void eachMeterReadsItsFigure(String name, String tags, String figure) {
        counted.figure("pool.sizes.0.slotBytes", 128L);
        counted.figure("pool.sizes.1.slotBytes", 512L);
        bound();
        String[] keyed = tags == null ? new String[0] : tags.split("[= ]");
        assertThat(read(name, keyed)).isEqualTo(counted.figure(figure));
    }

    @ParameterizedTest
    @CsvSource({
        "tofu.stall.time, cause, send_queue_full, stalls.sendQueueFull.nanos",
        "tofu.stall.time, cause, receive_window_closed, stalls.receiveWindowClosed.nanos",
        "tofu.stall.time, cause, pool_empty, stalls.poolEmpty.nanos",
        "tofu.stall.time, cause, write_blocked, stalls.writeBlocked.nanos",
        "tofu.loop.busy.time, loop, 1, loops.1.busyNanos",
        "tofu.loop.longest.turn, loop, 1, loops.1.longestTurnNanos",
    })
    void timesAreInSeconds(String name, String key, String value, String figure) {
        counted.figure(figure, 1_500_000_000L);
        bound();
        assertThat(read(name, key, value)).isEqualTo(1.5);
    }

    @Test
    void aTimeThatTurnsOutLessIsNoCounterThatFalls() {
        String figure = "stalls.writeBlocked.nanos";
        counted.figure(figure, 1_500_000_000L);
        bound();
        assertThat(read("tofu.stall.time", "cause", "write_blocked")).isEqualTo(1.5);

        counted.figure(figure, 1_499_999_999L);
        aMomentPasses();
        assertThat(read("tofu.stall.time", "cause", "write_blocked")).isEqualTo(1.5);

        counted.figure(figure, 1_750_000_000L);
        aMomentPasses();
        assertThat(read("tofu.stall.time", "cause", "write_blocked")).isEqualTo(1.75);
    }

    @Test
    void channelsAndGroupsAreNumbersOnly() {
        for (int i = 0; i < 5; i++) {
            counted.figure("channels." + i + ".role", i < 2 ? 0L : 1L);
        }
        bound();
        int meters = registry.getMeters().size();
        assertThat(read("tofu.channels", "role", "LISTENER")).isEqualTo(2);
        assertThat(read("tofu.channels", "role", "CLIENT")).isEqualTo(3);
        assertThat(read("tofu.channels", "role", "SERVER")).isEqualTo(0);
        assertThat(read("tofu.groups")).isEqualTo(4);

        counted.size("channels", 100);
        counted.size("groups", 40);
        aMomentPasses();
        assertThat(read("tofu.groups")).isEqualTo(40);
        assertThat(registry.getMeters()).hasSize(meters);
    }

    @Test
    void eachReasonHasItsMeterFromTheBeginning() {
        counted.reasons("closes", Map.of(Status.CHANNEL_CLOSED, 3L));
        bound();
        int meters = registry.getMeters().size();
        assertThat(read("tofu.closes", "status", "CHANNEL_CLOSED")).isEqualTo(3);
        assertThat(registry.get("tofu.closes").meters()).hasSameSizeAs(Status.values());
        assertThat(registry.get("tofu.frames.rejected").meters()).hasSameSizeAs(Status.values());
        assertThat(registry.get("tofu.deadlines.hit").meters())
                .hasSameSizeAs(DeadlineName.values())
                .allMatch(meter -> value(meter) == 0);

        counted.reasons("closes", Map.of(Status.CHANNEL_CLOSED, 4L, Status.RECV_FAILED, 1L));
        counted.reasons("rejectedFrames", Map.of(Status.INVALID_BODY_LEN, 2L));
        counted.reasons("deadlinesHit", Map.of(DeadlineName.BYE, 1L));
        aMomentPasses();
        assertThat(read("tofu.closes", "status", "CHANNEL_CLOSED")).isEqualTo(4);
        assertThat(read("tofu.closes", "status", "RECV_FAILED")).isEqualTo(1);
        assertThat(read("tofu.frames.rejected", "status", "INVALID_BODY_LEN")).isEqualTo(2);
        assertThat(read("tofu.deadlines.hit", "deadline", "BYE")).isEqualTo(1);
        assertThat(registry.getMeters()).hasSize(meters);
    }

    @Test
    void oneSnapshotServesAScrape() {
        counted.figure("traffic.sentMessages", 8L);
        bound();
        registry.forEachMeter(TofuMetricsTest::value);
        assertThat(counted.snapshots()).isEqualTo(1);
        aMomentPasses();
        counted.figure("traffic.sentMessages", 9L);
        registry.forEachMeter(TofuMetricsTest::value);
        assertThat(counted.snapshots()).isEqualTo(2);
        assertThat(read("tofu.messages", "direction", "sent")).isEqualTo(9);
    }

    @Test
    void allMetersHaveTheTagsAndALine() {
        bound("engine", "orders", "zone", "b");
        assertThat(registry.getMeters())
                .isNotEmpty()
                .allSatisfy(
                        meter -> {
                            assertThat(meter.getId().getName()).startsWith("tofu.");
                            assertThat(meter.getId().getTag("engine")).isEqualTo("orders");
                            assertThat(meter.getId().getTag("zone")).isEqualTo("b");
                            assertThat(meter.getId().getDescription()).isNotBlank();
                        });
    }

    @Test
    void enginesWithDifferentTagsShareARegistry() {
        Counted other = new Counted();
        other.figure("traffic.sentMessages", 1L);
        counted.figure("traffic.sentMessages", 2L);
        bound("engine", "a");
        TofuMetrics second = new TofuMetrics(other.ampe(), Tags.of("engine", "b"));
        second.bindTo(registry);
        assertThat(read("tofu.messages", "direction", "sent", "engine", "a")).isEqualTo(2);
        assertThat(read("tofu.messages", "direction", "sent", "engine", "b")).isEqualTo(1);

        second.close();
        assertThat(registry.find("tofu.messages").tag("engine", "b").meters()).isEmpty();
        assertThat(registry.find("tofu.messages").tag("engine", "a").meters()).hasSize(3);
    }

    @Test
    void enginesWithTheSameTagsDoNotShareARegistry() {
        registry.config().commonTags("host", "here"); // the registry's meters have more tags
        Counted other = new Counted();
        other.figure("traffic.sentMessages", 1L);
        counted.figure("traffic.sentMessages", 2L);
        TofuMetrics first = bound("engine", "a");
        List<Meter> meters = registry.getMeters();
        TofuMetrics second = new TofuMetrics(other.ampe(), Tags.of("engine", "a"));

        assertThatThrownBy(() -> second.bindTo(registry))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("tofu.messages", "engine", "a");
        assertThatThrownBy(() -> first.bindTo(registry))
                .as("once more")
                .isInstanceOf(IllegalStateException.class);
        assertThat(registry.getMeters()).containsExactlyInAnyOrderElementsOf(meters);
        assertThat(read("tofu.messages", "direction", "sent")).isEqualTo(2);

        first.close();
        assertThat(registry.getMeters()).isEmpty();
        second.bindTo(registry);
        assertThat(read("tofu.messages", "direction", "sent")).isEqualTo(1);
        second.close();
    }

    /// Somebody else's of one of the names.
    @Test
    void whoIsRefusedLeavesNothingBehind() {
        Meter taken = Gauge.builder("tofu.groups", () -> 5).register(registry);
        TofuMetrics metrics = new TofuMetrics(counted.ampe());
        assertThatThrownBy(() -> metrics.bindTo(registry)).hasMessageContaining("tofu.groups");
        assertThat(registry.getMeters()).containsExactly(taken);
        registry.clear();
        metrics.bindTo(registry);
        assertThat(read("tofu.groups")).isEqualTo(4);
    }

    @Test
    void closingRemovesAllMetersFromAllRegistries() {
        MeterRegistry other = new CompositeMeterRegistry().add(new SimpleMeterRegistry());
        other.counter("mine").increment();
        TofuMetrics metrics = bound();
        metrics.bindTo(other);
        assertThat(other.find("tofu.closes").meters()).isNotEmpty();

        metrics.close();
        assertThat(registry.getMeters()).isEmpty();
        assertThat(other.getMeters()).hasSize(1);
        metrics.close();
        assertThatThrownBy(() -> metrics.bindTo(registry))
                .isInstanceOf(IllegalStateException.class);
        assertThat(registry.getMeters()).isEmpty();
    }

    /// What the registry reads is kept by it alone here; Micrometer's own reference is a weak one.
    @Test
    void aRegistryKeepsWhatItReadsUntilItIsClosed() {
        TofuMetrics metrics = bound();
        WeakReference<Counted> engine = new WeakReference<>(boundElsewhere());
        WeakReference<Object> canary = new WeakReference<>(new Object());
        awaitCleared(canary);
        assertThat(read("tofu.queued.messages", "engine", "elsewhere")).isEqualTo(11);
        assertThat(engine.get()).isNotNull();
        metrics.close();
    }

    private Counted boundElsewhere() {
        Counted elsewhere = new Counted();
        elsewhere.figure("traffic.queuedMessages", 11L);
        new TofuMetrics(elsewhere.ampe(), Tags.of("engine", "elsewhere")).bindTo(registry);
        return elsewhere;
    }

    @Test
    void closedMetersKeepNoEngine() {
        awaitCleared(new WeakReference<>(boundAndClosed()));
        assertThat(registry.getMeters()).isEmpty();
    }

    private Counted boundAndClosed() {
        Counted engine = new Counted();
        TofuMetrics metrics = new TofuMetrics(engine.ampe(), Tags.empty());
        metrics.bindTo(registry);
        metrics.close();
        return engine;
    }

    private static void awaitCleared(WeakReference<?> reference) {
        await().atMost(20, TimeUnit.SECONDS)
                .until(
                        () -> {
                            System.gc();
                            return reference.get() == null;
                        });
    }
}
