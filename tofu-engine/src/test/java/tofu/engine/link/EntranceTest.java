package tofu.engine.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import tofu.api.Admission;
import tofu.engine.FakeNet;
import tofu.engine.FakeStream;
import tofu.engine.channel.Crew;
import tofu.engine.link.Entrance.Visit;
import tofu.engine.link.Refusals.Reason;

/// Who may come in, by the rules alone.
class EntranceTest {
    private static final SocketAddress FILE = UnixDomainSocketAddress.of("/nowhere/some.sock");

    private final Refusals refusals = new Refusals();

    /// How often somebody was told of a refusal.
    private int told;

    private Entrance entrance(UnaryOperator<Admission.Builder> rules) throws IOException {
        Admission admission = rules.apply(Admission.builder()).build();
        return new Entrance(admission, refusals, () -> told++);
    }

    private static SocketAddress from(String address) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), 40_000);
    }

    private static Visit enter(Entrance entrance, String address) {
        return Objects.requireNonNull(entrance.enter(from(address)), "let in");
    }

    @Test
    void withoutRulesEverybodyComesInAndNobodyCounts() throws IOException {
        Entrance entrance = entrance(rules -> rules);

        assertThat(entrance.admits(from("10.0.0.1"))).isTrue();
        assertThat(entrance.admits(null)).isTrue();
        assertThat(entrance.asksForUsers()).isFalse();
        for (int i = 0; i < 3; i++) {
            assertThat(entrance.enter(from("10.0.0.1"))).isSameAs(Visit.UNCOUNTED);
        }
        assertThat(entrance.addresses()).isZero();
    }

    @Test
    void networksThatAreAllowedKeepOthersOut() throws IOException {
        Entrance entrance = entrance(rules -> rules.allowNetworks("10.0.0.0/8"));

        assertThat(entrance.admits(from("10.0.0.1"))).isTrue();
        assertThat(entrance.admits(from("11.0.0.1"))).isFalse();
        assertThat(entrance.admits(null)).as("gone already").isFalse();
        assertThat(entrance.admits(FILE)).isFalse();
    }

    @Test
    void networksThatAreDeniedLetOthersIn() throws IOException {
        Entrance entrance = entrance(rules -> rules.denyNetworks("10.0.0.0/8"));

        assertThat(entrance.admits(from("10.0.0.1"))).isFalse();
        assertThat(entrance.admits(from("11.0.0.1"))).isTrue();
        assertThat(entrance.admits(null)).isFalse();
    }

    @Test
    void anAddressHasSoManyConnectionsAtATime() throws IOException {
        Entrance entrance = entrance(rules -> rules.connectionsPerAddress(2));
        Visit first = enter(entrance, "10.0.0.1");
        Visit second = enter(entrance, "10.0.0.1");
        assertThat(entrance.enter(from("10.0.0.1"))).isNull();
        Visit other = enter(entrance, "10.0.0.2");
        assertThat(entrance.addresses()).isEqualTo(2);

        first.end();
        assertThat(entrance.addresses()).as("one is left of it").isEqualTo(2);
        Visit third = enter(entrance, "10.0.0.1");
        assertThat(entrance.enter(from("10.0.0.1"))).isNull();

        second.end();
        third.end();
        assertThat(entrance.addresses()).isOne();
        other.end();
        assertThat(entrance.addresses()).as("nothing is kept of who has gone").isZero();
    }

    @Test
    void whatIsNoIpAddressIsNotCounted() throws IOException {
        Entrance entrance = entrance(rules -> rules.connectionsPerAddress(1));

        assertThat(entrance.enter(null)).isSameAs(Visit.UNCOUNTED);
        assertThat(entrance.enter(FILE)).isSameAs(Visit.UNCOUNTED);
        assertThat(entrance.addresses()).isZero();
    }

    /// With a prefix that ends within a byte, and one that ends with it.
    @Test
    void aNetworkOfIpv6IsOneAddressToTheLastBit() throws IOException {
        Entrance within = entrance(rules -> rules.connectionsPerAddress(1).ipv6AddressBits(60));
        enter(within, "2001:db8:0:10::1");
        assertThat(within.enter(from("2001:db8:0:1f:ffff:ffff:ffff:ffff"))).isNull();
        enter(within, "2001:db8:0:20::1");
        enter(within, "2001:db8:0:30::1");

        Entrance whole = entrance(rules -> rules.connectionsPerAddress(1).ipv6AddressBits(64));
        enter(whole, "2001:db8:0:10::1");
        enter(whole, "2001:db8:0:11::1");
        assertThat(whole.enter(from("2001:db8:0:11:8000::1"))).isNull();

        Entrance single = entrance(rules -> rules.connectionsPerAddress(1).ipv6AddressBits(128));
        enter(single, "2001:db8::2");
        enter(single, "2001:db8::3");
    }

    @Test
    void anAddressOfIpv4IsNeverCutShort() throws IOException {
        Entrance entrance = entrance(rules -> rules.connectionsPerAddress(1).ipv6AddressBits(1));
        enter(entrance, "10.0.0.2");
        enter(entrance, "10.0.0.3");
        enter(entrance, "11.0.0.3");
    }

    @Test
    void anotherThreadMayComeAndGoMeanwhile() throws Exception {
        Entrance entrance = entrance(rules -> rules.connectionsPerAddress(1));
        enter(entrance, "10.0.0.1").end();
        entrance.enter(from("10.0.0.1"));
        assertThat(entrance.enter(from("10.0.0.1"))).isNull();
        assertThat(entrance.addresses()).isOne();

        new Crew().add(() -> enter(entrance, "10.0.0.2").end()).work();

        assertThat(entrance.addresses()).isOne();
    }

    @Test
    void usersAreAskedForByNameOrByGroup() throws IOException {
        FakeStream known = new FakeStream(new FakeNet(false)).known();
        FakeStream unknown = new FakeStream(new FakeNet(false));
        for (UnaryOperator<Admission.Builder> rules :
                List.<UnaryOperator<Admission.Builder>>of(
                        each -> each.allowUsers("0"), each -> each.allowGroups("0"))) {
            Entrance entrance = entrance(rules);
            assertThat(entrance.asksForUsers()).isTrue();
            assertThat(entrance.isKnown(known)).isTrue();
            assertThat(entrance.isKnown(unknown)).isFalse();
        }
        assertThat(entrance(rules -> rules).isKnown(known)).as("nobody is asked for").isFalse();
    }

    @Test
    void whoIsRefusedIsCountedAndTold() throws IOException {
        Entrance entrance = entrance(rules -> rules);
        entrance.refuse(Reason.NETWORK, null);
        entrance.refuse(Reason.RATE, FILE);
        entrance.refuse(Reason.RATE, FILE);

        assertThat(told).isEqualTo(3);
        assertThat(entrance.refusals()).isSameAs(refusals);
        assertThat(refusals.count(Reason.NETWORK)).isOne();
        assertThat(refusals.count(Reason.RATE)).isEqualTo(2);
        assertThat(refusals.count(Reason.USER)).isZero();
    }
}
