package tofu.recipes.patterns;

import java.io.PrintStream;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.recipes.first.Steps;

/// A request for long work: the server tells how far it is by signals, and answers when it is done.
/// The signals have the id of the request, so that the client knows what they are about.
public final class Progress {
    private static final int STEPS = 10;

    private Progress() {}

    /// Runs the recipe.
    public static String run(PrintStream out, Address.Server where)
            throws InterruptedException, ExecutionException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Ampe ampe = Ampe.open();
                ChannelGroup server = ampe.create();
                ChannelGroup client = ampe.create()) {
            Address.Client address = Steps.listen(ampe, server, where);
            Future<Long> work = threads.submit(() -> work(ampe, server));
            int channel = Steps.connect(ampe, client, address);
            try (Message request = ampe.get()) {
                request.channel(channel).id(7).body().append("1000000");
                client.enqueueToPeer(request);
            }
            String outcome = follow(out, client);
            Steps.bye(ampe, client, channel);
            return outcome + (work.get() == 500_000_500_000L ? ", right" : ", wrong");
        }
    }

    private static String follow(PrintStream out, ChannelGroup group) throws InterruptedException {
        int signals = 0;
        while (true) {
            try (Message message = Steps.next(group)) {
                if (message.opCode() == OpCode.RESPONSE && message.id() == 7) {
                    return signals + " signals, then the sum is " + message.body().text();
                }
                if (message.opCode() == OpCode.SIGNAL && message.id() == 7) {
                    signals++;
                    out.println(message.headers().first("percent") + " %");
                }
            }
        }
    }

    /// Serves one client and one request: the sum of all numbers up to one.
    private static long work(Ampe ampe, ChannelGroup group) throws InterruptedException {
        try (Message hello = Steps.receive(group, OpCode.HELLO_REQUEST)) {
            Steps.answer(group, hello);
        }
        long sum = 0;
        try (Message request = Steps.receive(group, OpCode.REQUEST)) {
            long last = Long.parseLong(request.body().text());
            for (int step = 1; step <= STEPS; step++) {
                for (long n = last * (step - 1) / STEPS + 1; n <= last * step / STEPS; n++) {
                    sum += n;
                }
                try (Message signal = ampe.get()) {
                    signal.opCode(OpCode.SIGNAL).channel(request.channel()).id(request.id());
                    signal.headers().append("percent", Integer.toString(step * 100 / STEPS));
                    group.enqueueToPeer(signal, Steps.PATIENCE);
                }
            }
            request.body().clear().append(Long.toString(sum));
            Steps.answer(group, request);
        }
        try (Message bye = Steps.receive(group, OpCode.BYE_REQUEST)) {
            Steps.answer(group, bye);
        }
        return sum;
    }
}
