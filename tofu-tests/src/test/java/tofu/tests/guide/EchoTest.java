package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.fixtures.TestAddresses;

/// The echo of docs/guide/from-others.md in tofu; that of the others is in tofu-bench.
class EchoTest {
    // @start region="server"
    static void serveOne(ChannelGroup group) throws InterruptedException {
        boolean open = true;
        while (open) {
            try (Message message = group.waitReceive()) {
                open = !message.endsChannel();
                if (message.opCode().role() == OpCode.Role.REQUEST) {
                    group.enqueueToPeer(message.opCode(message.opCode().echo()));
                }
            }
        }
    }

    // @end

    // @start region="client"
    static String echo(Ampe ampe, Address.Client server, String text) throws InterruptedException {
        try (ChannelGroup group = ampe.create()) {
            int channel;
            try (Message hello = ampe.get()) {
                channel = group.enqueueToPeer(hello.connectTo(server)).channel();
            }
            try (Message request = ampe.get()) { // need not wait
                request.opCode(OpCode.REQUEST).channel(channel).body().append(text);
                group.enqueueToPeer(request);
            }
            while (true) {
                try (Message message = group.waitReceive(Duration.ofSeconds(10))) {
                    if (message == null || message.endsChannel()) {
                        throw new IllegalStateException("no answer");
                    }
                    if (message.opCode() == OpCode.RESPONSE) {
                        return message.body().text();
                    }
                }
            }
        }
    }

    // @end

    @Test
    void theEchoComes() throws Exception {
        String path = TestAddresses.temporaryUdsPath();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Ampe ampe = Ampe.open();
                ChannelGroup server = ampe.create()) {
            FirstServer.listen(ampe, server, new Address.UdsServer(path));
            server.waitReceive().close();
            Future<Boolean> served =
                    threads.submit(
                            () -> {
                                serveOne(server);
                                return true;
                            });
            assertThat(echo(ampe, new Address.UdsClient(path), "Hello")).isEqualTo("Hello");
            assertThat(served.get()).isTrue();
        }
    }
}
