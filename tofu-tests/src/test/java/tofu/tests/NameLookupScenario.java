package tofu.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.BinaryHeader;
import tofu.api.OpCode;
import tofu.api.Status;

/// Looking up names: here a lookup that hangs.
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
}
