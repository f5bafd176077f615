package tofu.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.DoubleAccumulator;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import tofu.api.Statistics;

/// The meters of one engine in one registry: makes them, and removes them.
///
/// Micrometer refers weakly to what a meter reads, but strongly to the function that reads it. The
/// functions here refer to this object, so that the meters read on whoever else forgets it.
///
/// Threads: any. The registry is foreign code, and is called under no lock.
final class Binding {
    private final MeterRegistry registry;
    private final Tags tags;
    private final Snapshots snapshots;

    private final Queue<Meter> meters = new ConcurrentLinkedQueue<>();

    /// What was in the registry before [#open()]: that is what it answers with if it is asked for
    /// the same once more. Its filters may change names and tags, so those are not compared here.
    private final Set<Meter> foreign = Collections.newSetFromMap(new IdentityHashMap<>());

    private volatile boolean closed;

    Binding(MeterRegistry registry, Tags tags, Snapshots snapshots) {
        this.registry = registry;
        this.tags = tags;
        this.snapshots = snapshots;
    }

    /// @throws IllegalStateException if the registry has one of the meters; it has none of the
    ///     others then
    void open() {
        foreign.addAll(registry.getMeters());
        try {
            Figures.register(this, snapshots.newest());
        } catch (RuntimeException e) {
            close();
            throw e;
        } finally {
            foreign.clear();
        }
    }

    /// A time that goes on may be a little less in a later snapshot; but who reads a counter takes
    /// that for a new beginning, and adds all of it once more.
    ///
    /// @param unit what is counted, if the name does not say it
    void counter(
            String name,
            @Nullable String unit,
            String description,
            ToDoubleFunction<Statistics> figure,
            String... ownTags) {
        DoubleAccumulator soFar = new DoubleAccumulator(Math::max, 0);
        keep(
                FunctionCounter.builder(name, this, _ -> highest(soFar, read(figure)))
                        .baseUnit(unit)
                        .description(description)
                        .tags(tags.and(ownTags))
                        .register(registry));
    }

    private static double highest(DoubleAccumulator soFar, double now) {
        soFar.accumulate(now);
        return soFar.get();
    }

    /// @param unit what is counted, if the name does not say it
    void gauge(
            String name,
            @Nullable String unit,
            String description,
            ToDoubleFunction<Statistics> figure,
            String... ownTags) {
        keep(
                Gauge.builder(name, this, _ -> read(figure))
                        .baseUnit(unit)
                        .description(description)
                        .tags(tags.and(ownTags))
                        .register(registry));
    }

    /// @param nanos a figure in nanoseconds
    void timeGauge(
            String name,
            String description,
            ToDoubleFunction<Statistics> nanos,
            String... ownTags) {
        keep(
                TimeGauge.builder(name, this, TimeUnit.NANOSECONDS, _ -> read(nanos))
                        .description(description)
                        .tags(tags.and(ownTags))
                        .register(registry));
    }

    private void keep(Meter meter) {
        if (foreign.contains(meter)) {
            throw new IllegalStateException(
                    "the registry has this meter already; other tags would tell two engines apart: "
                            + meter.getId());
        }
        meters.add(meter);
        if (closed) { // either this sees it, or close() sees the meter
            registry.remove(meter);
        }
    }

    private double read(ToDoubleFunction<Statistics> figure) {
        return figure.applyAsDouble(snapshots.newest());
    }

    /// A second call does nothing.
    void close() {
        closed = true;
        for (Meter meter = meters.poll(); meter != null; meter = meters.poll()) {
            registry.remove(meter);
        }
    }
}
