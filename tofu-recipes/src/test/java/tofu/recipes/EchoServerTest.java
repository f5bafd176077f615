package tofu.recipes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.fixtures.TestAddresses;

@Timeout(120)
class EchoServerTest {
    private static final String LISTENING = "listening on ";
    private static final String ANY_PORT = "tcp|127.0.0.1|0";

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "uds"})
    void everythingComesBackAsItWasSent(String transport) throws Exception {
        RunningRecipe server = RunningRecipe.start(EchoServer::run, addressOf(transport));
        String address = server.awaitLine(LISTENING);
        try (Station peer = Station.open()) {
            int channel = peer.connect(Address.connectTo(address));
            for (OpCode opCode : new OpCode[] {OpCode.REQUEST, OpCode.SIGNAL}) {
                try (Message message = peer.message()) {
                    message.opCode(opCode).channel(channel).id(77).more(true);
                    message.headers().append("colour", "white").append("taste", "none");
                    message.body().append("tofu");
                    peer.group().enqueueToPeer(message);
                }
                try (Message echo = peer.receive(opCode.echo())) {
                    assertThat(echo.channel()).isEqualTo(channel);
                    assertThat(echo.id()).isEqualTo(77);
                    assertThat(echo.more()).isTrue();
                    assertThat(echo.headers().toMap())
                            .containsEntry("colour", "white")
                            .containsEntry("taste", "none")
                            .hasSize(2);
                    assertThat(echo.body().text()).isEqualTo("tofu");
                }
            }
            peer.bye(channel);
            assertThat(server.awaitLine("channel ")).endsWith("connected");
            assertThat(server.awaitLine("channel ")).endsWith("ended: 2 messages, 8 bytes");
        }
        quit(server, address);
    }

    @Test
    void oneServerListensOnSeveralAddressesAtOnce() throws Exception {
        String path = TestAddresses.temporaryUdsPath();
        RunningRecipe server =
                RunningRecipe.start(EchoServer::run, ANY_PORT, "uds|" + path, ANY_PORT);
        for (int i = 0; i < 3; i++) {
            String address = server.awaitLine(LISTENING);
            RunningRecipe client = RunningRecipe.start(EchoClient::run, address, "10", "100");
            assertThat(client.exitCode()).as(client.errors()).isZero();
            if (i == 2) {
                quit(server, address);
            }
        }
        assertThat(server.output())
                .last()
                .isEqualTo("4 connections, 31 messages and 3,000 bytes echoed");
        assertThat(Path.of(path)).doesNotExist();
    }

    @Test
    void aPeerThatNeverReadsIsCutOffAndNobodyWaitsForIt() throws Exception {
        RunningRecipe server = RunningRecipe.start(EchoServer::run, ANY_PORT);
        Address.Client address = Address.connectTo(server.awaitLine(LISTENING));
        try (Station greedy = Station.open();
                Station modest = Station.open()) {
            int greedyChannel = greedy.connect(address);
            int modestChannel = modest.connect(address);
            assertThatThrownBy(
                            () -> {
                                while (true) {
                                    ask(greedy, greedyChannel, 60_000);
                                    ask(modest, modestChannel, 10);
                                    modest.receive(OpCode.RESPONSE).close();
                                }
                            })
                    .isInstanceOfSatisfying(
                            AmpeException.class,
                            e ->
                                    assertThat(e.status())
                                            .isIn(
                                                    Status.CHANNEL_CLOSED,
                                                    Status.INVALID_CHANNEL_NUMBER));
            ask(modest, modestChannel, 10);
            modest.receive(OpCode.RESPONSE).close();
            modest.bye(modestChannel);
        }
        quit(server, address.toString());
    }

    @Test
    void badArgumentsAreExplained() throws Exception {
        assertUsage("an address is needed");
        assertUsage("sctp|localhost", "sctp|localhost");
        assertUsage("70000", "tcp|127.0.0.1|70000");
        assertUsage("not absolute", "tcp|127.0.0.1|0", "uds|relative");
    }

    @Test
    void anAddressThatCannotBeListenedOnEndsTheServer() throws Exception {
        String path = TestAddresses.temporaryUdsPath() + "/no-such-folder";
        RunningRecipe server = RunningRecipe.start(EchoServer::run, ANY_PORT, "uds|" + path);
        assertThat(server.exitCode()).isEqualTo(1);
        assertThat(server.errors()).startsWith("EchoServer: cannot listen on uds|" + path + ": ");
    }

    @Test
    void anAddressInUseEndsTheServer() throws Exception {
        RunningRecipe first = RunningRecipe.start(EchoServer::run, ANY_PORT);
        String address = first.awaitLine(LISTENING);
        RunningRecipe second = RunningRecipe.start(EchoServer::run, address);
        assertThat(second.exitCode()).isEqualTo(1);
        assertThat(second.errors())
                .isEqualTo("EchoServer: cannot listen on %s: ADDRESS_IN_USE%n", address);
        quit(first, address);
    }

    private static void assertUsage(String reason, String... args) throws InterruptedException {
        RunningRecipe server = RunningRecipe.start(EchoServer::run, args);
        assertThat(server.exitCode()).isEqualTo(2);
        assertThat(server.errors()).contains(reason).contains("usage: EchoServer ADDRESS");
        assertThat(server.output()).isEmpty();
    }

    static String addressOf(String transport) {
        return transport.equals("uds") ? "uds|" + TestAddresses.temporaryUdsPath() : ANY_PORT;
    }

    /// Sends the signal that ends a server, and waits for its end.
    static void quit(RunningRecipe server, String address) throws Exception {
        try (Station peer = Station.open()) {
            int channel = peer.connect(Address.connectTo(address));
            try (Message signal = peer.message()) {
                signal.opCode(OpCode.SIGNAL).channel(channel).headers().append("quit", "now");
                peer.group().enqueueToPeer(signal);
            }
            peer.receive(OpCode.SIGNAL).close();
        }
        assertThat(server.exitCode()).as(server.errors()).isZero();
        assertThat(server.errors()).isEmpty();
    }

    private static void ask(Station peer, int channel, int size) throws InterruptedException {
        try (Message request = peer.message()) {
            request.opCode(OpCode.REQUEST).channel(channel).body().append(new byte[size]);
            peer.group().enqueueToPeer(request, Station.PATIENCE);
        }
    }
}
