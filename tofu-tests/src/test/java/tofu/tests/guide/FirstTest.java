package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.fixtures.TestAddresses;

/// The first server and the first client of the guide talk to each other.
class FirstTest {
    static Address.Server somewhere(String transport) {
        return transport.equals("uds")
                ? new Address.UdsServer(TestAddresses.temporaryUdsPath())
                : new Address.TcpServer("127.0.0.1", 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "uds"})
    void theClientIsAnsweredInCapitals(String transport) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Ampe ampe = Ampe.open()) {
            FirstServer server = new FirstServer();
            Future<Boolean> served =
                    threads.submit(
                            () -> {
                                server.serve(ampe, somewhere(transport));
                                return true;
                            });
            Address.Client address = server.address().get();
            assertThat(FirstClient.ask(address, "Hello, tofu!")).isEqualTo("HELLO, TOFU!");
            assertThat(FirstClient.ask(address, "Again")).isEqualTo("AGAIN");
            server.stop();
            assertThat(served.get()).isTrue();
        }
    }

    @Test
    void noPeerStopsTheServer() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Ampe serving = Ampe.open()) {
            FirstServer server = new FirstServer();
            Future<Boolean> served =
                    threads.submit(
                            () -> {
                                server.serve(serving, somewhere("uds"));
                                return true;
                            });
            Address.Client address = server.address().get();
            try (Ampe ampe = Ampe.open();
                    ChannelGroup group = ampe.create()) {
                int channel = FirstClient.connect(ampe, group, address);
                for (OpCode opCode : List.of(OpCode.SIGNAL, OpCode.RESPONSE)) {
                    try (Message message = ampe.get()) {
                        message.opCode(opCode).channel(channel).id(1).body().append("stop");
                        group.enqueueToPeer(message);
                    }
                }
                assertThat(FirstClient.ask(ampe, group, channel, "on?")).isEqualTo("ON?");
            }
            server.stop();
            assertThat(served.get()).isTrue();
        }
    }

    @Test
    void aClientThatIsRefusedIsNotConnected() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Ampe ampe = Ampe.open();
                ChannelGroup server = ampe.create();
                ChannelGroup client = ampe.create()) {
            FirstServer.listen(ampe, server, somewhere("tcp"));
            Address.Client address;
            try (Message welcome = FirstClient.next(server)) {
                address = Address.connectTo(Address.parse(welcome).toString());
            }
            Future<Integer> connected =
                    threads.submit(() -> FirstClient.connect(ampe, client, address));
            try (Message hello = FirstClient.next(server)) {
                hello.opCode(OpCode.BYE_RESPONSE).headers().clear().append("reason", "full");
                server.enqueueToPeer(hello);
            }
            assertThatThrownBy(connected::get).hasRootCauseMessage("refused: full");
        }
    }

    @Test
    void whereNobodyListensTheClientIsTold() {
        Address.Client nobody = Address.connectTo("uds|" + TestAddresses.temporaryUdsPath());
        assertThatThrownBy(() -> FirstClient.ask(nobody, "anyone?"))
                .hasMessage("cannot connect: UDS_PATH_NOT_FOUND");
    }
}
