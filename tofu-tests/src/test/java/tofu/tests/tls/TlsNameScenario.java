package tofu.tests.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.BinaryHeader;
import tofu.api.OpCode;
import tofu.api.TlsSettings;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Secured;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.TestNames;

/// Whom a client of ours asks for in its handshake (SNI): the name that it connects to, as a server
/// of several names has to choose. RFC 6066 has no such names for addresses, and the JDK takes only
/// a name with a dot for one.
class TlsNameScenario {
    @RegisterExtension final Stage stage = new Stage();

    /// What a client asks for that connects to a host.
    private List<SNIServerName> askedOf(InetAddress where, String host) throws Exception {
        try (Foreign server =
                Foreign.listen(
                        where, Secured.files("server").get(), "TLSv1.3", TlsSettings.PROTOCOL)) {
            Peer client =
                    stage.peer(
                            Secured.by(
                                    TlsSettings.builder(Secured.noFiles())
                                            .dangerouslyAcceptAnyHostName()
                                            .build()));
            BinaryHeader hello = client.sayHello(server.address(host));
            List<SNIServerName> asked = server.asked();
            client.say(OpCode.BYE_SIGNAL, hello.channel());
            client.untilClosed(hello.channel());
            return asked;
        }
    }

    @Test
    void aHostNameIsAskedFor() throws Exception {
        String host = TestNames.of("127.0.0.1");
        assertThat(askedOf(InetAddress.ofLiteral("127.0.0.1"), host))
                .containsExactly(new SNIHostName(host));
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost"})
    void anAddressOrANameWithoutADotIsNot(String host) throws Exception {
        assertThat(askedOf(InetAddress.ofLiteral("127.0.0.1"), host)).isEmpty();
    }

    @Test
    void anAddressOfIpv6IsNot() throws Exception {
        InetAddress where = InetAddress.ofLiteral("::1");
        assumeTrue(isHere(where), "needs IPv6 on the loopback interface");
        assertThat(askedOf(where, "[::1]")).isEmpty();
    }

    private static boolean isHere(InetAddress address) throws IOException {
        return NetworkInterface.getByInetAddress(address) != null;
    }
}
