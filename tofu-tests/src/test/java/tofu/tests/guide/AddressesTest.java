package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;

/// Snippets of docs/guide/addresses.md.
class AddressesTest {
    @Test
    void addressesAreTextOrRecords() {
        // @start region="forms"
        Address.Server everywhere = Address.listenOn("tcp||7099");
        Address.Server same = new Address.TcpServer("", 7099);
        Address.Client there = Address.connectTo("uds|/run/app/app.sock");
        String text = there.toString();
        // @end
        assertThat(everywhere).isEqualTo(same);
        assertThat(text).isEqualTo("uds|/run/app/app.sock");
        assertThat(there).isEqualTo(new Address.UdsClient("/run/app/app.sock"));
    }

    @Test
    void defaultsFillWhatIsMissing() {
        assertThat(Address.connectTo("tcp")).isEqualTo(new Address.TcpClient("127.0.0.1", 7099));
        assertThat(Address.connectTo("tcp|peer")).isEqualTo(new Address.TcpClient("peer", 7099));
        assertThat(Address.listenOn("tcp|127.0.0.1"))
                .isEqualTo(new Address.TcpServer("127.0.0.1", 7099));
        assertThat(Address.connectTo("tcp|[::1]|7099").unresolved())
                .isEqualTo(Address.connectTo("tcp|::1|7099").unresolved());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "udp|a|1", "tcp|a|70000", "tcp|a|x", "tcp|a b|1", "uds|app.sock", "uds"})
    void whatIsNoAddressIsRefused(String text) {
        assertThatThrownBy(() -> Address.connectTo(text))
                .isInstanceOf(AmpeException.class)
                .hasMessageStartingWith("INVALID_ADDRESS");
    }

    @Test
    void portZeroIsTheSystemsChoice() throws Exception {
        try (Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create()) {
            Address.Client address;
            // @start region="port-zero"
            try (Message welcome = ampe.get()) {
                group.enqueueToPeer(welcome.listenOn(Address.listenOn("tcp|127.0.0.1|0")));
            }
            try (Message welcome = group.waitReceive()) { // the WelcomeResponse
                Address listening = Address.parse(welcome); // tcp|127.0.0.1|40123, say
                address = listening.toClient();
            }
            // @end
            assertThat(((Address.TcpClient) address).port()).isPositive();
        }
    }

    @Test
    void aHelloMayCarryHeadersOfTheApplication() throws Exception {
        try (Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create()) {
            FirstServer.listen(ampe, group, Address.listenOn("tcp|127.0.0.1|0"));
            Address.Client address;
            try (Message welcome = group.waitReceive()) {
                address = Address.parse(welcome).toClient();
            }
            // @start region="hello-headers"
            try (Message hello = ampe.get()) {
                hello.connectTo(address); // the address becomes the first header; others stay
                hello.headers().append("user", "alice").append("token", "s3cret");
                group.enqueueToPeer(hello);
            }
            // @end
            try (Message hello = FirstClient.next(group)) {
                assertThat(hello.opCode()).isEqualTo(OpCode.HELLO_REQUEST);
                assertThat(Address.parse(hello)).isEqualTo(address);
                assertThat(hello.headers().first("user")).isEqualTo("alice");
            }
        }
    }
}
