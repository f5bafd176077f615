package tofu.pool;

import java.lang.System.Logger;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tofu.api.LeakDetection;

/// Notices leases that become unreachable while they own a slot.
///
/// A watched lease has a [Ticket] that outlives it: released with the lease, it is forgotten; found
/// in the reference queue, it is a leak, and is reported with the stack that got the lease. A stack
/// that leaks again and again is reported when it has leaked twice as many as the last time, so
/// seldom, and in any case by [#reportAll()].
///
/// Threads: any.
final class LeakWatch {
    private static final Logger LOG = System.getLogger("tofu.leak");

    /// Watching a lease takes about as long as a hundred leases that are not watched.
    private static final int SAMPLE = 1_024;

    /// So many leaks are looked at by one who gets a message: each takes some microseconds.
    private static final int MOST_AT_ONCE = 1_024;

    /// So many stacks are told apart.
    private static final int MOST_STACKS = 1_024;

    private final LeakDetection level;

    /// Who is told beside the log.
    private volatile LeakListener listener = (messages, got) -> {};

    private final ReferenceQueue<SlabMessage> unreachable = new ReferenceQueue<>();
    private final Set<Ticket> tickets = ConcurrentHashMap.newKeySet();

    /// Leaks by the stack that got them; guarded by itself.
    private final Map<List<StackTraceElement>, Leak> leaks = new HashMap<>();

    /// Counts leases, to sample them. Threads may lose a count in a race: it only has to move on.
    private int taken;

    /// What one stack has lost.
    private static final class Leak {
        private final Throwable got;
        private int found;
        private int reported;

        Leak(Throwable got) {
            this.got = got;
        }
    }

    /// What is to be said.
    private record Line(int messages, Throwable got) {}

    LeakWatch(LeakDetection level) {
        this.level = level;
    }

    void onLeak(LeakListener told) {
        listener = told;
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
        Ticket ticket = new Ticket(lease, this);
        tickets.add(ticket);
        return ticket;
    }

    /// Reports leaks found so far, on an application's thread that holds nothing of ours: the log's
    /// handlers are foreign code. Costs next to nothing while there are none.
    void report() {
        Reference<?> found = unreachable.poll();
        if (found != null) {
            say(collect(found, MOST_AT_ONCE, 2));
        }
    }

    /// Reports all leaks that were not reported yet; leases that are still reachable go on being
    /// watched.
    void reportAll() {
        say(collect(unreachable.poll(), Integer.MAX_VALUE, 1));
    }

    /// Counts leaks.
    ///
    /// @param growth how many times as many as the last time are worth a line
    private List<Line> collect(@Nullable Reference<?> first, int most, int growth) {
        List<Line> lines = new ArrayList<>();
        synchronized (leaks) {
            Reference<?> found = first;
            for (int i = 0; found != null; i++) {
                count((Ticket) found);
                found = i < most ? unreachable.poll() : null;
            }
            for (Leak leak : leaks.values()) {
                if (leak.found > leak.reported && leak.found >= growth * leak.reported) {
                    lines.add(new Line(leak.found - leak.reported, leak.got));
                    leak.reported = leak.found;
                }
            }
        }
        return lines;
    }

    private void count(Ticket ticket) {
        if (tickets.remove(ticket)) {
            List<StackTraceElement> stack =
                    leaks.size() < MOST_STACKS ? List.of(ticket.got.getStackTrace()) : List.of();
            leaks.computeIfAbsent(stack, unseen -> new Leak(ticket.got)).found++;
        }
    }

    private void say(List<Line> lines) {
        for (Line line : lines) {
            listener.leaked(line.messages, line.got);
            LOG.log(
                    Logger.Level.WARNING,
                    "LEAK: "
                            + (line.messages == 1 ? "a message" : line.messages + " messages")
                            + " became unreachable without having been closed or moved",
                    line.got);
        }
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
