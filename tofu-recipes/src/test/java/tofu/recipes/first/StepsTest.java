package tofu.recipes.first;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;

@Timeout(60)
class StepsTest {
    private static int tryConnect(OpCode answer) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Ampe ampe = Ampe.open();
                ChannelGroup server = ampe.create();
                ChannelGroup client = ampe.create()) {
            Address.Client address =
                    Steps.listen(ampe, server, new Address.TcpServer("127.0.0.1", 0));
            Future<Integer> connected =
                    threads.submit(() -> Steps.tryConnect(ampe, client, address));
            try (Message hello = Steps.receive(server, OpCode.HELLO_REQUEST)) {
                server.enqueueToPeer(hello.opCode(answer));
            }
            return connected.get();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BYE_REQUEST", "BYE_RESPONSE", "BYE_SIGNAL"})
    void aByeInPlaceOfAHelloIsNoConnection(OpCode bye) throws Exception {
        assertThat(tryConnect(bye)).isZero();
    }

    @Test
    void aHelloIs() throws Exception {
        assertThat(tryConnect(OpCode.HELLO_RESPONSE)).isNotZero();
    }
}
