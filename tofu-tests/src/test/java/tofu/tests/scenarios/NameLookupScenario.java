package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ServiceConfigurationError;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.BinaryHeader;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Door;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.TestNames;
import tofu.tests.rigs.Transport;

/// Looking up names: lookups that hang, or end as no lookup should, and names of several addresses.
///
/// Rows of the wire spec's section 5:
/// - "name lookup": `aLookupThatHangsDisturbsNoOtherChannel`,
///   `aListenersLookupThatHangsDisturbsNoOtherChannel`, `theTimeToConnectIncludesTheLookup`,
///   `anEngineClosesDuringALookup`
class NameLookupScenario {
    private static final Duration SHORT = Duration.ofMillis(300);

    @RegisterExtension final Stage stage = new Stage();

    private TestNames.Lookup hanging() {
        TestNames.Lookup lookup = TestNames.hanging();
        stage.own(lookup.end()::countDown);
        return lookup;
    }

    private static void awaitBegin(TestNames.Lookup lookup) throws InterruptedException {
        assertThat(lookup.begun().await(Peer.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void aLookupThatHangsDisturbsNoOtherChannel(Transport transport) throws Exception {
        Link link = stage.link(transport);
        TestNames.Lookup lookup = hanging();
        BinaryHeader hello = link.client().sayHello("tcp|" + lookup.host() + "|1");
        awaitBegin(lookup);
        for (int i = 0; i < 100; i++) {
            link.echo("meanwhile");
        }
        lookup.end().countDown();
        link.client().expectReturned(OpCode.HELLO_RESPONSE, hello.id(), Status.INVALID_ADDRESS);
        link.client().expectClosed(hello.channel(), hello.id());
        link.bye();
    }

    @Test
    void aListenersLookupThatHangsDisturbsNoOtherChannel() throws Exception {
        Link link = stage.link(Transport.TCP);
        TestNames.Lookup lookup = hanging();
        BinaryHeader welcome = link.client().sayWelcome("tcp|" + lookup.host() + "|0");
        awaitBegin(lookup);
        link.echo("meanwhile");
        lookup.end().countDown();
        link.client().expectReturned(OpCode.WELCOME_RESPONSE, welcome.id(), Status.INVALID_ADDRESS);
        link.client().expectClosed(welcome.channel(), welcome.id());
        link.bye();
    }

    @Test
    void theTimeToConnectIncludesTheLookup() throws Exception {
        Peer client = stage.peer(o -> o.connectTimeout(SHORT));
        TestNames.Lookup lookup = hanging();
        BinaryHeader hello = client.sayHello("tcp|" + lookup.host() + "|1");
        awaitBegin(lookup);
        client.expectReturned(OpCode.HELLO_REQUEST, hello.id(), Status.CONNECT_TIMEOUT);
        client.expectClosed(hello.channel(), hello.id());
        lookup.end().countDown();
        client.expectNothing();
    }

    @Test
    void aChannelCanBeEndedDuringItsLookup() throws Exception {
        Peer client = stage.peer();
        TestNames.Lookup lookup = hanging();
        BinaryHeader hello = client.sayHello("tcp|" + lookup.host() + "|1");
        awaitBegin(lookup);
        client.say(OpCode.BYE_SIGNAL, hello.channel(), 7);
        client.expectReturned(OpCode.BYE_SIGNAL, 7, Status.CHANNEL_CLOSED);
        client.expectReturned(OpCode.HELLO_REQUEST, hello.id(), Status.CHANNEL_CLOSED);
        client.expectClosed(hello.channel(), hello.id());
        lookup.end().countDown();
        client.expectNothing();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anEngineClosesDuringALookup(boolean toConnect) throws Exception {
        Peer peer = stage.peer(o -> o.closeTimeout(Duration.ofMinutes(1)));
        TestNames.Lookup lookup = hanging();
        String address = "tcp|" + lookup.host() + "|1";
        BinaryHeader under = toConnect ? peer.sayHello(address) : peer.sayWelcome(address);
        assertThat(under.channel()).isPositive();
        awaitBegin(lookup);
        Running.run(peer.ampe()::close).result();
        assertThat(lookup.end().getCount()).as("still hangs").isEqualTo(1);
    }

    @Test
    void namesThatHangDoNotStopOthers() throws Exception {
        Peer server = stage.peer();
        String port = portOf(server.listen("tcp|127.0.0.1|0"));
        Peer client = stage.peer(o -> o.connectTimeout(Duration.ofMinutes(10)));
        for (int i = 0; i < 16; i++) {
            TestNames.Lookup lookup = hanging();
            client.sayHello("tcp|" + lookup.host() + "|1");
            awaitBegin(lookup);
        }
        Link.open(client, server, "tcp|" + TestNames.ofTwoAddresses() + port).bye();
        client.ignoreRest();
    }

    private static String portOf(Door door) {
        return door.address().substring("tcp|127.0.0.1".length());
    }

    // ---- lookups that end as none should

    private static Stream<Arguments> misbehaviour() {
        return Stream.of(
                answer(
                        "an Error",
                        () -> {
                            throw new ServiceConfigurationError("planted");
                        }),
                answer(
                        "an exception",
                        () -> {
                            throw new IllegalStateException("planted");
                        }),
                answer("null", () -> null),
                answer("no address", Stream::empty),
                answer("null for an address", () -> Stream.of((InetAddress) null)),
                answer(
                        "an Error of its stream",
                        () ->
                                Stream.generate(
                                        () -> {
                                            throw new ServiceConfigurationError("planted");
                                        })));
    }

    private static Arguments answer(String name, TestNames.Answer answer) {
        return Arguments.of(Named.of(name, answer));
    }

    @ParameterizedTest
    @MethodSource("misbehaviour")
    void aHelloIsAnsweredHoweverTheLookupEnds(TestNames.Answer answer) {
        Peer client = stage.peer();
        BinaryHeader hello = client.sayHello("tcp|" + TestNames.answeredBy(answer) + "|1");
        client.expectReturned(OpCode.HELLO_RESPONSE, hello.id(), Status.INVALID_ADDRESS);
        client.expectClosed(hello.channel(), hello.id());
    }

    @ParameterizedTest
    @MethodSource("misbehaviour")
    void aWelcomeIsAnsweredHoweverTheLookupEnds(TestNames.Answer answer) {
        Peer server = stage.peer();
        BinaryHeader welcome = server.sayWelcome("tcp|" + TestNames.answeredBy(answer) + "|0");
        server.expectReturned(OpCode.WELCOME_RESPONSE, welcome.id(), Status.INVALID_ADDRESS);
        server.expectClosed(welcome.channel(), welcome.id());
    }

    @Test
    void aListenersLookupEndsWithTheTimeToConnect() throws Exception {
        Peer server = stage.peer(o -> o.connectTimeout(SHORT));
        TestNames.Lookup lookup = hanging();
        BinaryHeader welcome = server.sayWelcome("tcp|" + lookup.host() + "|0");
        awaitBegin(lookup);
        server.expectReturned(OpCode.WELCOME_RESPONSE, welcome.id(), Status.INVALID_ADDRESS);
        server.expectClosed(welcome.channel(), welcome.id());
        lookup.end().countDown();
        server.expectNothing();
    }

    // ---- several addresses

    @Test
    void anAddressThatSwallowsEverythingLeavesTimeForTheNext() {
        Peer server = stage.peer();
        String port = portOf(server.listen("tcp|127.0.0.1|0"));
        InetSocketAddress swallowing =
                new InetSocketAddress(
                        InetAddress.ofLiteral("127.0.0.2"), Integer.parseInt(port.substring(1)));
        stage.own(FullDoor.open(Transport.TCP, swallowing));
        Peer client = stage.peer(o -> o.connectTimeout(Duration.ofSeconds(2)));
        Link.open(client, server, "tcp|" + TestNames.ofTwoAddresses() + port).bye();
    }

    @Test
    void theFirstAddressOfThisMachineIsListenedOn() {
        Peer server = stage.peer();
        // Reserved: no machine has them.
        String name = TestNames.of("240.0.0.1", "240.0.0.2", "127.0.0.1");
        String port = server.listen("tcp|" + name + "|0").address().substring(4 + name.length());
        Link.open(stage.peer(), server, "tcp|127.0.0.1" + port).bye();
    }

    @Test
    void anAddressInUseIsNotReplacedByTheNext() {
        Peer server = stage.peer();
        String port = portOf(server.listen("tcp|127.0.0.1|0"));
        String address = "tcp|" + TestNames.of("127.0.0.1", "127.0.0.2") + port;
        BinaryHeader welcome = server.sayWelcome(address);
        server.expectReturned(OpCode.WELCOME_RESPONSE, welcome.id(), Status.ADDRESS_IN_USE);
        server.expectClosed(welcome.channel(), welcome.id());
    }
}
