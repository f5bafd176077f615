package tofu.pool;

import java.lang.System.Logger;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tofu.api.LeakDetection;

/// Notices leases that become unreachable while they own a slot.
///
/// A watched lease has a [Ticket] that outlives it: released with the lease, it is forgotten; found
/// in the reference queue, it is a leak, and is reported with the stack that got the lease.
///
/// Threads: any.
final class LeakWatch {
    private static final Logger LOG = System.getLogger("tofu.leak");

    /// Watching a lease takes about as long as a hundred leases that are not watched.
    private static final int SAMPLE = 1_024;

    private final LeakDetection level;
    private final ReferenceQueue<SlabMessage> unreachable = new ReferenceQueue<>();
    private final Set<Ticket> tickets = ConcurrentHashMap.newKeySet();

    /// Counts leases, to sample them. Threads may lose a count in a race: it only has to move on.
    private int taken;

    LeakWatch(LeakDetection level) {
        this.level = level;
    }

    /// Decides whether the next lease is watched.
    @Nullable LeakWatch watch() {
        return switch (level) {
            case OFF -> null;
            case SAMPLED -> (taken++ & SAMPLE - 1) == 0 ? this : null;
            case PARANOID -> this;
        };
    }

    Ticket ticket(SlabMessage lease) {
        report();
        Ticket ticket = new Ticket(lease, this);
        tickets.add(ticket);
        return ticket;
    }

    /// Reports the leaks found so far.
    void report() {
        for (Reference<?> found = unreachable.poll(); found != null; found = unreachable.poll()) {
            Ticket ticket = (Ticket) found;
            if (tickets.remove(ticket)) {
                LOG.log(
                        Logger.Level.WARNING,
                        "LEAK: a message became unreachable, and was neither closed nor moved",
                        ticket.got);
            }
        }
    }

    /// Reports the leaks found so far; leases that are still reachable go on being watched.
    void close() {
        report();
    }

    /// Stands for one watched lease.
    static final class Ticket extends PhantomReference<SlabMessage> {
        private final LeakWatch watch;
        private final Throwable got = new Throwable("the message was got here");

        Ticket(SlabMessage lease, LeakWatch watch) {
            super(lease, watch.unreachable);
            this.watch = watch;
        }

        void released() {
            watch.tickets.remove(this);
            clear();
        }
    }
}
