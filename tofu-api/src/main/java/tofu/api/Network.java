package tofu.api;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A range of IP addresses: those that begin with the same bits (CIDR, RFC 4632 and RFC 4291).
///
/// All addresses are 128 bits here. One of IPv4 is what maps it to IPv6 (`::ffff:0:0/96`), so that
/// `10.1.2.3` and `::ffff:10.1.2.3` are the same, however a socket has it. No network has both
/// kinds: `::/0` is all of IPv6, and nothing of IPv4.
///
/// Immutable.
///
/// @param high the first 64 bits
/// @param low the last 64 bits
/// @param length how many bits count, 0 to 128; 96 and more for IPv4. The others are 0.
record Network(long high, long low, int length) {
    private static final int MOST_BITS = 128;

    /// What comes before an IPv4 address that is mapped.
    private static final int MAPPED_BITS = 96;

    private static final long MAPPED = 0xffff_0000_0000L;

    private static final Pattern TEXT = Pattern.compile("([^/]*)(?:/(0|[1-9]\\d{0,2}))?");

    /// Understands `10.0.0.0/8`, `fd00::/8`, or an address alone, which is a network of one.
    ///
    /// @throws IllegalArgumentException says what is wrong with it
    static Network parse(String text) {
        Matcher parts = TEXT.matcher(text);
        InetAddress address = parts.matches() ? Host.literalOf(parts.group(1)) : null;
        if (address == null) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no network: one is written 10.0.0.0/8 or fd00::/8");
        }
        Network whole = of(address);
        if (parts.group(2) == null) {
            return whole;
        }
        int length = Integer.parseInt(parts.group(2)) + shift(parts.group(1), whole);
        if (length > MOST_BITS) {
            throw new IllegalArgumentException("'" + text + "' has too long a prefix");
        }
        Network network = whole.first(length);
        if (network.high != whole.high || network.low != whole.low) {
            throw new IllegalArgumentException(
                    "'" + text + "' has bits behind its prefix; is it " + network + "?");
        }
        return network;
    }

    /// Lengths count from where the text begins.
    private static int shift(String text, Network address) {
        return address.isIpv4() && text.indexOf(':') < 0 ? MAPPED_BITS : 0;
    }

    /// The network of one address.
    static Network of(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return bytes.remaining() == Integer.BYTES
                ? new Network(0, MAPPED | Integer.toUnsignedLong(bytes.getInt()), MOST_BITS)
                : new Network(bytes.getLong(), bytes.getLong(), MOST_BITS);
    }

    /// The network that has the same first bits.
    private Network first(int bits) {
        long highMask = bits == 0 ? 0 : -1L << Math.max(Long.SIZE - bits, 0);
        long lowMask = bits <= Long.SIZE ? 0 : -1L << (MOST_BITS - bits);
        return new Network(high & highMask, low & lowMask, bits);
    }

    private boolean isIpv4() {
        return length >= MAPPED_BITS
                && high == 0
                && low >>> Integer.SIZE == MAPPED >>> Integer.SIZE;
    }

    /// Whether an address is in the network.
    boolean has(InetAddress address) {
        Network one = of(address);
        Network around = one.first(length);
        return one.isIpv4() == isIpv4() && around.high == high && around.low == low;
    }

    /// As it is parsed, IPv4 with four numbers.
    @Override
    public String toString() {
        boolean ipv4 = isIpv4();
        ByteBuffer bytes = ByteBuffer.allocate(ipv4 ? Integer.BYTES : 2 * Long.BYTES);
        if (ipv4) {
            bytes.putInt((int) low);
        } else {
            bytes.putLong(high).putLong(low);
        }
        return Host.textOf(bytes.array()) + "/" + (ipv4 ? length - MAPPED_BITS : length);
    }
}
