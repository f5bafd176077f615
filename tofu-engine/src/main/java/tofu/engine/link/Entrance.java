package tofu.engine.link;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tofu.api.Admission;
import tofu.engine.net.NetStream;
import tofu.engine.net.UnixUsers;

/// Knows by the [Admission] who of those that connect to an engine may come in, and counts the
/// connections of each address.
///
/// Threads: any.
public final class Entrance {
    /// A connection that came in, and counts until it ends.
    interface Visit {
        /// One that does not count.
        Visit UNCOUNTED = () -> {};

        /// The connection ends. To be called once.
        void end();
    }

    private final Admission rules;
    private final Refusals refusals;
    private final Runnable onRefusal;

    /// Who may connect to Unix domain sockets; `null` for all.
    private final @Nullable UnixUsers users;

    private final boolean asksForNetwork;

    /// Held for a moment, twice in a connection's life.
    private final ReentrantLock lock = new ReentrantLock();

    /// How many connections an address has; bounded by the channels.
    private final Map<ByteBuffer, Integer> byAddress = new HashMap<>();

    /// Nobody came yet.
    ///
    /// @param rules who may come in
    /// @param refusals where the others are counted
    /// @param onRefusal called for each of them, on a loop
    /// @throws IOException names a user or a group that this machine does not know
    public Entrance(Admission rules, Refusals refusals, Runnable onRefusal) throws IOException {
        this.rules = rules;
        this.refusals = refusals;
        this.onRefusal = onRefusal;
        this.users =
                asksForUsers(rules)
                        ? UnixUsers.of(rules.allowedUsers(), rules.allowedGroups())
                        : null;
        this.asksForNetwork =
                !rules.allowedNetworks().isEmpty() || !rules.deniedNetworks().isEmpty();
    }

    /// Whether there are rules about users: then those who connect to a Unix domain socket have to
    /// be looked up, beside the loops.
    ///
    /// @param rules the rules
    /// @return true if there are
    public static boolean asksForUsers(Admission rules) {
        return !rules.allowedUsers().isEmpty() || !rules.allowedGroups().isEmpty();
    }

    boolean asksForUsers() {
        return users != null;
    }

    /// Whether the peer is one of the users who may come in. Any thread but a loop.
    boolean isKnown(NetStream peer) {
        return users != null && peer.isFrom(users);
    }

    /// Whether an address may come in.
    ///
    /// @param peer the address; `null` if it is not known any more
    boolean admits(@Nullable SocketAddress peer) {
        return !asksForNetwork
                || (peer instanceof InetSocketAddress inet && rules.admits(inet.getAddress()));
    }

    /// Counts a connection, if those of an address are limited.
    ///
    /// @param peer the address; what is no IP address is not counted
    /// @return `null` if the address has as many as it may
    @Nullable Visit enter(@Nullable SocketAddress peer) {
        int most = rules.connectionsPerAddress();
        if (most == 0 || !(peer instanceof InetSocketAddress inet)) {
            return Visit.UNCOUNTED;
        }
        ByteBuffer address = counted(inet.getAddress());
        lock.lock();
        try {
            int others = byAddress.getOrDefault(address, 0);
            if (others >= most) {
                return null;
            }
            byAddress.put(address, others + 1);
        } finally {
            lock.unlock();
        }
        return () -> leave(address);
    }

    private void leave(ByteBuffer address) {
        lock.lock();
        try {
            byAddress.computeIfPresent(address, (same, count) -> count == 1 ? null : count - 1);
        } finally {
            lock.unlock();
        }
    }

    /// The bytes that count; the others are 0.
    private ByteBuffer counted(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length > Integer.BYTES) {
            for (int bit = rules.ipv6AddressBits(); bit < bytes.length * Byte.SIZE; bit++) {
                bytes[bit / Byte.SIZE] &= (byte) ~(0x80 >> bit % Byte.SIZE);
            }
        }
        return ByteBuffer.wrap(bytes);
    }

    /// How many addresses have connections that count.
    ///
    /// @return 0 if those of an address are not limited
    public int addresses() {
        lock.lock();
        try {
            return byAddress.size();
        } finally {
            lock.unlock();
        }
    }

    /// Who did not come in.
    ///
    /// @return the same each time
    public Refusals refusals() {
        return refusals;
    }

    /// Counts a connection that may not come in. A loop.
    ///
    /// @param peer for the log, `null` if it is not known
    void refuse(Refusals.Reason reason, @Nullable Object peer) {
        refusals.add(reason, peer);
        onRefusal.run();
    }
}
