package tofu.pool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.OpCode;
import tofu.api.Status;

/// An address that a message carries is the address that was put in.
class AddressHeaderProperties {
    private final SlotPool pool = Pools.ample();

    @Property
    void anAddressSurvivesTheMessage(@ForAll("addresses") Address address) {
        try (SlabMessage message = Pools.lease(pool)) {
            assertThat(Address.parse(Pools.open(message, address))).isEqualTo(address);
        }
    }

    @Property
    void anyHeaderIsAnAddressOrIsRefused(@ForAll String text, @ForAll OpCode opCode) {
        String name = opCode == OpCode.HELLO_REQUEST ? "~connect_to:" : "~listen_on:";
        try (SlabMessage message = Pools.lease(pool)) {
            Pools.receive(message, (name + text).getBytes(UTF_8), new byte[0]);
            message.opCode(opCode);
            try {
                assertThat(Address.parse(message)).isNotNull();
            } catch (AmpeException refused) {
                assertThat(refused.status()).isEqualTo(Status.INVALID_ADDRESS);
            }
        }
    }

    @Provide
    Arbitrary<Address> addresses() {
        Arbitrary<String> hosts =
                Arbitraries.oneOf(
                        Arbitraries.of("", "127.0.0.1", "::1", "[fe80::1%lo]", "a.example"),
                        Arbitraries.strings().withChars("abz09-_").ofMaxLength(62).map("a"::concat),
                        Arbitraries.integers()
                                .between(0, 255)
                                .list()
                                .ofSize(4)
                                .map(bytes -> join(bytes, ".")));
        Arbitrary<String> paths =
                Arbitraries.strings()
                        .withCharRange(' ', '~')
                        .ofMaxLength(Address.MAX_UDS_PATH_BYTES - 1)
                        .filter(path -> !path.contains("|") && !path.endsWith(" "))
                        .map(path -> "/" + path);
        Arbitrary<Integer> ports = Arbitraries.integers().between(1, 65_535);
        return Arbitraries.oneOf(
                Combinators.combine(hosts, ports).as(Address.TcpClient::new),
                Combinators.combine(hosts, Arbitraries.integers().between(0, 65_535))
                        .as(Address.TcpServer::new),
                paths.map(Address.UdsClient::new),
                paths.map(Address.UdsServer::new));
    }

    private static String join(List<Integer> numbers, String separator) {
        return numbers.stream().map(String::valueOf).collect(Collectors.joining(separator));
    }
}
