package tofu.engine.link;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tofu.engine.loop.Command;

/// An endpoint's lookup of the name that it listens on, or connects to.
///
/// Thread: the loop.
final class NameLookup {
    /// Who waits for the addresses.
    interface Caller {
        /// Called on the loop.
        ///
        /// @param addresses what was found, empty if nothing
        void onResolved(List<InetAddress> addresses, long nowNanos);
    }

    /// The lookup has ended.
    private record Resolved(NameLookup lookup, List<InetAddress> addresses) implements Command {
        @Override
        public void run(long nowNanos) {
            lookup.question = null;
            lookup.caller.onResolved(addresses, nowNanos);
        }

        @Override
        public void drop() {
            // nobody waits for it but the loop
        }
    }

    private final Workbench bench;
    private final Caller caller;

    /// While the name is looked up.
    private Resolver.@Nullable Question question;

    NameLookup(Workbench bench, Caller caller) {
        this.bench = bench;
        this.caller = caller;
    }

    /// Looks up a name.
    ///
    /// @return false if it cannot be looked up now
    boolean ask(String host) {
        question =
                bench.shared
                        .resolver()
                        .ask(host, found -> bench.loop.execute(new Resolved(this, found)));
        return question != null;
    }

    boolean isUnderWay() {
        return question != null;
    }

    /// Waits no longer.
    void withdraw() {
        if (question != null) {
            question.withdraw();
            question = null;
        }
    }

    /// The addresses of a host that was looked up, each with its name as it was asked for: a
    /// certificate must be for that, whatever the name service calls the host.
    ///
    /// @param host unresolved, with the port
    static List<SocketAddress> named(InetSocketAddress host, List<InetAddress> addresses) {
        return addresses.stream().<SocketAddress>map(address -> named(host, address)).toList();
    }

    private static InetSocketAddress named(InetSocketAddress host, InetAddress address) {
        String name = host.getHostString();
        byte[] bytes = address.getAddress();
        try {
            InetAddress named =
                    address instanceof Inet6Address v6 && v6.getScopeId() != 0
                            ? Inet6Address.getByAddress(name, bytes, v6.getScopeId())
                            : InetAddress.getByAddress(name, bytes);
            return new InetSocketAddress(named, host.getPort());
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + bytes.length + " bytes", e);
        }
    }
}
