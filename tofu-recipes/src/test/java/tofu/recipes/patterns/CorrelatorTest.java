package tofu.recipes.patterns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.recipes.first.Steps;

@Timeout(60)
class CorrelatorTest {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private Ampe ampe;
    private ChannelGroup client;
    private ChannelGroup server;
    private Correlator correlator;
    private int channel;
    private int serverChannel;

    @BeforeEach
    void connect() throws InterruptedException {
        ampe = Ampe.open();
        client = ampe.create();
        server = ampe.create();
        correlator = new Correlator(client);
        Address.Client address = Steps.listen(ampe, server, new Address.TcpServer("127.0.0.1", 0));
        channel = Steps.hello(ampe, client, address);
        try (Message hello = Steps.receive(server, OpCode.HELLO_REQUEST)) {
            serverChannel = hello.channel();
            Steps.answer(server, hello);
        }
        Steps.receive(client, OpCode.HELLO_RESPONSE).close();
    }

    @AfterEach
    void close() {
        ampe.close();
        threads.close();
    }

    private Future<String> ask(Duration timeout) {
        return threads.submit(
                () -> {
                    try (Message request = Steps.message(ampe).channel(channel);
                            Message response = correlator.ask(request, timeout)) {
                        return response.body().text();
                    }
                });
    }

    @Test
    void aLateResponseIsTakenAndLetGo() throws Exception {
        Future<String> asked = ask(Duration.ofMillis(50));
        Message request = Steps.receive(server, OpCode.REQUEST);
        assertThatThrownBy(asked::get).hasCauseInstanceOf(TimeoutException.class);
        Steps.answer(server, request);
        Message late = Steps.next(client);
        assertThat(correlator.take(late)).isTrue();
        assertThat(late.isEmptied()).isTrue();
    }

    @Test
    void theEndOfTheChannelEndsTheWaiting() throws Exception {
        Future<String> asked = ask(Steps.PATIENCE);
        Steps.receive(server, OpCode.REQUEST).close();
        try (Message bye = Steps.message(ampe)) {
            server.enqueueToPeer(bye.opCode(OpCode.BYE_SIGNAL).channel(serverChannel));
        }
        boolean ended = false;
        while (!ended) {
            try (Message message = Steps.next(client)) {
                ended = message.endsChannel();
                assertThat(correlator.take(message)).isFalse();
            }
        }
        assertThatThrownBy(asked::get)
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        AmpeException.class,
                        e -> assertThat(e.status()).isEqualTo(Status.CHANNEL_CLOSED));
    }

    @Test
    void otherMessagesAreNotTaken() throws Exception {
        try (Message signal = Steps.message(ampe)) {
            server.enqueueToPeer(signal.opCode(OpCode.SIGNAL).channel(serverChannel));
        }
        try (Message signal = Steps.next(client)) {
            assertThat(correlator.take(signal)).isFalse();
        }
    }
}
