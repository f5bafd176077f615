package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Address;
import tofu.api.Ampe;
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
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            FirstServer server = new FirstServer();
            Future<Boolean> served;
            try (Ampe ampe = Ampe.open()) {
                served =
                        threads.submit(
                                () -> {
                                    server.serve(ampe, somewhere(transport));
                                    return true;
                                });
                Address.Client address = server.address().get();
                assertThat(FirstClient.ask(address, "Hello, tofu!")).isEqualTo("HELLO, TOFU!");
                assertThat(FirstClient.ask(address, "Again")).isEqualTo("AGAIN");
            }
            assertThat(served.get()).isTrue();
        }
    }

    @Test
    void whereNobodyListensTheClientIsTold() {
        Address.Client nobody = Address.connectTo("uds|" + TestAddresses.temporaryUdsPath());
        assertThatThrownBy(() -> FirstClient.ask(nobody, "anyone?"))
                .hasMessage("cannot connect: UDS_PATH_NOT_FOUND");
    }
}
