package tofu.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Address.TcpClient;
import tofu.api.Address.TcpServer;
import tofu.api.Address.TlsClient;
import tofu.api.Address.TlsServer;
import tofu.api.Address.UdsClient;
import tofu.api.Address.UdsServer;

/// Addresses as text and as the JDK's; those in a message's header are tested where messages are.
///
/// Somewhat long, as both kinds of addresses, and every way to misspell one, are here.
class AddressTest {
    @Nested
    class Tcp {
        @ParameterizedTest
        @CsvSource({
            "tcp|example.org|80, example.org, 80",
            "tcp|10.0.0.1|65535, 10.0.0.1, 65535",
            "tcp|::1|1, ::1, 1",
            "tcp|[::1]|1, [::1], 1",
            "tcp|example.org|00080, example.org, 80",
            "tcp|example.org|, example.org, 7099",
            "tcp|example.org, example.org, 7099",
            "tcp||80, 127.0.0.1, 80",
            "tcp||, 127.0.0.1, 7099",
            "tcp, 127.0.0.1, 7099",
        })
        void aClientAddressIsUnderstoodWithDefaults(String text, String host, int port) {
            assertThat(Address.connectTo(text)).isEqualTo(new TcpClient(host, port));
        }

        @ParameterizedTest
        @CsvSource({
            "tcp|example.org|80, example.org, 80",
            "tcp||7099, '', 7099",
            "tcp||0, '', 0",
            "tcp||, '', 7099",
            "tcp, '', 7099",
        })
        void aServerAddressWithoutAHostMeansAllInterfaces(String text, String host, int port) {
            assertThat(Address.listenOn(text)).isEqualTo(new TcpServer(host, port));
        }

        @ParameterizedTest
        @CsvSource({
            "tls|example.org|80, example.org, 80",
            "tls|[::1]|1, [::1], 1",
            "tls||80, 127.0.0.1, 80",
            "tls, 127.0.0.1, 7099",
        })
        void overTlsItIsUnderstoodLikewise(String text, String host, int port) {
            assertThat(Address.connectTo(text)).isEqualTo(new TlsClient(host, port));
            assertThat(new TlsClient(host, port)).hasToString("tls|" + host + "|" + port);
            assertThat(new TlsClient(host)).isEqualTo(new TlsClient(host, 7099));
            assertThat(Address.connectTo(text)).isNotEqualTo(new TcpClient(host, port));
            assertInvalid(() -> Address.connectTo("tls|h|1|2"), "tls|h|1|2");
        }

        @Test
        void aListenerOverTlsIsReachedOverTls() {
            assertThat(Address.listenOn("tls||0")).isEqualTo(new TlsServer("", 0));
            assertThat(new TlsServer("", 7099)).hasToString("tls||7099");
            assertThat(new TlsServer("").toClient()).isEqualTo(new TlsClient("127.0.0.1"));
            assertThat(new TlsServer("::", 9).toClient()).isEqualTo(new TlsClient("::1", 9));
            assertThat(new TlsServer("h", 9).toClient()).isEqualTo(new TlsClient("h", 9));
            assertThat(new TlsServer("", 9).toClient("h")).isEqualTo(new TlsClient("h", 9));
            assertThat(new TlsServer("::1", 9).unresolved().getPort()).isEqualTo(9);
            assertInvalid(() -> new TlsServer("", 0).toClient(), "0");
            assertInvalid(() -> new TlsClient("a b", 1), "'a b'");
            assertInvalid(() -> new TlsServer("h", -1), "-1");
        }

        @Test
        void theDefaultsAreThoseOfTheWireSpec() {
            assertThat(new TcpClient("")).isEqualTo(new TcpClient("127.0.0.1", 7099));
            assertThat(new TcpServer("")).isEqualTo(new TcpServer("", 7099));
        }

        @Test
        void theTextIsThatOfTheWireSpec() {
            assertThat(new TcpClient("127.0.0.1", 7099)).hasToString("tcp|127.0.0.1|7099");
            assertThat(new TcpServer("", 7099)).hasToString("tcp||7099");
        }

        @ParameterizedTest
        @ValueSource(ints = {0, -1, 65_536, Integer.MIN_VALUE, Integer.MAX_VALUE})
        void aClientPortOutsideItsLimitsIsRefused(int port) {
            assertInvalid(() -> new TcpClient("h", port), Integer.toString(port));
        }

        @ParameterizedTest
        @ValueSource(ints = {-1, 65_536, Integer.MIN_VALUE, Integer.MAX_VALUE})
        void aServerPortOutsideItsLimitsIsRefused(int port) {
            assertInvalid(() -> new TcpServer("h", port), Integer.toString(port));
        }

        @Test
        void portsAtTheirLimitsAreAccepted() {
            assertThat(new TcpClient("h", 1).port()).isEqualTo(1);
            assertThat(new TcpClient("h", 65_535).port()).isEqualTo(65_535);
            assertThat(new TcpServer("h", 0).port()).isZero();
            assertThat(new TcpServer("h", 65_535).port()).isEqualTo(65_535);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "|",
                    "tc",
                    "TCP|h|1",
                    " tcp|h|1",
                    "tcp|h|1|",
                    "tcp|h|1|2",
                    "udp|h|1",
                    "h:1",
                    "tcp|h|x",
                    "tcp|h|-1",
                    "tcp|h|+1",
                    "tcp|h| 1",
                    "tcp|h|1 ",
                    "tcp|h|65536",
                    "tcp|h|100000",
                    "tcp|h|\u0661",
                    "tcp|h|99999999999999999999",
                    "tcp|a b|1",
                    "tcp|\u00e4.org|1",
                    "tcp|h\n|1",
                    "tcp|h\u0000|1",
                    "tcp| |1",
                    "tcp|\u007f|1",
                    "tcp|h|0x50",
                    "tcp|h|1_0",
                    "tcp|h|8.0",
                    "tcp|h|\uff11",
                })
        void whatIsNoAddressIsRefusedBothWays(String text) {
            assertInvalid(() -> Address.connectTo(text));
            assertInvalid(() -> Address.listenOn(text));
        }

        @Test
        void aHostNameIsAtMost253BytesLong() {
            String longest = "a.".repeat(126) + "a";

            assertThat(new TcpClient(longest, 1).host()).isEqualTo(longest);
            assertInvalid(() -> new TcpClient(longest + "a", 1));
            assertInvalid(() -> new TcpServer(longest + "a", 1));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "127.0.0.1",
                    "0.0.0.0",
                    "255.255.255.255",
                    "::1",
                    "[::1]",
                    "::",
                    "[2001:db8::7]",
                    "::ffff:10.0.0.1"
                })
        void aLiteralNeedsNoLookup(String host) throws Exception {
            InetAddress expected = InetAddress.getAllByName(host)[0];

            for (SocketAddress address :
                    new SocketAddress[] {
                        new TcpClient(host, 5).unresolved(), new TcpServer(host, 5).unresolved()
                    }) {
                assertThat(address).isEqualTo(new InetSocketAddress(expected, 5));
            }
        }

        /// Each is an IPv4 address for some resolver, and not the same for all.
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "7099",
                    "0",
                    "127.1",
                    "127.0.1",
                    "2130706433",
                    "010.0.0.1",
                    "10.0.0.01",
                    "0177.0.0.1",
                    "127.0.0.00",
                    "0x7f.0.0.1",
                    "0x7f000001",
                    "127.0.0.0x1",
                    "1.2.3.256",
                    "1.2.3.4.5",
                    "1.2.3.4.",
                    "127.0.0.1..",
                    "999999999999",
                    "a.1",
                    "1e3.5",
                    "127.0.0.1%1",
                    "[127.0.0.1]",
                    "\u0661.2.3.4",
                    "1.2.3.\uff14",
                })
        void whatOnlyLooksLikeAnIpv4AddressIsRefused(String host) {
            assertRefused(host);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "::g",
                    ":",
                    ":::",
                    "1::2::3",
                    "12345::1",
                    "0fe80::1",
                    "1:2:3:4:5:6:7:8:9",
                    "::ffff:127.1",
                    "::ffff:010.0.0.1",
                    "::ffff:1.2.3.256",
                    "fe80::1%",
                    "fe80::1%%1",
                    "fe80::1%1]",
                    "%1",
                    "%1::",
                    "[]",
                    "[",
                    "]",
                    "[::1",
                    "::1]",
                    "[[::1]]",
                    "[::1]:80",
                    "[localhost]",
                    "a:b",
                    "127.0.0.1:80",
                    "example.org:80",
                })
        void whatOnlyLooksLikeAnIpv6AddressIsRefused(String host) {
            assertRefused(host);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    ".", ".a", "a..b", "a..", "a/b", "user@h", "a?b", "a%20b", "*", "a,b", "h#1",
                })
        void aNameHasLabelsOfLettersDigitsHyphensAndUnderscores(String host) {
            assertRefused(host);
            String longest = "a".repeat(63);
            assertThat(new TcpClient(longest + ".b", 1).host()).isEqualTo(longest + ".b");
            assertRefused(longest + "a.b");
        }

        private void assertRefused(String host) {
            assertInvalid(() -> Address.connectTo("tcp|" + host + "|80"), "'" + host + "'");
            assertInvalid(() -> Address.listenOn("tcp|" + host + "|80"), "'" + host + "'");
            assertInvalid(() -> new TcpClient(host), "'" + host + "'");
            assertInvalid(() -> new TcpServer(host), "'" + host + "'");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "localhost",
                    "example.org",
                    "example.org.",
                    "a_b-1",
                    "7z",
                    "1.2.3.4.example",
                    "0x7f.example",
                    "fe80::1%no-such-interface",
                })
        void whatIsNoLiteralIsANameLeftUnresolved(String host) {
            InetSocketAddress address = new TcpClient(host, 5).unresolved();

            assertThat(address.isUnresolved()).isTrue();
            assertThat(address.getPort()).isEqualTo(5);
        }

        @Test
        void allInterfacesAreTheWildcardAddress() {
            InetSocketAddress address = new TcpServer("", 5).unresolved();

            assertThat(address.getAddress().isAnyLocalAddress()).isTrue();
            assertThat(Address.listenOn(address)).isEqualTo(new TcpServer("", 5));
        }

        @ParameterizedTest
        @ValueSource(strings = {"0.0.0.0", "::", "[::]"})
        void aWildcardAddressOfEitherFamilyMeansAllInterfaces(String host) {
            InetSocketAddress address = new TcpServer(host, 5).unresolved();

            assertThat(Address.listenOn(address)).isEqualTo(new TcpServer("", 5));
        }

        @ParameterizedTest
        @ValueSource(strings = {"127.0.0.1", "::1", "[::1]", "example.org"})
        void anAddressSurvivesTheJdk(String host) {
            TcpClient client = new TcpClient(host, 5);
            TcpServer server = new TcpServer(host, 5);

            assertThat(Address.connectTo(client.unresolved()).unresolved())
                    .isEqualTo(client.unresolved());
            assertThat(Address.listenOn(server.unresolved()).unresolved())
                    .isEqualTo(server.unresolved());
        }

        @Test
        void aJdkAddressWithPortZeroCanBeListenedOnButNotConnectedTo() {
            InetSocketAddress address =
                    new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);

            assertThat(Address.listenOn(address)).isEqualTo(new TcpServer("127.0.0.1", 0));
            assertInvalid(() -> Address.connectTo(address));
        }
    }

    @Nested
    class Uds {
        @Test
        void anAddressIsUnderstood() {
            assertThat(Address.connectTo("uds|/tmp/a b.sock"))
                    .isEqualTo(new UdsClient("/tmp/a b.sock"))
                    .hasToString("uds|/tmp/a b.sock");
            assertThat(Address.listenOn("uds|/tmp/a b.sock"))
                    .isEqualTo(new UdsServer("/tmp/a b.sock"))
                    .hasToString("uds|/tmp/a b.sock");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "uds",
                    "uds|",
                    "uds|relative",
                    "uds|./a",
                    "uds|~/a",
                    "uds| /a",
                    "uds|/a|",
                    "uds|/a|1",
                    "uds|/a\n",
                    "uds|/a\u0000b",
                    "uds|/a\tb",
                    "UDS|/a",
                })
        void whatIsNoAbsolutePathIsRefusedBothWays(String text) {
            assertInvalid(() -> Address.connectTo(text));
            assertInvalid(() -> Address.listenOn(text));
        }

        @Test
        void aPathIsAtMost106BytesLong() {
            String longest = "/" + "a".repeat(105);

            assertThat(new UdsClient(longest).path()).isEqualTo(longest);
            assertThat(new UdsServer(longest).path()).isEqualTo(longest);
            assertInvalid(() -> new UdsClient(longest + "a"), "107", "106");
            assertInvalid(() -> new UdsServer(longest + "a"), "107", "106");
        }

        @Test
        void aPathIsMeasuredInBytesNotInCharacters() {
            assertInvalid(() -> new UdsServer("/" + "\u00e4".repeat(54)), "109 bytes");
            assertInvalid(() -> new UdsClient("/" + "\ud83d\ude00".repeat(27)), "109 bytes");
        }

        @Test
        void aPathMayHaveAnyLanguage() {
            assumeTrue(
                    "UTF-8".equals(System.getProperty("sun.jnu.encoding")), "needs a UTF-8 locale");
            String longest = "/" + "\u00e4".repeat(52) + "a";

            assertThat(new UdsClient(longest).path()).isEqualTo(longest);
            assertThat(new UdsServer("/\ud83d\ude00").unresolved())
                    .isEqualTo(UnixDomainSocketAddress.of("/\ud83d\ude00"));
        }

        @ParameterizedTest
        @ValueSource(strings = {"/\ud800", "/\udc00", "/\udc00\ud800", "/a\ud83d/b", "/\ud83d"})
        void aPathWithHalfASurrogatePairIsRefused(String path) {
            assertInvalid(() -> new UdsClient(path), "surrogate");
            assertInvalid(() -> Address.listenOn("uds|" + path), "surrogate");
        }

        @Test
        void aPathThatATextHeaderWouldTrimIsRefused() {
            assertInvalid(() -> new UdsClient("/tmp/a "));
            assertInvalid(() -> new UdsServer("/tmp/a "));
        }

        @Test
        void aPathSurvivesTheJdk() {
            UnixDomainSocketAddress address = UnixDomainSocketAddress.of(Path.of("/tmp/x"));

            assertThat(Address.connectTo(address)).isEqualTo(new UdsClient("/tmp/x"));
            assertThat(Address.listenOn(address)).isEqualTo(new UdsServer("/tmp/x"));
            assertThat(new UdsClient("/tmp/x").unresolved()).isEqualTo(address);
            assertThat(new UdsServer("/tmp/x").unresolved()).isEqualTo(address);
        }

        @Test
        void aRelativeOrUnnamedJdkPathIsRefused() {
            assertInvalid(() -> Address.connectTo(UnixDomainSocketAddress.of("x")));
            assertInvalid(() -> Address.listenOn(UnixDomainSocketAddress.of("")));
        }
    }

    @Test
    void anyOtherKindOfJdkAddressIsRefused() {
        SocketAddress other =
                new SocketAddress() {
                    private static final long serialVersionUID = 1L;

                    @Override
                    public String toString() {
                        return "pigeon";
                    }
                };

        assertInvalid(() -> Address.connectTo(other), "pigeon");
        assertInvalid(() -> Address.listenOn(other), "pigeon");
    }

    private static void assertInvalid(ThrowingCallable call, String... named) {
        assertThatExceptionOfType(AmpeException.class)
                .isThrownBy(call)
                .withMessageContainingAll(
                        named.length == 0 ? new String[] {"INVALID_ADDRESS"} : named)
                .returns(Status.INVALID_ADDRESS, AmpeException::status);
    }

    @ParameterizedTest
    @CsvSource({
        "tcp|127.0.0.1|80, tcp|127.0.0.1|80",
        "tcp|a.example|80, tcp|a.example|80",
        "tcp||80, tcp|127.0.0.1|80",
        "tcp|0.0.0.0|80, tcp|127.0.0.1|80",
        "tcp|::|80, tcp|::1|80",
        "tcp|[::]|80, tcp|::1|80",
        "tcp|::1|80, tcp|::1|80",
        "uds|/tmp/s, uds|/tmp/s",
    })
    void aClientOfTheSameMachineFindsTheListener(String listening, String there) {
        assertThat(Address.listenOn(listening).toClient()).hasToString(there);
        assertThat(Address.listenOn(listening).toClient().toClient()).hasToString(there);
    }

    @ParameterizedTest
    @CsvSource({
        "tcp|127.0.0.1|80, tcp|host.example|80",
        "tcp||80, tcp|host.example|80",
        "uds|/tmp/s, uds|/tmp/s",
    })
    void aClientOfAnotherMachineNamesThisOne(String listening, String there) {
        assertThat(Address.listenOn(listening).toClient("host.example")).hasToString(there);
    }

    @Test
    void noClientConnectsToAPortThatIsYetToBeChosen() {
        Address.Server any = Address.listenOn("tcp|127.0.0.1|0");
        assertThatExceptionOfType(AmpeException.class)
                .isThrownBy(any::toClient)
                .returns(Status.INVALID_ADDRESS, AmpeException::status);
        assertThatExceptionOfType(AmpeException.class)
                .isThrownBy(() -> any.toClient("host.example"))
                .returns(Status.INVALID_ADDRESS, AmpeException::status);
    }
}
