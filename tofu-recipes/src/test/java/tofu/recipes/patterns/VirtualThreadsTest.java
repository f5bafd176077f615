package tofu.recipes.patterns;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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

    @Test
    void whoLeavesAfterItsHelloLeavesNoThreadBehind() throws Exception {
        try (ExecutorService server = Executors.newVirtualThreadPerTaskExecutor();
                Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create();
                ChannelGroup client = ampe.create()) {
            Address.Client address = Steps.listen(ampe, group, SOMEWHERE);
            Future<Integer> count;
            try (ExecutorService conversations = Executors.newVirtualThreadPerTaskExecutor()) {
                count = server.submit(() -> VirtualThreads.dispatch(conversations, ampe, group));
                int channel = Steps.connect(ampe, client, address);
                Steps.cut(ampe, client, channel);
                Steps.awaitEnd(client, channel);
                assertThat(VirtualThreads.tell(ampe, address)).isEqualTo(ALL);
            } // while the server goes on
            ampe.destroy(group);
            assertThat(count.get()).isEqualTo(2);
        }
    }

    @Test
    void whoStaysIsNotWaitedForWhenTheServerEnds() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create();
                ChannelGroup client = ampe.create()) {
            Address.Client address = Steps.listen(ampe, group, SOMEWHERE);
            Future<Integer> count =
                    threads.submit(() -> VirtualThreads.dispatch(threads, ampe, group));
            Steps.connect(ampe, client, address);
            ampe.destroy(group);
            assertThat(count.get()).isEqualTo(1);
        }
    }

    @Test
    void whoSaysTooMuchHoldsUpNobody() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create();
                ChannelGroup client = ampe.create()) {
            Address.Client address = Steps.listen(ampe, group, SOMEWHERE);
            var _ = threads.submit(() -> VirtualThreads.dispatch(threads, ampe, group));
            int channel = Steps.connect(ampe, client, address);
            for (int i = 0; i < 100; i++) {
                try (Message word = ampe.get()) {
                    client.enqueueToPeer(word.opCode(OpCode.SIGNAL).channel(channel));
                }
            }
            assertThat(VirtualThreads.tell(ampe, address)).isEqualTo(ALL);
            ampe.destroy(group);
        }
    }
}
