package tofu.engine.link;

import java.lang.System.Logger;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// How many of those that connected to an engine's listeners were refused, and why.
///
/// Threads: any.
public final class Refusals {
    private static final Logger LOG = System.getLogger("tofu.admission");

    /// Why somebody may not come in.
    public enum Reason {
        /// The peer's network is denied, or not allowed.
        NETWORK,
        /// The peer's user is not allowed, or cannot be told.
        USER,
        /// The peer's address has as many connections as it may.
        ADDRESS,
        /// As many have come to the listener as may in a second.
        RATE
    }

    /// One for each reason, from the beginning.
    private final Map<Reason, AtomicLong> counts = new EnumMap<>(Reason.class);

    /// Who was refused last.
    private volatile @Nullable Object last;

    /// How many of them the log knows of; its thread only.
    private long reported;

    /// None yet.
    public Refusals() {
        for (Reason reason : Reason.values()) {
            counts.put(reason, new AtomicLong());
        }
    }

    /// Counts one.
    ///
    /// @param who for the log; `null` if nothing is known of it
    void add(Reason reason, @Nullable Object who) {
        last = who;
        of(reason).getAndIncrement();
    }

    /// How many there were, since the engine was opened.
    ///
    /// @param reason why
    /// @return the number
    public long count(Reason reason) {
        return of(reason).get();
    }

    private AtomicLong of(Reason reason) {
        return Objects.requireNonNull(counts.get(reason));
    }

    /// Says in the log what has come since the last time. One thread at a time, and no loop, as
    /// handlers of the log are foreign code.
    public void report() {
        StringJoiner reasons = new StringJoiner(", ");
        long all = 0;
        for (Reason reason : Reason.values()) {
            long count = count(reason);
            all += count;
            if (count > 0) {
                reasons.add(reason + " " + count);
            }
        }
        long news = all - reported;
        reported = all;
        Object peer = last;
        String who = peer == null ? "somebody unknown" : peer.toString();
        LOG.log(
                Logger.Level.WARNING,
                "connections refused: " + news + ", the last of " + who + "; in all " + reasons);
    }
}
