package tofu.api;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Who may connect to an engine's listeners, and how often.
///
/// ```java
/// Admission admission =
///         Admission.builder()
///                 .allowNetworks("10.0.0.0/8", "fd00::/8")
///                 .denyNetworks("10.66.0.0/16")
///                 .connectionsPerAddress(20)
///                 .connectionsPerSecond(200)
///                 .build();
/// Options options = Options.builder().admission(admission).build();
/// ```
///
/// Networks and connections per address are for TCP, TLS included; users and groups are for Unix
/// domain sockets; connections per second are for all listeners. Who may not come in is refused
/// when the connection has been accepted, before there is a channel, a handshake or any memory for
/// it: no application is told. The log `tofu.admission` is, every ten seconds at most.
///
/// What is not said lets everybody in.
///
/// Immutable; two are equal if they have the same values.
public final class Admission {
    /// Networks that there may be, allowed and denied ones together. Each connection is compared
    /// with all of them; whoever needs more needs a firewall.
    public static final int MAX_NETWORKS = 1_000;

    /// Most connections that may be allowed in a second.
    private static final int MOST_PER_SECOND = 1_000_000;

    private static final int IPV6_BITS = 128;

    private static final Admission EVERYBODY = builder().build();

    private record Values(
            Set<Network> allowed,
            Set<Network> denied,
            Set<String> users,
            Set<String> groups,
            int connectionsPerAddress,
            int ipv6AddressBits,
            int connectionsPerSecond) {
        Values {
            for (Network network : denied) {
                if (allowed.contains(network)) {
                    throw new IllegalArgumentException(network + " is allowed and denied");
                }
            }
            between("networks", (long) allowed.size() + denied.size(), 0, MAX_NETWORKS);
            between("connectionsPerAddress", connectionsPerAddress, 0, Options.MAX_CHANNELS);
            between("ipv6AddressBits", ipv6AddressBits, 1, IPV6_BITS);
            between("connectionsPerSecond", connectionsPerSecond, 0, MOST_PER_SECOND);
        }
    }

    private final Values values;

    private Admission(Values values) {
        this.values = values;
    }

    /// No rules: whoever can connect may come in.
    ///
    /// @return the default of [Options#admission()]
    public static Admission everybody() {
        return EVERYBODY;
    }

    /// Starts from no rules.
    ///
    /// @return a new builder
    public static Builder builder() {
        return new Builder();
    }

    /// The networks whose addresses may come in.
    ///
    /// @return each with its prefix, `10.0.0.0/8` say; empty if all may that are not denied
    public Set<String> allowedNetworks() {
        return texts(values.allowed);
    }

    /// The networks whose addresses may not come in, even if they are allowed.
    ///
    /// @return each with its prefix
    public Set<String> deniedNetworks() {
        return texts(values.denied);
    }

    private static Set<String> texts(Set<Network> networks) {
        return networks.stream()
                .map(Network::toString)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /// The users who may connect to Unix domain sockets.
    ///
    /// @return names, or numbers (uid) in decimal; if there are neither these nor groups, all may
    ///     whom the file's mode lets
    public Set<String> allowedUsers() {
        return values.users;
    }

    /// The groups whose users may connect to Unix domain sockets.
    ///
    /// @return names, or numbers (gid) in decimal
    public Set<String> allowedGroups() {
        return values.groups;
    }

    /// How many connections an address may have at a time, with all listeners of the engine
    /// together, 0 (any number) to 65,534.
    ///
    /// @return 0 by default
    public int connectionsPerAddress() {
        return values.connectionsPerAddress;
    }

    /// How many bits of an IPv6 address make an address for [#connectionsPerAddress()], 1 to 128.
    /// With 64 a whole network counts as one, all of whose addresses one machine may have.
    ///
    /// @return 128 by default
    public int ipv6AddressBits() {
        return values.ipv6AddressBits;
    }

    /// How many connections a listener lets in within a second, 0 (any number) to 1,000,000. After
    /// a quiet second so many may come at once; then one for each fraction of a second (a token
    /// bucket).
    ///
    /// @return 0 by default
    public int connectionsPerSecond() {
        return values.connectionsPerSecond;
    }

    /// Whether an address may come in as far as networks go.
    ///
    /// @param address the peer's
    /// @return true if it is in no network that is denied, and in one that is allowed, or there are
    ///     none of these
    public boolean admits(InetAddress address) {
        return values.denied.stream().noneMatch(network -> network.has(address))
                && (values.allowed.isEmpty()
                        || values.allowed.stream().anyMatch(network -> network.has(address)));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Admission admission && values.equals(admission.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        if (equals(EVERYBODY)) {
            return "Admission[everybody]";
        }
        return "Admission["
                + ("allowedNetworks=" + values.allowed)
                + (", deniedNetworks=" + values.denied)
                + (", allowedUsers=" + values.users)
                + (", allowedGroups=" + values.groups)
                + (", connectionsPerAddress=" + values.connectionsPerAddress)
                + (", ipv6AddressBits=" + values.ipv6AddressBits)
                + (", connectionsPerSecond=" + values.connectionsPerSecond)
                + "]";
    }

    private static void between(String name, long value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    name + " is " + value + ", must be " + min + " to " + max);
        }
    }

    /// Collects rules. What is allowed or denied adds to what was before.
    ///
    /// Threads: one at a time.
    public static final class Builder {
        private final Set<Network> allowed = new LinkedHashSet<>();
        private final Set<Network> denied = new LinkedHashSet<>();
        private final Set<String> users = new LinkedHashSet<>();
        private final Set<String> groups = new LinkedHashSet<>();
        private int connectionsPerAddress;
        private int ipv6AddressBits = IPV6_BITS;
        private int connectionsPerSecond;

        private Builder() {}

        /// Lets addresses in, and none but these.
        ///
        /// @param networks `10.0.0.0/8`, `fd00::/8`, or an address alone. An IPv4 network that is
        ///     mapped to IPv6 (`::ffff:10.0.0.0/104`) is the IPv4 network.
        /// @return this
        /// @throws IllegalArgumentException names the network that is none: a host name, a prefix
        ///     that is too long, or one that has bits behind it, as in `10.0.0.1/8`
        public Builder allowNetworks(String... networks) {
            Arrays.stream(networks).map(Network::parse).forEach(allowed::add);
            return this;
        }

        /// Keeps addresses out, those that are allowed included.
        ///
        /// @param networks as for [#allowNetworks(String...)]
        /// @return this
        /// @throws IllegalArgumentException likewise
        public Builder denyNetworks(String... networks) {
            Arrays.stream(networks).map(Network::parse).forEach(denied::add);
            return this;
        }

        /// Lets users connect to Unix domain sockets, and none but these and those of groups that
        /// are allowed. They are looked up when an engine is opened.
        ///
        /// @param users names, or numbers (uid) in decimal
        /// @return this
        /// @throws IllegalArgumentException if one is empty
        public Builder allowUsers(String... users) {
            add("user", users, this.users);
            return this;
        }

        /// Lets users connect to Unix domain sockets whose process has such a group; others that
        /// it may have besides (supplementary ones) do not count.
        ///
        /// @param groups names, or numbers (gid) in decimal
        /// @return this
        /// @throws IllegalArgumentException if one is empty
        public Builder allowGroups(String... groups) {
            add("group", groups, this.groups);
            return this;
        }

        private static void add(String kind, String[] names, Set<String> to) {
            for (String name : names) {
                if (name.isBlank()) {
                    throw new IllegalArgumentException("a " + kind + " without a name");
                }
                to.add(name);
            }
        }

        /// Sets [Admission#connectionsPerAddress()].
        ///
        /// @param connectionsPerAddress at a time, 0 for any number
        /// @return this
        public Builder connectionsPerAddress(int connectionsPerAddress) {
            this.connectionsPerAddress = connectionsPerAddress;
            return this;
        }

        /// Sets [Admission#ipv6AddressBits()].
        ///
        /// @param ipv6AddressBits how many bits make an address
        /// @return this
        public Builder ipv6AddressBits(int ipv6AddressBits) {
            this.ipv6AddressBits = ipv6AddressBits;
            return this;
        }

        /// Sets [Admission#connectionsPerSecond()].
        ///
        /// @param connectionsPerSecond of each listener, 0 for any number
        /// @return this
        public Builder connectionsPerSecond(int connectionsPerSecond) {
            this.connectionsPerSecond = connectionsPerSecond;
            return this;
        }

        /// Checks the rules, and makes an admission of them.
        ///
        /// @return the admission
        /// @throws IllegalArgumentException names a value that is out of range, or a network that
        ///     is both allowed and denied
        public Admission build() {
            return new Admission(
                    new Values(
                            copy(allowed),
                            copy(denied),
                            copy(users),
                            copy(groups),
                            connectionsPerAddress,
                            ipv6AddressBits,
                            connectionsPerSecond));
        }

        /// In the order in which it was said.
        private static <T> Set<T> copy(Set<T> values) {
            return Collections.unmodifiableSet(new LinkedHashSet<>(values));
        }
    }
}
