package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static tofu.api.Status.COMMUNICATION_FAILED;
import static tofu.api.Status.INVALID_ADDRESS;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.Set;
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
import tofu.tests.rigs.Received;
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

    private static final int NAMES = 2_000;

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
        link.client().expectReturned(OpCode.HELLO_RESPONSE, hello.id(), INVALID_ADDRESS);
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
        link.client().expectReturned(OpCode.WELCOME_RESPONSE, welcome.id(), INVALID_ADDRESS);
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

    /// More than are looked up, and wait for that, at a time.
    @Test
    void ofThousandsOfNamesAtOnceEachIsAnsweredOnceAndNobodyElseWaits() {
        Peer client = stage.peer(o -> o.connectTimeout(Duration.ofMinutes(10)));
        Peer server = stage.peer();
        String address = server.listen(Transport.TCP).address();
        Link link = Link.open(stage.peerOn(client.ampe()), server, address);
        List<TestNames.Lookup> lookups = Stream.generate(this::hanging).limit(NAMES).toList();
        Set<Long> asked = new HashSet<>();
        for (TestNames.Lookup lookup : lookups) {
            asked.add(client.sayHello("tcp|" + lookup.host() + "|1").id());
        }
        assertThat(takeAnswer(client, asked)).as("too many").isEqualTo(COMMUNICATION_FAILED);
        for (int i = 0; i < 100; i++) {
            link.echo("meanwhile");
        }
        lookups.forEach(lookup -> lookup.end().countDown());
        Set<Status> reasons = EnumSet.noneOf(Status.class);
        while (!asked.isEmpty()) {
            reasons.add(takeAnswer(client, asked));
        }
        assertThat(reasons).containsExactlyInAnyOrder(INVALID_ADDRESS, COMMUNICATION_FAILED);
        client.expectNothing();
        link.bye();
    }

    private static Status takeAnswer(Peer client, Set<Long> asked) {
        Received answer = client.next();
        assertThat(asked.remove(answer.id())).as("asked for, not yet told: " + answer).isTrue();
        client.expectClosed(answer.channel(), answer.id());
        return answer.status();
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
        client.expectReturned(OpCode.HELLO_RESPONSE, hello.id(), INVALID_ADDRESS);
        client.expectClosed(hello.channel(), hello.id());
    }

    @ParameterizedTest
    @MethodSource("misbehaviour")
    void aWelcomeIsAnsweredHoweverTheLookupEnds(TestNames.Answer answer) {
        Peer server = stage.peer();
        BinaryHeader welcome = server.sayWelcome("tcp|" + TestNames.answeredBy(answer) + "|0");
        server.expectReturned(OpCode.WELCOME_RESPONSE, welcome.id(), INVALID_ADDRESS);
        server.expectClosed(welcome.channel(), welcome.id());
    }

    @Test
    void aListenersLookupEndsWithTheTimeToConnect() throws Exception {
        Peer server = stage.peer(o -> o.connectTimeout(SHORT));
        TestNames.Lookup lookup = hanging();
        BinaryHeader welcome = server.sayWelcome("tcp|" + lookup.host() + "|0");
        awaitBegin(lookup);
        server.expectReturned(OpCode.WELCOME_RESPONSE, welcome.id(), INVALID_ADDRESS);
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
