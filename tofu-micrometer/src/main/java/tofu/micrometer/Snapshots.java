package tofu.micrometer;

import java.util.function.LongSupplier;
import java.util.function.Supplier;
import tofu.api.Statistics;

/// The newest snapshot, kept for a moment: the dozens of meters that one scrape reads share it.
///
/// Threads: any. Those that come while one takes a snapshot wait for it, so that no figure goes
/// back.
final class Snapshots {
    /// How long a snapshot is new enough: longer than most scrapes take, and far shorter than the
    /// time between two.
    static final long FRESH_NANOS = 100_000_000;

    private final Supplier<Statistics> source;
    private final LongSupplier nanoTime;

    // Both guarded by this.
    private Statistics newest;
    private long takenNanos;

    /// Takes the first one.
    Snapshots(Supplier<Statistics> source, LongSupplier nanoTime) {
        this.source = source;
        this.nanoTime = nanoTime;
        takenNanos = nanoTime.getAsLong();
        newest = source.get();
    }

    synchronized Statistics newest() {
        long nowNanos = nanoTime.getAsLong();
        if (nowNanos - takenNanos >= FRESH_NANOS) {
            newest = source.get();
            takenNanos = nowNanos;
        }
        return newest;
    }
}
