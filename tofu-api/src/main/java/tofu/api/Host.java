package tofu.api;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The host of a TCP address: a name, four decimal numbers, or an IPv6 address with or without
/// brackets.
///
/// What only looks like one of these is refused: resolvers disagree about it. `7099` and `127.1`
/// are IPv4 addresses for some, `010.0.0.1` is octal for some and decimal for others, and a name
/// with a colon is a port in the wrong place.
///
/// Threads: any.
final class Host {
    private static final int LONGEST = 253;

    private static final String BYTE = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private static final Pattern IPV4 = Pattern.compile(BYTE + "(?:\\." + BYTE + "){3}");

    /// Labels of letters, digits, hyphens and underscores; the root's dot may follow.
    private static final Pattern NAME = Pattern.compile("[\\w-]{1,63}(?:\\.[\\w-]{1,63})*\\.?");

    /// What resolvers take for a number, and so the whole for an IPv4 address.
    private static final Pattern ENDS_IN_NUMBER =
            Pattern.compile("(?:.*\\.)?(?:\\d+|0[xX]\\p{XDigit}*)\\.?");

    /// Of these an IPv6 address consists; the JDK would take brackets and 0fe80, too.
    private static final Pattern IPV6_CHARACTERS =
            Pattern.compile("(?:\\p{XDigit}{0,4}[:.])*\\p{XDigit}{0,4}");

    private static final Pattern SCOPE = Pattern.compile("[!-~&&[^%\\[\\]|]]+");

    private Host() {}

    /// Checks a host that is not empty.
    ///
    /// @return the same
    /// @throws AmpeException with [Status#INVALID_ADDRESS]
    static String checked(String host) {
        if (host.length() > LONGEST || !isHost(host)) {
            throw new AmpeException(
                    Status.INVALID_ADDRESS,
                    "the host is neither a name nor an address like 127.0.0.1 or ::1: '"
                            + host
                            + "'");
        }
        return host;
    }

    /// A checked host as the JDK knows it; looks up no name.
    ///
    /// @return unresolved if it is a name, or an IPv6 address with a scope that is not of this
    ///     machine
    static InetSocketAddress socketAddress(String host, int port) {
        String bare = isBracketed(host) ? host.substring(1, host.length() - 1) : host;
        InetAddress literal = literal(bare);
        return literal == null
                ? InetSocketAddress.createUnresolved(bare, port)
                : new InetSocketAddress(literal, port);
    }

    /// An address that is written as one, without brackets and scope.
    ///
    /// @return `null` if the text is anything else, a name say
    static @Nullable InetAddress literalOf(String text) {
        boolean address =
                text.indexOf(':') < 0
                        ? IPV4.matcher(text).matches()
                        : text.indexOf('%') < 0 && isIpv6(text);
        return address ? literal(text) : null;
    }

    /// An address as text.
    ///
    /// @param address 4 or 16 bytes
    static String textOf(byte[] address) {
        try {
            return InetAddress.getByAddress(address).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(address.length + " bytes", e);
        }
    }

    private static boolean isHost(String host) {
        if (isBracketed(host)) {
            return isIpv6(host.substring(1, host.length() - 1));
        }
        if (host.indexOf(':') >= 0) {
            return isIpv6(host);
        }
        return ENDS_IN_NUMBER.matcher(host).matches()
                ? IPV4.matcher(host).matches()
                : NAME.matcher(host).matches();
    }

    private static boolean isBracketed(String host) {
        return host.startsWith("[") && host.endsWith("]");
    }

    /// The scope is the machine's own: it is looked up when it is needed.
    private static boolean isIpv6(String text) {
        int percent = text.indexOf('%');
        String address = percent < 0 ? text : text.substring(0, percent);
        String last = address.substring(address.lastIndexOf(':') + 1);
        return address.indexOf(':') >= 0
                && IPV6_CHARACTERS.matcher(address).matches()
                && literal(address) != null
                && (last.indexOf('.') < 0 || IPV4.matcher(last).matches())
                && (percent < 0 || SCOPE.matcher(text.substring(percent + 1)).matches());
    }

    private static @Nullable InetAddress literal(String host) {
        try {
            return host.indexOf(':') >= 0
                    ? Inet6Address.ofLiteral(host)
                    : Inet4Address.ofLiteral(host);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
