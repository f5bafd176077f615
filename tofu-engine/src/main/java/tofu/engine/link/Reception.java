package tofu.engine.link;

import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tofu.engine.link.Entrance.Visit;
import tofu.engine.link.Refusals.Reason;
import tofu.engine.loop.Command;
import tofu.engine.net.NetStream;

/// What becomes of a connection that a listener has accepted: it comes in or is refused, before
/// there is anything of it but its socket. What is refused for another reason uses up nothing of
/// what may come in a second.
///
/// Thread: the listener's loop. Owns the connections whose user is looked up.
final class Reception {
    private final Workbench bench;
    private final Mailbox group;
    private final Arrivals arrivals;
    private final Entrance entrance;
    private final TokenBucket bucket;
    private final Runnable onNoNumber;

    /// Those whose user is looked up; bounded by what the workers take.
    private final Set<NetStream> looked = Collections.newSetFromMap(new IdentityHashMap<>());

    /// @param group the listener's
    /// @param onNoNumber called when there was no channel number for a connection
    Reception(Workbench bench, Mailbox group, Arrivals arrivals, Runnable onNoNumber) {
        this.bench = bench;
        this.group = group;
        this.arrivals = arrivals;
        this.entrance = bench.shared.entrance();
        this.bucket = new TokenBucket(bench.shared.options().admission().connectionsPerSecond());
        this.onNoNumber = onNoNumber;
    }

    /// Takes over a connection.
    ///
    /// @param listensAt where it has come to
    /// @return false if there was no channel number for it
    boolean receive(NetStream accepted, @Nullable SocketAddress listensAt) {
        if (listensAt instanceof UnixDomainSocketAddress) {
            if (entrance.asksForUsers()) {
                lookUp(accepted);
                return true;
            }
            return admit(accepted, null);
        }
        SocketAddress peer = accepted.remoteAddress();
        if (!entrance.admits(peer)) {
            refuse(accepted, Reason.NETWORK, peer);
            return true;
        }
        return admit(accepted, peer);
    }

    private boolean admit(NetStream accepted, @Nullable SocketAddress peer) {
        Visit visit = entrance.enter(peer);
        if (visit == null) {
            refuse(accepted, Reason.ADDRESS, peer);
            return true;
        }
        if (!bucket.take(bench.loop.now())) {
            visit.end();
            refuse(accepted, Reason.RATE, peer);
            return true;
        }
        if (!arrivals.send(accepted, visit, group, bench)) {
            visit.end();
            accepted.reset();
            group.totals().count(Totals.Event.REFUSAL);
            onNoNumber.run();
            return false;
        }
        return true;
    }

    private void refuse(NetStream accepted, Reason reason, @Nullable Object peer) {
        accepted.reset();
        group.totals().count(Totals.Event.REFUSAL);
        entrance.refuse(reason, peer);
    }

    // ---- users

    /// Looks up a connection's user beside the loop: his name may be in a directory somewhere.
    private static final class Lookup implements Runnable, Command {
        private final Reception reception;
        private final NetStream accepted;

        /// Written before the loop is asked to go on.
        private boolean known;

        private @Nullable Object who;

        Lookup(Reception reception, NetStream accepted) {
            this.reception = reception;
            this.accepted = accepted;
        }

        @Override
        public void run() {
            try {
                known = reception.entrance.isKnown(accepted);
                who = known ? null : accepted.credentials();
            } finally {
                reception.bench.loop.execute(this);
            }
        }

        @Override
        public void run(long nowNanos) {
            reception.onLookedUp(accepted, known, who);
        }

        @Override
        public void drop() {
            // its loop has closed it
        }
    }

    private void lookUp(NetStream accepted) {
        Workers workers = Objects.requireNonNull(bench.shared.workers(), "no workers to ask");
        looked.add(accepted);
        if (!workers.run(new Lookup(this, accepted))) {
            looked.remove(accepted);
            refuse(accepted, Reason.USER, null);
        }
    }

    private void onLookedUp(NetStream accepted, boolean known, @Nullable Object who) {
        if (!looked.remove(accepted)) {
            return; // the listener has ended meanwhile
        }
        if (known) {
            admit(accepted, null);
        } else {
            refuse(accepted, Reason.USER, who);
        }
    }

    /// Nobody comes in any more.
    void close() {
        looked.forEach(NetStream::reset);
        looked.clear();
    }
}
