package tofu.engine.link;

import java.net.SocketAddress;
import java.util.List;
import tofu.engine.channel.Deadline;

/// The addresses that a client tries one after the other. Each but the last has a fair share of the
/// time that is left, so that one that swallows everything does not cost the others their turn.
///
/// Thread: the loop.
final class Candidates {
    /// The least that an address is given, enough for a connection round the world; where so much
    /// is not left for each, the last ones are not tried.
    static final long LEAST_SHARE_NANOS = 250_000_000;

    private final List<SocketAddress> addresses;

    /// 0 <= tried <= addresses.size()
    private int tried;

    private long shareEndNanos = Deadline.NONE;

    Candidates(List<SocketAddress> addresses) {
        this.addresses = addresses;
    }

    boolean hasNext() {
        return tried < addresses.size();
    }

    /// The next address; its share begins now.
    ///
    /// @param endNanos when the time to connect is over
    SocketAddress next(long nowNanos, long endNanos) {
        int left = addresses.size() - tried;
        long share = Math.max((endNanos - nowNanos) / left, LEAST_SHARE_NANOS);
        shareEndNanos = left == 1 ? Deadline.NONE : Deadline.after(nowNanos, share);
        return addresses.get(tried++);
    }

    /// When the turn of the address is over that is being tried.
    ///
    /// @return [Deadline#NONE] if it is the last one
    long deadlineNanos() {
        return shareEndNanos;
    }
}
