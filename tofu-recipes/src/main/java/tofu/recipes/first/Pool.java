package tofu.recipes.first;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.AllocationStrategy;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;

/// Takes all messages that a pool has, and gives them back.
public final class Pool {
    private Pool() {}

    /// The smallest pool has one message. Who asks for a second gets none, or, with `ALWAYS`, one
    /// from beyond the pool. A message that is closed can be had again.
    public static String smallest(PrintStream out) {
        Options options = Options.builder().initialPoolMessages(1).maxPoolMessages(1).build();
        List<String> got = new ArrayList<>();
        try (Ampe ampe = Ampe.open(options)) {
            try (Message first = ampe.get(AllocationStrategy.POOL_ONLY);
                    Message second = ampe.get(AllocationStrategy.POOL_ONLY);
                    Message beyond = ampe.get()) {
                got.add("first " + isThere(first));
                got.add("second " + isThere(second));
                got.add("beyond " + isThere(beyond));
            } // closed: the memory is the pool's again; closing null does nothing
            try (Message again = ampe.get(AllocationStrategy.POOL_ONLY)) {
                got.add("again " + isThere(again));
            }
        }
        out.println(got);
        return String.join(", ", got);
    }

    private static String isThere(@Nullable Message message) {
        return Message.isPresent(message) ? "yes" : "no";
    }

    /// An empty pool stops receiving. The group is told once, with `POOL_EMPTY`; as soon as a
    /// message is given back, receiving goes on, and nothing was lost.
    public static String refilled(PrintStream out, Address.Server where)
            throws InterruptedException {
        Options few = Options.builder().initialPoolMessages(4).maxPoolMessages(4).build();
        try (Ampe here = Ampe.open();
                ChannelGroup client = here.create();
                Ampe there = Ampe.open(few);
                ChannelGroup server = there.create()) {
            Address.Client address = Steps.listen(there, server, where);
            int channel = Steps.hello(here, client, address);
            try (Message hello = Steps.receive(server, OpCode.HELLO_REQUEST)) {
                Steps.answer(server, hello);
            }
            Steps.receive(client, OpCode.HELLO_RESPONSE).close();

            List<Message> hoard = hoard(there, few.maxPoolMessages());
            out.println("the server holds all " + hoard.size() + " messages of its pool");
            try (Message request = here.get()) {
                request.opCode(OpCode.REQUEST).channel(channel).body().append("anyone?");
                client.enqueueToPeer(request);
            }
            String notice;
            try (Message message = Steps.next(server)) {
                notice = message.status() + " on channel " + message.channel();
            }
            out.println("the engine says " + notice);
            hoard.forEach(Message::close);
            try (Message request = Steps.receive(server, OpCode.REQUEST)) {
                return notice + ", then " + request.body().text();
            }
        }
    }

    /// Takes all messages. The hello's memory comes back as soon as it is sent, maybe a moment
    /// after the peer has it.
    private static List<Message> hoard(Ampe ampe, int count) {
        List<Message> hoard = new ArrayList<>();
        while (hoard.size() < count) {
            Message message = ampe.get(AllocationStrategy.POOL_ONLY);
            if (message == null) {
                Thread.onSpinWait();
            } else {
                hoard.add(message);
            }
        }
        return hoard;
    }
}
