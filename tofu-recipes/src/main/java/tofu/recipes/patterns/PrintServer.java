package tofu.recipes.patterns;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.recipes.first.MultiHomed;
import tofu.recipes.first.Steps;

/// A print server: clients with jobs, a [Spooler] between, and RIP workers that do the heavy part.
/// Everything that they tell each other is a message: tickets, pages, progress, and a bye.
public final class PrintServer {
    private static final int[] JOB_PAGES = {3, 12, 1};
    private static final int WORKERS = 3;

    private PrintServer() {}

    /// Runs the recipe.
    public static String run(PrintStream out, Address.Server where)
            throws InterruptedException, ExecutionException {
        int rasterised = 0;
        List<String> jobs = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Ampe ampe = Ampe.open();
                MultiHomed server = MultiHomed.start(ampe, List.of(where), new Spooler())) {
            Address.Client address = server.addresses().getFirst();
            CountDownLatch ready = new CountDownLatch(WORKERS + JOB_PAGES.length);
            List<Future<Integer>> workers = new ArrayList<>();
            for (int i = 0; i < WORKERS; i++) {
                workers.add(threads.submit(() -> rasterise(ampe, address, ready)));
            }
            List<Future<String>> clients = new ArrayList<>();
            for (int pages : JOB_PAGES) {
                clients.add(threads.submit(() -> print(out, ampe, address, pages, ready)));
            }
            for (Future<String> client : clients) {
                jobs.add(client.get());
            }
            for (Future<Integer> worker : workers) {
                rasterised += worker.get();
            }
        }
        return String.join(", ", jobs) + "; " + rasterised + " pages rasterised";
    }

    /// A client: hands in a job, watches it, and says bye.
    private static String print(
            PrintStream out, Ampe ampe, Address.Client address, int pages, CountDownLatch ready)
            throws InterruptedException {
        try (ChannelGroup group = ampe.create()) {
            int channel = Steps.connect(ampe, group, address);
            ready.countDown();
            ready.await();
            try (Message job = ampe.get()) {
                job.opCode(OpCode.REQUEST).channel(channel);
                job.headers().append("pages", Integer.toString(pages));
                group.enqueueToPeer(job);
            }
            String ticket;
            try (Message response = Steps.receive(group, OpCode.RESPONSE)) {
                ticket = "ticket " + response.headers().first("ticket");
            }
            String progress = "0/" + pages;
            while (!progress.equals(pages + "/" + pages)) {
                try (Message signal = Steps.receive(group, OpCode.SIGNAL)) {
                    progress = String.valueOf(signal.headers().first("progress"));
                    out.println(ticket + ": " + progress);
                }
            }
            Steps.bye(ampe, group, channel);
            return progress;
        }
    }

    /// A worker: rasterises what it is given, until the spooler says bye.
    private static int rasterise(Ampe ampe, Address.Client address, CountDownLatch ready)
            throws InterruptedException {
        int pages = 0;
        try (ChannelGroup group = ampe.create()) {
            int channel;
            try (Message hello = ampe.get()) {
                hello.connectTo(address).headers().append("role", "rip");
                channel = group.enqueueToPeer(hello).channel();
            }
            Steps.receive(group, OpCode.HELLO_RESPONSE).close();
            ready.countDown();
            boolean working = true;
            while (working) {
                try (Message message = Steps.next(group)) {
                    working = message.opCode() == OpCode.REQUEST;
                    pages += working ? 1 : 0;
                    message.body().append(working ? " as dots" : "");
                    Steps.answer(group, message);
                }
            }
            Steps.awaitEnd(group, channel);
        }
        return pages;
    }
}
