package tofu.recipes.first;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;

/// Many clients of one echo server at a time: each is a virtual thread with a group of its own,
/// and checks what comes back.
public final class EchoClients {
    private static final int ECHOES = 100;

    private EchoClients() {}

    /// Runs the recipe.
    ///
    /// @param clients how many
    public static String run(PrintStream out, Address.Server where, int clients)
            throws InterruptedException, ExecutionException {
        EchoService service = new EchoService();
        int right = 0;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Ampe ampe = Ampe.open();
                MultiHomed server = MultiHomed.start(ampe, List.of(where), service)) {
            Address.Client address = server.addresses().getFirst();
            List<Future<Integer>> running = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                running.add(threads.submit(() -> echo(ampe, address)));
            }
            for (Future<Integer> client : running) {
                right += client.get();
            }
        }
        out.println("the server has sent " + service.echoes() + " echoes");
        return clients + " clients, " + right + " right echoes";
    }

    private static int echo(Ampe ampe, Address.Client address) throws InterruptedException {
        int right = 0;
        try (ChannelGroup group = ampe.create()) {
            int channel = Steps.connect(ampe, group, address);
            for (int i = 1; i <= ECHOES; i++) {
                String text = "echo " + i + " of channel " + channel;
                try (Message request = ampe.get()) {
                    request.opCode(OpCode.REQUEST).channel(channel).id(i).body().append(text);
                    group.enqueueToPeer(request);
                }
                try (Message response = Steps.receive(group, OpCode.RESPONSE)) {
                    boolean same = response.id() == i && response.body().text().equals(text);
                    right += same ? 1 : 0;
                }
            }
            Steps.bye(ampe, group, channel);
        }
        return right;
    }
}
