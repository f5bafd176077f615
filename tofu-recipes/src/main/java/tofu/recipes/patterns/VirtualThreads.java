package tofu.recipes.patterns;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
import tofu.recipes.first.Failure;
import tofu.recipes.first.Steps;

/// A server with one virtual thread per peer: plain, blocking code for each conversation, and
/// hundreds of them at a time. One thread receives, and hands each message to its peer's thread,
/// and the end, so that no thread waits for who is gone.
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
            Future<Integer> server = threads.submit(() -> dispatch(threads, ampe, group));
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

    /// What has come from one peer. An empty one is the end: nothing else comes.
    private static final class Inbox {
        private final BlockingQueue<Optional<Message>> queue = new ArrayBlockingQueue<>(WORDS + 2);
        private boolean ended;

        /// Bounded: a slow conversation slows down the receiver.
        void put(Optional<Message> message) throws InterruptedException {
            queue.put(message);
        }

        /// @throws Failure at the end
        Message take() throws InterruptedException {
            return next().orElseThrow(() -> new Failure("the peer is gone"));
        }

        private Optional<Message> next() throws InterruptedException {
            Optional<Message> message = queue.take();
            ended = message.isEmpty();
            return message;
        }

        /// Lets go of all that comes, up to the end: whoever puts must not wait for ever.
        void discard() throws InterruptedException {
            while (!ended) {
                next().ifPresent(Message::close);
            }
        }
    }

    /// The one thread that receives.
    ///
    /// @return how many conversations there were
    static int dispatch(ExecutorService threads, Ampe ampe, ChannelGroup group)
            throws InterruptedException {
        Map<Integer, Inbox> peers = new HashMap<>();
        int conversations = 0;
        Message message = Steps.nextUnlessClosed(group);
        while (message != null) {
            int channel = message.channel();
            if (message.opCode() == OpCode.HELLO_REQUEST) {
                Inbox opened = new Inbox();
                peers.put(channel, opened);
                var _ = threads.submit(() -> converse(ampe, group, channel, opened));
                conversations++;
            }
            Inbox inbox = peers.get(channel);
            boolean last = message.endsChannel();
            if (inbox == null || message.origin() == Origin.ENGINE) {
                message.close();
            } else {
                inbox.put(Optional.of(message));
            }
            if (inbox != null && last) {
                peers.remove(channel);
                inbox.put(Optional.empty());
            }
            message = Steps.nextUnlessClosed(group);
        }
        for (Inbox inbox : peers.values()) {
            inbox.put(Optional.empty());
        }
        return conversations;
    }

    /// The thread of one peer. Whatever goes wrong costs this peer its channel, and no other.
    private static int converse(Ampe ampe, ChannelGroup group, int channel, Inbox inbox)
            throws InterruptedException {
        int said = 0;
        try {
            said = converse(group, inbox);
        } catch (RuntimeException e) {
            if (!inbox.ended) {
                Steps.cut(ampe, group, channel);
            }
        }
        inbox.discard();
        return said;
    }

    /// It reads as the conversation goes.
    private static int converse(ChannelGroup group, Inbox inbox) throws InterruptedException {
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
    static String tell(Ampe ampe, Address.Client address) throws InterruptedException {
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
