package tofu.recipes.first;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;

/// Talks to the thread that receives: `updateReceiver` puts a message, or a mere wake-up, into the
/// group's own inbox. A group needs no second queue beside it.
public final class UpdateReceiver {
    private UpdateReceiver() {}

    /// Runs the recipe.
    public static String run(PrintStream out) throws InterruptedException, ExecutionException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create()) {
            Future<List<String>> receiver = threads.submit(() -> receive(group));
            group.updateReceiver(null); // wakes it
            try (Message order = ampe.get()) {
                order.opCode(OpCode.SIGNAL).id(1).headers().append("do", "count");
                group.updateReceiver(order);
            }
            try (Message order = ampe.get()) {
                order.opCode(OpCode.SIGNAL).id(2).headers().append("do", "stop");
                group.updateReceiver(order);
            }
            List<String> heard = receiver.get();
            heard.forEach(out::println);
            return String.join(", ", heard);
        }
    }

    private static List<String> receive(ChannelGroup group) throws InterruptedException {
        List<String> heard = new ArrayList<>();
        boolean stop = false;
        while (!stop) {
            try (Message message = Steps.next(group)) {
                String order = message.headers().first("do");
                heard.add(message.origin() + " " + message.status() + " " + order);
                stop = "stop".equals(order);
            }
        }
        return heard;
    }
}
