package tofu.tests.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Ampe;
import tofu.api.BinaryHeader;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.Descriptors;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Hoard;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.TestNames;
import tofu.tests.rigs.Transport;

/// What is left behind: nothing. Alone in the process, as it counts what is open there.
@Isolated
class LeftoversScenario {
    private static final int MESSAGES = 64;
    private static final int CYCLES = 1000;
    private static final int WARM_UP = 20;

    @RegisterExtension final Stage stage = new Stage();

    private Peer peer() {
        return stage.peer(o -> o.maxPoolMessages(MESSAGES).initialPoolMessages(MESSAGES));
    }

    /// Runs cycles, and compares what there is afterwards with what there was after the first few.
    private void expectNoGrowth(IntConsumer cycle, Peer... peers) {
        for (int i = 0; i < WARM_UP; i++) {
            cycle.accept(i);
        }
        awaitWholeBooks(peers);
        int descriptors = Descriptors.count();
        int threads = stage.engineThreads().size();
        for (int i = 0; i < CYCLES; i++) {
            cycle.accept(i);
        }
        awaitWholeBooks(peers);
        // The loops give descriptors back on their next turn.
        Eventually.holds("no more descriptors", () -> Descriptors.count() <= descriptors);
        assertThat(stage.engineThreads()).hasSize(threads);
    }

    private static void awaitWholeBooks(Peer... peers) {
        for (Peer peer : peers) {
            Eventually.holds("whole books", () -> Hoard.sizeOf(peer.ampe()) == MESSAGES);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aThousandConnectHelloByeCloseCyclesLeaveNothing(Transport transport) {
        Peer server = peer();
        Peer client = peer();
        String address = server.listen(transport).address();
        expectNoGrowth(
                i -> {
                    Link link = Link.open(client, server, address);
                    link.echo("quick");
                    link.bye();
                },
                server,
                client);
    }

    @ParameterizedTest
    @EnumSource
    void aThousandAbruptEndsLeaveNothing(Transport transport) {
        Peer server = peer();
        Peer client = peer();
        String address = server.listen(transport).address();
        expectNoGrowth(
                i -> {
                    Link link = Link.open(client, server, address);
                    client.say(OpCode.BYE_SIGNAL, link.clientChannel());
                    client.untilClosed(link.clientChannel());
                    server.untilClosed(link.serverChannel());
                },
                server,
                client);
    }

    @ParameterizedTest
    @EnumSource
    void aThousandFailedConnectsLeaveNothing(Transport transport) {
        Peer client = peer();
        String address = transport.refusingAddress();
        expectNoGrowth(
                i -> {
                    BinaryHeader hello = client.sayHello(address);
                    client.expectReturned(OpCode.HELLO_REQUEST, hello.id(), Status.CONNECT_FAILED);
                    client.expectClosed(hello.channel(), hello.id());
                },
                client);
    }

    @ParameterizedTest
    @EnumSource
    void aThousandFailedListensLeaveNothing(Transport transport) {
        Peer server = peer();
        String address = stage.rawDoor(transport).address();
        expectNoGrowth(i -> server.untilClosed(server.sayWelcome(address).channel()), server);
    }

    /// RELIABILITY: FIN then RST (CVE-2026-42577), junk half-handshakes (nng#848), RST storm.
    @ParameterizedTest
    @EnumSource
    void aThousandRudeClientsLeaveNothing(Transport transport) {
        Peer server = peer();
        String address = server.listen(transport).address();
        expectNoGrowth(
                i -> {
                    RawPeer raw = RawPeer.connect(address);
                    switch (i % 5) {
                        case 0 -> raw.send(new byte[] {1, 2, 3});
                        case 1 -> raw.send(Frame.hello(1)).finish();
                        case 2 ->
                                raw.send(Frame.hello(1), Frame.of(OpCode.BYE_REQUEST, 2)).finish();
                        case 3 -> raw.finish();
                        default -> {}
                    }
                    raw.reset();
                    Received last = server.next();
                    while (last.status() != Status.CHANNEL_CLOSED) {
                        last = server.next();
                    }
                },
                server);
    }

    @ParameterizedTest
    @EnumSource
    void groupsComeAndGoAndLeaveNothing(Transport transport) {
        Ampe engine = peer().ampe();
        Peer client = peer();
        IntConsumer cycle =
                i -> {
                    Peer server = new Peer(engine);
                    Link link = Link.open(client, server, server.listen(transport).address());
                    server.group().close();
                    client.expectClosed(link.clientChannel(), link.helloId());
                };
        expectNoGrowth(cycle, client);
        assertThat(Hoard.sizeOf(engine)).isEqualTo(MESSAGES);
    }

    @ParameterizedTest
    @EnumSource
    void aClosedEngineLeavesNoThreadNoDescriptorAndNoFile(Transport transport) throws Exception {
        // The first one loads what stays.
        runAndClose(transport);
        int descriptors = Descriptors.count();
        runAndClose(transport);
        assertThat(Descriptors.count()).isEqualTo(descriptors);
    }

    private void runAndClose(Transport transport) throws Exception {
        Peer server = stage.peer(o -> o.loops(3));
        Peer client = stage.peer(o -> o.loops(2));
        List<String> addresses = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            addresses.add(server.listen(transport).address());
            Link.open(client, server, addresses.getLast()).echo("here");
        }
        // Starts a thread that looks names up.
        BinaryHeader hello = client.sayHello("tcp|" + TestNames.unknown() + "|1");
        client.untilClosed(hello.channel());
        assertThat(stage.engineThreads()).hasSizeGreaterThanOrEqualTo(5);
        stage.strike();
        assertThat(stage.engineThreads()).isEmpty();
        for (String address : addresses) {
            if (transport == Transport.UDS) {
                expectEmptyFolder(Path.of(address.substring("uds|".length())));
            }
        }
    }

    private static void expectEmptyFolder(Path file) throws IOException {
        try (Stream<Path> left = Files.list(file.getParent())) {
            assertThat(left).isEmpty();
        }
    }
}
