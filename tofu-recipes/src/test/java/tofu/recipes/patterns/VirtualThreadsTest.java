package tofu.recipes.patterns;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.recipes.first.Steps;

/// No peer keeps the thread of another one, or the server, by how it leaves or what it says.
@Timeout(30)
class VirtualThreadsTest {
    private static final Address.Server SOMEWHERE = new Address.TcpServer("127.0.0.1", 0);
    private static final String ALL = "0 1 2 3 4 5 6 7 8 9 ";

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Ampe ampe = Ampe.open();
    private final ChannelGroup group = ampe.create();
    private final ChannelGroup client = ampe.create();
    private Address.Client address;

    @BeforeEach
    void listen() throws InterruptedException {
        address = Steps.listen(ampe, group, SOMEWHERE);
    }

    @AfterEach
    void close() {
        ampe.close();
        threads.close();
    }

    @Test
    void whoLeavesAfterItsHelloLeavesNoThreadBehind() throws Exception {
        Future<Integer> count;
        try (ExecutorService conversations = Executors.newVirtualThreadPerTaskExecutor()) {
            count = threads.submit(() -> VirtualThreads.dispatch(conversations, ampe, group));
            int channel = Steps.connect(ampe, client, address);
            Steps.cut(ampe, client, channel);
            Steps.awaitEnd(client, channel);
            assertThat(VirtualThreads.tell(ampe, address)).isEqualTo(ALL);
        } // while the server goes on
        ampe.destroy(group);
        assertThat(count.get()).isEqualTo(2);
    }

    @Test
    void whoStaysIsNotWaitedForWhenTheServerEnds() throws Exception {
        Future<Integer> count = threads.submit(() -> VirtualThreads.dispatch(threads, ampe, group));
        Steps.connect(ampe, client, address);
        ampe.destroy(group);
        assertThat(count.get()).isEqualTo(1);
    }

    @Test
    void whoSaysTooMuchHoldsUpNobody() throws Exception {
        var _ = threads.submit(() -> VirtualThreads.dispatch(threads, ampe, group));
        int channel = Steps.connect(ampe, client, address);
        for (int i = 0; i < 100; i++) {
            try (Message word = ampe.get()) {
                client.enqueueToPeer(word.opCode(OpCode.SIGNAL).channel(channel));
            }
        }
        assertThat(VirtualThreads.tell(ampe, address)).isEqualTo(ALL);
    }
}
