package tofu.recipes.patterns;

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
import tofu.recipes.first.MultiHomed;
import tofu.recipes.first.Steps;

/// A queue of jobs, and workers that take them as fast as each can. One worker takes a job and goes
/// away with it; no job is lost. The queue is [Jobs].
public final class WorkQueue {
    private static final int JOBS = 100;
    private static final int WORKERS = 4;

    private WorkQueue() {}

    /// Runs the recipe.
    public static String run(PrintStream out, Address.Server where)
            throws InterruptedException, ExecutionException {
        Jobs jobs = new Jobs();
        for (int i = 1; i <= JOBS; i++) {
            jobs.add(Integer.toString(i));
        }
        long sum = 0;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Ampe ampe = Ampe.open();
                MultiHomed queue = MultiHomed.start(ampe, List.of(where), jobs)) {
            Address.Client address = queue.addresses().getFirst();
            desert(ampe, address);
            List<Future<Long>> workers = new ArrayList<>();
            for (int i = 0; i < WORKERS; i++) {
                workers.add(threads.submit(() -> work(ampe, address)));
            }
            for (Future<Long> worker : workers) {
                long part = worker.get();
                out.println("a worker's jobs add up to " + part);
                sum += part;
            }
        }
        return jobs.done() + " jobs done, " + jobs.given() + " handed out, sum " + sum;
    }

    /// Takes a job, and is never heard of again.
    private static void desert(Ampe ampe, Address.Client address) throws InterruptedException {
        try (ChannelGroup group = ampe.create()) {
            int channel = Steps.connect(ampe, group, address);
            ask(ampe, group, channel);
            Steps.receive(group, OpCode.RESPONSE).close();
        } // closing the group ends its channels
    }

    /// Works until there is nothing left to do.
    private static long work(Ampe ampe, Address.Client address) throws InterruptedException {
        long sum = 0;
        try (ChannelGroup group = ampe.create()) {
            int channel = Steps.connect(ampe, group, address);
            boolean idle = false;
            while (!idle) {
                ask(ampe, group, channel);
                try (Message job = Steps.receive(group, OpCode.RESPONSE)) {
                    idle = job.headers().first(Jobs.IDLE) != null;
                    sum += idle ? 0 : Long.parseLong(job.body().text());
                }
            }
            Steps.bye(ampe, group, channel);
        }
        return sum;
    }

    private static void ask(Ampe ampe, ChannelGroup group, int channel) {
        try (Message request = Steps.message(ampe)) {
            group.enqueueToPeer(request.opCode(OpCode.REQUEST).channel(channel));
        }
    }
}
