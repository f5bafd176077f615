package tofu.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Who may come in, as data.
class AdmissionTest {
    private static InetAddress address(String text) {
        return InetAddress.ofLiteral(text);
    }

    @Test
    void whatIsNotSaidLetsEverybodyIn() {
        Admission everybody = Admission.everybody();

        assertThat(everybody).isEqualTo(Admission.builder().build());
        assertThat(everybody).hasToString("Admission[everybody]");
        assertThat(everybody.admits(address("203.0.113.7"))).isTrue();
        assertThat(everybody.admits(address("2001:db8::7"))).isTrue();
        assertThat(everybody.allowedNetworks()).isEmpty();
        assertThat(everybody.deniedNetworks()).isEmpty();
        assertThat(everybody.allowedUsers()).isEmpty();
        assertThat(everybody.allowedGroups()).isEmpty();
        assertThat(everybody.connectionsPerAddress()).isZero();
        assertThat(everybody.ipv6AddressBits()).isEqualTo(128);
        assertThat(everybody.connectionsPerSecond()).isZero();
        assertThat(Options.defaults().admission()).isEqualTo(everybody);
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3, true",
        "10.66.2.3, false",
        "11.1.2.3, false",
        "192.168.1.5, true",
        "192.168.1.6, false",
        "fd12::1, true",
        "fd66::1, false",
        "fe80::1, false",
        "::1, true",
        "::, false",
    })
    void whoIsDeniedMayNotComeInEvenIfAllowed(String text, boolean admitted) {
        Admission admission =
                Admission.builder()
                        .allowNetworks("10.0.0.0/8", "192.168.1.5", "fd00::/8", "::1")
                        .denyNetworks("10.66.0.0/16", "fd66::/16")
                        .build();

        assertThat(admission.admits(address(text))).isEqualTo(admitted);
    }

    @Test
    void withoutNetworksThatAreAllowedAllAreThatAreNotDenied() {
        Admission admission = Admission.builder().denyNetworks("0.0.0.0/1", "8000::/1").build();

        assertThat(admission.admits(address("127.255.255.255"))).isFalse();
        assertThat(admission.admits(address("128.0.0.0"))).isTrue();
        assertThat(admission.admits(address("7fff::"))).isTrue();
        assertThat(admission.admits(address("8000::"))).isFalse();
    }

    @Test
    void allOfOneKindIsNothingOfTheOther() {
        Admission ipv6 = Admission.builder().allowNetworks("::/0").build();
        Admission ipv4 = Admission.builder().allowNetworks("0.0.0.0/0").build();

        assertThat(ipv6.admits(address("10.1.2.3"))).isFalse();
        assertThat(ipv6.admits(address("::ffff:10.1.2.3"))).isFalse();
        assertThat(ipv6.admits(address("::1"))).isTrue();
        assertThat(ipv4.admits(address("10.1.2.3"))).isTrue();
        assertThat(ipv4.admits(address("::1"))).isFalse();
        assertThat(ipv4.admits(address("::10.1.2.3"))).as("compatible, not mapped").isFalse();
    }

    /// The JDK makes an IPv4 address of it, unless it is asked not to.
    @Test
    void anIpv4AddressThatIsMappedToIpv6IsTheIpv4Address() throws UnknownHostException {
        byte[] bytes = new byte[16];
        System.arraycopy(new byte[] {-1, -1, 10, 1, 2, 3}, 0, bytes, 10, 6);
        Inet6Address mapped = Inet6Address.getByAddress(null, bytes, -1);

        for (String network : List.of("10.0.0.0/8", "::ffff:10.0.0.0/104", "::ffff:a01:203")) {
            Admission admission = Admission.builder().allowNetworks(network).build();
            assertThat(admission.admits(mapped)).as(network).isTrue();
            assertThat(admission.admits(address("10.1.2.3"))).as(network).isTrue();
            assertThat(admission.admits(address("11.1.2.3"))).as(network).isFalse();
        }
        assertThat(Admission.builder().allowNetworks("::ffff:10.0.0.0/104").build())
                .isEqualTo(Admission.builder().allowNetworks("10.0.0.0/8").build());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/8",
                "10.0.0.0/",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/08",
                "10.0.0.0/8/8",
                "10.0.0/8",
                "10.0.0.256",
                "010.0.0.0/8",
                "localhost",
                "example.org/24",
                "::/129",
                "::1/128/",
                "fe80::1%lo",
                "[::1]",
                ":::/0",
                "10.0.0.0/999",
                " 10.0.0.0/8",
                "0x10.0.0.0/8",
                "::ffff:10.0.0.0/129"
            })
    void whatIsNoNetworkIsRefusedByItsText(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Admission.builder().allowNetworks(text))
                .withMessageContaining("'" + text + "'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Admission.builder().denyNetworks("10.0.0.0/8", text))
                .withMessageContaining("'" + text + "'");
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1/8, 10.0.0.0/8",
        "255.255.255.255/0, 0.0.0.0/0",
        "192.168.1.129/25, 192.168.1.128/25",
        "fd00::1/64, fd00:0:0:0:0:0:0:0/64",
        "::ffff:10.0.0.1/104, 10.0.0.0/8",
    })
    void bitsBehindThePrefixAreMostLikelyAMistake(String text, String meant) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Admission.builder().allowNetworks(text))
                .withMessageContainingAll(text, "is it " + meant + "?");
    }

    @Test
    void whatContradictsItselfIsRefused() {
        Admission.Builder both =
                Admission.builder().allowNetworks("10.0.0.0/8").denyNetworks("10.0.0.0/8");

        assertThatIllegalArgumentException()
                .isThrownBy(both::build)
                .withMessage("10.0.0.0/8 is allowed and denied");
    }

    @Test
    void whatIsOutOfRangeIsRefusedByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Admission.builder().connectionsPerAddress(-1).build())
                .withMessage("connectionsPerAddress is -1, must be 0 to 65534");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Admission.builder().connectionsPerSecond(1_000_001).build())
                .withMessage("connectionsPerSecond is 1000001, must be 0 to 1000000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Admission.builder().ipv6AddressBits(0).build())
                .withMessage("ipv6AddressBits is 0, must be 1 to 128");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Admission.builder().allowUsers("root", " "))
                .withMessage("a user without a name");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Admission.builder().allowGroups(""))
                .withMessage("a group without a name");
        String[] many =
                IntStream.rangeClosed(0, Admission.MAX_NETWORKS)
                        .mapToObj(i -> "10.0." + i / 256 + "." + i % 256)
                        .toArray(String[]::new);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Admission.builder().allowNetworks(many).build())
                .withMessage("networks is 1001, must be 0 to 1000");
    }

    @Test
    void eachRuleCountsForEqualityAndIsPrinted() {
        Admission all = all().build();
        List<Admission> others =
                List.of(
                        all().allowNetworks("fd00::/8").build(),
                        all().denyNetworks("fd00::/8").build(),
                        all().allowUsers("bob").build(),
                        all().allowGroups("staff").build(),
                        all().connectionsPerAddress(5).build(),
                        all().ipv6AddressBits(48).build(),
                        all().connectionsPerSecond(6).build());

        assertThat(all).isEqualTo(all().build()).hasSameHashCodeAs(all().build());
        assertThat(all).isNotEqualTo("Admission");
        assertThat(others).doesNotContain(all).doesNotHaveDuplicates();
        assertThat(all)
                .hasToString(
                        "Admission[allowedNetworks=[10.0.0.0/8, 192.168.1.5/32],"
                                + " deniedNetworks=[10.66.0.0/16], allowedUsers=[alice, 1000],"
                                + " allowedGroups=[wheel], connectionsPerAddress=3,"
                                + " ipv6AddressBits=64, connectionsPerSecond=4]");
    }

    private static Admission.Builder all() {
        return Admission.builder()
                .allowNetworks("10.0.0.0/8", "192.168.1.5")
                .denyNetworks("10.66.0.0/16")
                .allowUsers("alice", "1000")
                .allowGroups("wheel")
                .connectionsPerAddress(3)
                .ipv6AddressBits(64)
                .connectionsPerSecond(4);
    }

    @Test
    void anAdmissionDoesNotChangeWithItsBuilder() {
        Admission.Builder builder = all();
        Admission before = builder.build();

        builder.allowNetworks("::/0").denyNetworks("::1").allowUsers("eve").allowGroups("eves");

        assertThat(before).isEqualTo(all().build());
    }
}
