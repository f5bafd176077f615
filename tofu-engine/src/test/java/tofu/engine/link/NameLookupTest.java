package tofu.engine.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The addresses of a name keep the name that was asked for.
class NameLookupTest {
    private static final InetSocketAddress HOST = InetSocketAddress.createUnresolved("asked", 7);

    private static InetSocketAddress named(InetAddress address) {
        List<SocketAddress> named = NameLookup.named(HOST, List.of(address));
        assertThat(named).hasSize(1);
        return (InetSocketAddress) named.getFirst();
    }

    @Test
    void eachAddressHasTheNameAndThePortInTheOrderOfTheAnswer() throws Exception {
        InetAddress other = InetAddress.getByAddress("other", new byte[] {10, 0, 0, 1});
        List<SocketAddress> named =
                NameLookup.named(HOST, List.of(other, InetAddress.ofLiteral("2001:db8::1")));

        assertThat(named)
                .containsExactly(
                        new InetSocketAddress("10.0.0.1", 7),
                        new InetSocketAddress("2001:db8::1", 7));
        assertThat(named)
                .allSatisfy(
                        each ->
                                assertThat(((InetSocketAddress) each).getHostString())
                                        .isEqualTo("asked"));
    }

    @Test
    void anAddressOfALinkKeepsItsInterface() throws Exception {
        byte[] bytes = InetAddress.ofLiteral("fe80::1").getAddress();
        InetSocketAddress named = named(Inet6Address.getByAddress("other", bytes, 3));

        assertThat(named.getHostString()).isEqualTo("asked");
        assertThat(((Inet6Address) named.getAddress()).getScopeId()).isEqualTo(3);
    }

    @Test
    void anAddressWithoutAnInterfaceGetsNone() throws Exception {
        byte[] bytes = InetAddress.ofLiteral("fe80::1").getAddress();

        assertThat(named(InetAddress.getByAddress("other", bytes)).getAddress().getHostAddress())
                .isEqualTo("fe80:0:0:0:0:0:0:1");
    }
}
