package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Admission;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// Who may come in, over real sockets: others see their connection break, and no application hears
/// of them.
class AdmissionScenario {
    private static final String REFUSED = "connections refused";

    @RegisterExtension final Stage stage = new Stage();

    private Peer server(UnaryOperator<Admission.Builder> rules) {
        Admission admission = rules.apply(Admission.builder()).build();
        return stage.peer(o -> o.admission(admission));
    }

    private void expectInTheLog() {
        Eventually.passes("the log says so", () -> stage.expectWarning(REFUSED));
        assertThat(stage.takeWarning(REFUSED)).as("and no more, for ten seconds").isFalse();
    }

    private void greet(Peer server, String address) {
        RawPeer client = stage.raw(address);
        client.send(Frame.hello(7));
        server.expect(OpCode.HELLO_REQUEST, 7);
    }

    // ---- networks

    @ParameterizedTest
    @ValueSource(strings = {"tcp|127.0.0.1|0", "tcp||0"})
    void aNetworkThatIsDeniedSeesItsConnectionBreak(String listen) {
        Peer server = server(o -> o.denyNetworks("127.0.0.0/8"));
        String address = server.listen(listen).address().replace("||", "|127.0.0.1|");
        for (int i = 0; i < 20; i++) {
            stage.raw(address).expectEnding();
        }
        assertThat(server.poll(Duration.ZERO)).isNull();
        expectInTheLog();
    }

    @Test
    void aNetworkThatIsAllowedComesIn() {
        Peer server = server(o -> o.allowNetworks("127.0.0.0/8", "::1"));
        greet(server, server.listen("tcp|127.0.0.1|0").address());
        greet(server, server.listen("tcp||0").address().replace("||", "|127.0.0.1|"));
        Peer stranger = server(o -> o.allowNetworks("::1"));
        stage.raw(stranger.listen("tcp|127.0.0.1|0").address()).expectEnding();
        expectInTheLog();
    }

    @Test
    void aClientOfTofuLearnsThatItsConnectionBroke() {
        Peer server = server(o -> o.denyNetworks("127.0.0.1"));
        Peer client = stage.peer();
        int channel = client.sayHello(server.listen(Transport.TCP).address()).channel();
        client.untilClosed(channel);
        expectInTheLog();
    }

    // ---- connections

    @Test
    void anAddressHasNoMoreConnectionsThanItMay() throws Exception {
        Peer server = server(o -> o.connectionsPerAddress(2));
        String address = server.listen(Transport.TCP).address();
        RawPeer first = stage.raw(address).send(Frame.hello(1));
        stage.raw(address).send(Frame.hello(2));
        server.expect(OpCode.HELLO_REQUEST);
        server.expect(OpCode.HELLO_REQUEST);
        stage.raw(address).expectEnding();
        expectInTheLog();

        first.close();
        assertThat(server.next().status()).isEqualTo(Status.CHANNEL_CLOSED);
        greet(server, address);
    }

    @ParameterizedTest
    @EnumSource
    void aListenerLetsNoMoreInThanItMayInASecond(Transport transport) {
        Peer server = server(o -> o.connectionsPerSecond(1));
        String address = server.listen(transport).address();
        long begin = System.nanoTime();
        for (int i = 0; i < 50; i++) {
            sayHello(stage.raw(address));
        }
        server.expect(OpCode.HELLO_REQUEST);
        expectInTheLog();
        int came = 1;
        while (server.poll(Duration.ZERO) != null) {
            came++;
        }
        long seconds = (System.nanoTime() - begin) / 1_000_000_000;
        assertThat(came).isLessThanOrEqualTo((int) seconds + 2);
    }

    private static void sayHello(RawPeer client) {
        try {
            client.send(Frame.hello(7));
        } catch (UncheckedIOException refused) {
            // as most are
        }
    }

    // ---- users

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aUserComesInByNameAndByNumber(boolean byName, @TempDir Path folder) throws Exception {
        Path ours = Files.createFile(folder.resolve("ours"));
        String user =
                byName ? Files.getOwner(ours).getName() : Files.getAttribute(ours, "unix:uid") + "";
        Peer server = server(o -> o.allowUsers(user));
        Link link = Link.open(stage.peer(), server, server.listen(Transport.UDS).address());
        link.echo("hello");
        link.bye();
    }

    @Test
    void aGroupComesIn(@TempDir Path folder) throws Exception {
        Path ours = Files.createFile(folder.resolve("ours"));
        String group = Files.getAttribute(ours, "unix:gid") + "";
        Peer server = server(o -> o.allowGroups(group));
        greet(server, server.listen(Transport.UDS).address());
    }

    @Test
    void anotherUserIsRefused() {
        Peer server = server(o -> o.allowUsers("54321").allowGroups("54321"));
        RawPeer us = stage.raw(server.listen(Transport.UDS).address());
        us.expectEnding();
        assertThat(server.poll(Duration.ZERO)).isNull();
        expectInTheLog();
        greet(server, server.listen(Transport.TCP).address());
    }
}
