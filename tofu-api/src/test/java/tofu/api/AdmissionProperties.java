package tofu.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// Networks contain what a naive model says: addresses as text of zeros and ones, a network is how
/// such a text begins. IPv4 addresses may come mapped to IPv6 on either side.
class AdmissionProperties {
    /// Few bits differ, so that addresses are often in each other's networks.
    private static final int[] INTERESTING = {0, 1, 7, 8, 9, 15, 31, 32, 63, 64, 65, 95, 96, 127};

    /// A network, and how it is written.
    ///
    /// @param mapped whether it is one of IPv4 that is written as one of IPv6
    record Range(byte[] base, int length, boolean mapped) {
        String text() {
            byte[] whole = mapped ? toIpv6(base) : base;
            return literal(whole) + "/" + (mapped ? length + 96 : length);
        }

        boolean has(byte[] address) {
            return address.length == base.length
                    && bits(address).startsWith(bits(base).substring(0, length));
        }

        @Override
        public String toString() {
            return text();
        }
    }

    private static String bits(byte[] address) {
        StringBuilder bits = new StringBuilder();
        for (byte each : address) {
            for (int bit = 7; bit >= 0; bit--) {
                bits.append(each >> bit & 1);
            }
        }
        return bits.toString();
    }

    private static byte[] toIpv6(byte[] ipv4) {
        byte[] whole = new byte[16];
        whole[10] = whole[11] = -1;
        System.arraycopy(ipv4, 0, whole, 12, 4);
        return whole;
    }

    /// Written by hand: the JDK would make an IPv4 address of one that is mapped.
    private static String literal(byte[] address) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < address.length; i += address.length == 4 ? 1 : 2) {
            int part = address[i] & 0xff;
            text.append(i == 0 ? "" : address.length == 4 ? "." : ":");
            text.append(
                    address.length == 4
                            ? Integer.toString(part)
                            : Integer.toHexString(part << 8 | address[i + 1] & 0xff));
        }
        return text.toString();
    }

    private static Arbitrary<byte[]> addresses(int length) {
        return Arbitraries.of(Arrays.stream(INTERESTING).boxed().toList())
                .filter(bit -> bit < length * 8)
                .set()
                .ofMaxSize(4)
                .map(
                        set -> {
                            byte[] address = new byte[length];
                            address[0] = 0x20; // none that is mapped by chance
                            set.forEach(bit -> address[bit / 8] ^= (byte) (0x80 >> bit % 8));
                            return address;
                        });
    }

    @Provide
    Arbitrary<byte[]> anyAddress() {
        return Arbitraries.oneOf(addresses(4), addresses(16));
    }

    @Provide
    Arbitrary<List<Range>> ranges() {
        Arbitrary<Range> one =
                Combinators.combine(
                                Arbitraries.oneOf(addresses(4), addresses(16)),
                                Arbitraries.integers().between(0, 128),
                                Arbitraries.of(true, false))
                        .as(AdmissionProperties::range);
        return one.list().ofMaxSize(4);
    }

    private static Range range(byte[] address, int most, boolean mapped) {
        int length = Math.min(most, address.length * 8);
        byte[] base = address.clone();
        for (int bit = length; bit < base.length * 8; bit++) {
            base[bit / 8] &= (byte) ~(0x80 >> bit % 8);
        }
        return new Range(base, length, mapped && base.length == 4);
    }

    @Property
    void networksHaveWhatTheirFirstBitsSay(
            @ForAll("ranges") List<Range> allowed,
            @ForAll("ranges") List<Range> denied,
            @ForAll("anyAddress") byte[] address)
            throws UnknownHostException {
        List<Range> onlyDenied = denied.stream().filter(each -> !among(each, allowed)).toList();
        Admission admission =
                Admission.builder()
                        .allowNetworks(texts(allowed))
                        .denyNetworks(texts(onlyDenied))
                        .build();

        boolean expected =
                onlyDenied.stream().noneMatch(each -> each.has(address))
                        && (allowed.isEmpty()
                                || allowed.stream().anyMatch(each -> each.has(address)));
        assertThat(admission.admits(InetAddress.getByAddress(address))).isEqualTo(expected);
    }

    @Property
    void whatANetworkIsPrintedAsIsTheNetwork(@ForAll("ranges") List<Range> ranges) {
        Admission admission = Admission.builder().allowNetworks(texts(ranges)).build();

        assertThat(
                        Admission.builder()
                                .allowNetworks(admission.allowedNetworks().toArray(new String[0]))
                                .build())
                .isEqualTo(admission);
    }

    private static boolean among(Range range, List<Range> others) {
        return others.stream()
                .anyMatch(
                        each ->
                                Arrays.equals(each.base, range.base)
                                        && each.length == range.length);
    }

    private static String[] texts(List<Range> ranges) {
        return ranges.stream().map(Range::text).toArray(String[]::new);
    }
}
