package tofu.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;

/// Any text is an address or is refused as one; what is an address survives its text and the JDK.
class AddressProperties {
    @Property
    void arbitraryTextIsAnAddressOrIsRefused(@ForAll String text) {
        checkClient(text);
        checkServer(text);
    }

    @Property
    void textThatLooksLikeAnAddressIsOneOrIsRefused(@ForAll("almostAddresses") String text) {
        checkClient(text);
        checkServer(text);
    }

    private static void checkClient(String text) {
        Address.Client client = parsed(Address::connectTo, text);
        if (client != null) {
            assertThat(Address.connectTo(client.toString())).isEqualTo(client);
            assertThat(Address.connectTo(client.unresolved()).unresolved())
                    .isEqualTo(client.unresolved());
        }
    }

    private static void checkServer(String text) {
        Address.Server server = parsed(Address::listenOn, text);
        if (server != null) {
            assertThat(Address.listenOn(server.toString())).isEqualTo(server);
            SocketAddress listening = server.unresolved();
            assertThat(Address.listenOn(listening).unresolved())
                    .isEqualTo(isWildcard(listening) ? wildcard(listening) : listening);
        }
    }

    /// The wildcard address of either family stands for all interfaces.
    private static boolean isWildcard(SocketAddress address) {
        return address instanceof InetSocketAddress inet
                && inet.getAddress() != null
                && inet.getAddress().isAnyLocalAddress();
    }

    private static SocketAddress wildcard(SocketAddress address) {
        return new InetSocketAddress(((InetSocketAddress) address).getPort());
    }

    /// The address, or `null` if it was refused as it should be; fails on any other exception.
    private static <A extends Address> @Nullable A parsed(Function<String, A> parse, String text) {
        try {
            return parse.apply(text);
        } catch (AmpeException refused) {
            assertThat(refused.status()).isEqualTo(Status.INVALID_ADDRESS);
            return null;
        }
    }

    @Provide
    Arbitrary<String> almostAddresses() {
        Arbitrary<String> scheme =
                Arbitraries.frequencyOf(
                        Tuple.of(10, Arbitraries.of("tcp", "uds")),
                        Tuple.of(1, Arbitraries.strings().ascii().ofMaxLength(4)));
        Arbitrary<String> host =
                Arbitraries.oneOf(
                        Arbitraries.of(
                                "", "localhost", "127.0.0.1", "::1", "[::1]", "::", "fe80::1%lo"),
                        Arbitraries.strings().withChars("0123456789abcdef:.[]%").ofMaxLength(20),
                        Arbitraries.strings().ascii().ofMaxLength(12),
                        Arbitraries.strings().ofMaxLength(120).map(name -> "/" + name));
        Arbitrary<String> port =
                Arbitraries.oneOf(
                        Arbitraries.integers().between(-1, 70_000).map(number -> "|" + number),
                        Arbitraries.strings().ascii().ofMaxLength(6).map(word -> "|" + word),
                        Arbitraries.just(""));
        return Combinators.combine(scheme, host, port).as((s, h, p) -> s + "|" + h + p);
    }
}
