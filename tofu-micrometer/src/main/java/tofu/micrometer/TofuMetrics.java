package tofu.micrometer;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import tofu.api.Ampe;

/// Meters for what one engine counts: messages, bytes, stalls, ends of channels, loops and memory.
/// The guide's page on metrics has the list of them.
///
/// The number of meters depends on neither channels nor groups. Each reason by which channels end,
/// frames are rejected and deadlines hit has a meter from the beginning, so that the first
/// occurrence is a rise.
///
/// One snapshot serves all meters that are read within a tenth of a second, so the figures of one
/// scrape fit together, and a scrape costs the engine one snapshot.
///
/// A registry that this is bound to keeps it, and the engine's counters, until [#close()]; the
/// application need not. Meters of a closed engine keep their last values.
///
/// Threads: any.
public final class TofuMetrics implements MeterBinder, AutoCloseable {
    private final Tags tags;
    private final Snapshots snapshots;

    /// Guarded by itself, as is [#closed].
    private final List<Binding> bindings = new ArrayList<>();

    private boolean closed;

    /// Meters without tags of their own: for a process with one engine.
    ///
    /// @param ampe the engine, open or closed; it stays the caller's
    /// @throws UnsupportedOperationException if the engine does not count
    public TofuMetrics(Ampe ampe) {
        this(ampe, Tags.empty());
    }

    /// Meters with tags.
    ///
    /// @param ampe the engine, open or closed; it stays the caller's
    /// @param tags what each of the meters has; engines that share a registry need different ones,
    ///     such as `Tags.of("engine", "orders")`
    /// @throws UnsupportedOperationException if the engine does not count
    public TofuMetrics(Ampe ampe, Iterable<? extends Tag> tags) {
        this(ampe, tags, System::nanoTime);
    }

    TofuMetrics(Ampe ampe, Iterable<? extends Tag> tags, LongSupplier nanoTime) {
        this.tags = Tags.of(tags);
        snapshots = new Snapshots(ampe::statistics, nanoTime);
    }

    /// Adds the meters to a registry; to be called once for each one.
    ///
    /// @param registry where to
    /// @throws IllegalStateException after [#close()]; or if the registry has a meter of the same
    ///     name and tags, as of another engine: then none was added
    @Override
    public void bindTo(MeterRegistry registry) {
        Binding binding = new Binding(registry, tags, snapshots);
        synchronized (bindings) {
            if (closed) {
                throw new IllegalStateException("these meters are closed");
            }
            bindings.add(binding);
        }
        try {
            binding.open();
        } catch (RuntimeException e) {
            synchronized (bindings) {
                bindings.remove(binding);
            }
            throw e;
        }
    }

    /// Removes the meters from all registries. The engine stays as it is. A second call does
    /// nothing.
    @Override
    public void close() {
        List<Binding> bound;
        synchronized (bindings) {
            closed = true;
            bound = List.copyOf(bindings);
            bindings.clear();
        }
        bound.forEach(Binding::close);
    }
}
