package tofu.engine.link;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import tofu.engine.channel.Deadline;
import tofu.pool.SlotPool;

/// Who has been told that the engine's pool is empty: each group once per episode, whichever of the
/// loops finds out.
///
/// An episode begins when a loop starves while there is none. It lasts while any loop starves. Then
/// it ends when a quarter of the messages is free again, or, when it was memory that ran out, after
/// a second of calm: a pool which swings around empty is one piece of news, not thousands.
///
/// Threads: the loops, and any that gives a message back. There is one atomic, of values that are
/// never used twice: an episode that a loop enters is not ended by somebody who has looked at the
/// pool before.
public final class EmptyPool {
    private static final long CALM_NANOS = 1_000_000_000;

    /// An episode as it stands.
    ///
    /// @param told the same set as long as it lasts
    /// @param starving how many loops starve
    /// @param calmNanos no end before this, [Deadline#NONE] if any time will do
    private record Episode(Set<Mailbox> told, int starving, long calmNanos) {
        static Episode begin() {
            return new Episode(ConcurrentHashMap.newKeySet(), 0, Deadline.NONE);
        }
    }

    private final SlotPool pool;
    private final int recoveredBelow;
    private final Runnable report;
    private final AtomicReference<@Nullable Episode> current = new AtomicReference<>();

    /// Nobody was told yet.
    ///
    /// @param pool the pool
    /// @param maxPoolMessages its bound
    /// @param report run when an episode begins
    public EmptyPool(SlotPool pool, int maxPoolMessages, Runnable report) {
        this.pool = pool;
        this.report = report;
        this.recoveredBelow = maxPoolMessages - maxPoolMessages / 4;
    }

    /// A loop begins to starve.
    void enter(long nowNanos) {
        check(nowNanos); // no loop may have had a turn since the calm was over
        // Messages are left, so it is memory that has run out.
        long calmNanos = isRecovered() ? Deadline.after(nowNanos, CALM_NANOS) : Deadline.NONE;
        Episode before =
                current.getAndUpdate(
                        seen -> {
                            Episode last = seen == null ? Episode.begin() : seen;
                            return new Episode(
                                    last.told,
                                    last.starving + 1,
                                    calmNanos == Deadline.NONE ? last.calmNanos : calmNanos);
                        });
        if (before == null) {
            report.run();
        }
    }

    /// A loop starves no more.
    void leave(long nowNanos) {
        current.updateAndGet(
                seen -> {
                    Episode last = ofStarving(seen);
                    return new Episode(last.told, last.starving - 1, last.calmNanos);
                });
        check(nowNanos);
    }

    /// A loop that starves: whether a group has yet to be told, by the caller then.
    boolean isNewsFor(Mailbox group) {
        return ofStarving(current.get()).told.add(group);
    }

    /// A loop looks whether the episode is over.
    void check(long nowNanos) {
        Episode seen = current.get();
        if (seen != null
                && seen.starving == 0
                && (seen.calmNanos == Deadline.NONE || Deadline.isDue(seen.calmNanos, nowNanos))
                && pool.isBelowOrAwait(recoveredBelow)) {
            end(seen);
        }
    }

    /// Messages are back, any thread: ends the episode at once, as the loops may sleep until
    /// everything is taken again.
    public void onRefill() {
        Episode seen = current.get();
        if (seen != null
                && seen.starving == 0
                && seen.calmNanos == Deadline.NONE
                && pool.isBelowOrAwait(recoveredBelow)) {
            end(seen);
        }
    }

    private void end(Episode seen) {
        // Not if a loop has begun to starve since, even if it starves no more.
        current.compareAndSet(seen, null);
    }

    private boolean isRecovered() {
        return pool.messagesOut() < recoveredBelow;
    }

    private static Episode ofStarving(@Nullable Episode seen) {
        if (seen == null || seen.starving == 0) {
            throw new IllegalStateException("no loop starves");
        }
        return seen;
    }
}
