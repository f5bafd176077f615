package tofu.recipes.patterns;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.recipes.first.Steps;

/// A server with one virtual thread per peer: plain, blocking code for each conversation, and
/// hundreds of them at a time. One thread receives, and hands each message to its peer's thread.
public final class VirtualThreads {
    private static final int PEERS = 200;
    private static final int WORDS = 10;

    private VirtualThreads() {}

    /// Runs the recipe.
    public static String run(PrintStream out, Address.Server where)
            throws InterruptedException, ExecutionException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create()) {
            Address.Client address = Steps.listen(ampe, group, where);
            Future<Integer> server = threads.submit(() -> dispatch(threads, group));
            List<Future<String>> clients = new ArrayList<>();
            for (int i = 0; i < PEERS; i++) {
                clients.add(threads.submit(() -> tell(ampe, address)));
            }
            int right = 0;
            for (Future<String> client : clients) {
                right += client.get().equals("0 1 2 3 4 5 6 7 8 9 ") ? 1 : 0;
            }
            ampe.destroy(group);
            out.println("the server had " + server.get() + " threads, one per peer");
            return right + " of " + PEERS + " conversations went well";
        }
    }

    /// The one thread that receives.
    private static int dispatch(ExecutorService threads, ChannelGroup group)
            throws InterruptedException {
        Map<Integer, BlockingQueue<Message>> peers = new HashMap<>();
        List<Future<Integer>> conversations = new ArrayList<>();
        Message message = Steps.nextUnlessClosed(group);
        while (message != null) {
            if (message.opCode() == OpCode.HELLO_REQUEST) {
                BlockingQueue<Message> inbox = new ArrayBlockingQueue<>(WORDS + 2);
                peers.put(message.channel(), inbox);
                conversations.add(threads.submit(() -> converse(group, inbox)));
            }
            BlockingQueue<Message> inbox = peers.get(message.channel());
            if (message.endsChannel()) {
                peers.remove(message.channel());
            }
            if (inbox == null || message.origin() == Origin.ENGINE) {
                message.close();
            } else {
                inbox.put(message); // bounded: a slow conversation slows down the receiver
            }
            message = Steps.nextUnlessClosed(group);
        }
        return conversations.size();
    }

    /// The thread of one peer: it reads as the conversation goes.
    private static int converse(ChannelGroup group, BlockingQueue<Message> inbox)
            throws InterruptedException {
        try (Message hello = inbox.take()) {
            Steps.answer(group, hello);
        }
        StringBuilder said = new StringBuilder();
        for (int i = 0; i < WORDS; i++) {
            try (Message word = inbox.take()) {
                said.append(word.body().text()).append(' ');
            }
        }
        try (Message question = inbox.take()) {
            question.body().append(said);
            Steps.answer(group, question);
        }
        try (Message bye = inbox.take()) {
            Steps.answer(group, bye);
        }
        return said.length();
    }

    /// A client: ten signals, then the question what was said.
    private static String tell(Ampe ampe, Address.Client address) throws InterruptedException {
        try (ChannelGroup group = ampe.create()) {
            int channel = Steps.connect(ampe, group, address);
            for (int i = 0; i < WORDS; i++) {
                try (Message word = ampe.get()) {
                    word.opCode(OpCode.SIGNAL).channel(channel).body().append(Integer.toString(i));
                    group.enqueueToPeer(word);
                }
            }
            try (Message question = ampe.get()) {
                group.enqueueToPeer(question.opCode(OpCode.REQUEST).channel(channel));
            }
            String heard;
            try (Message answer = Steps.receive(group, OpCode.RESPONSE)) {
                heard = answer.body().text();
            }
            Steps.bye(ampe, group, channel);
            return heard;
        }
    }
}
