package tofu.recipes.patterns;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
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
import tofu.kit.Connector;
import tofu.kit.Dispatcher;
import tofu.kit.Server;
import tofu.kit.WorkQueue;
import tofu.recipes.first.Steps;

/// A queue of jobs, and workers that take them as fast as each can. One worker takes a job and goes
/// away with it; no job is lost. The queue is the kit's.
public final class Workers {
    private static final int JOBS = 100;
    private static final int WORKERS = 4;

    private Workers() {}

    /// Runs the recipe.
    public static String run(PrintStream out, Address.Server where)
            throws InterruptedException, ExecutionException {
        long sum = 0;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Ampe ampe = Ampe.open();
                Dispatcher dispatcher = new Dispatcher(ampe).start()) {
            WorkQueue jobs =
                    new WorkQueue(
                            dispatcher,
                            WorkQueue.Settings.USUAL,
                            (number, job) -> out.println("nobody can do job " + number));
            Server server =
                    Server.builder(dispatcher)
                            .listenOn(where)
                            .sessions((peer, hello) -> jobs.session(peer))
                            .start();
            for (int i = 1; i <= JOBS; i++) {
                jobs.offer(Integer.toString(i).getBytes(StandardCharsets.UTF_8));
            }
            Address.Client address = server.listening().join().getFirst();
            desert(ampe, address);
            List<Future<Long>> workers = new ArrayList<>();
            for (int i = 0; i < WORKERS; i++) {
                workers.add(threads.submit(() -> work(ampe, address, jobs)));
            }
            for (Future<Long> worker : workers) {
                long part = worker.get();
                out.println("a worker's jobs add up to " + part);
                sum += part;
            }
            return jobs.done() + " jobs done, " + jobs.deliveries() + " handed out, sum " + sum;
        }
    }

    /// Takes a job, and is never heard of again.
    private static void desert(Ampe ampe, Address.Client address) throws InterruptedException {
        try (ChannelGroup group = ampe.create()) {
            int channel = Steps.connect(ampe, group, address);
            try (Message request = ampe.get().channel(channel)) {
                request.headers().append(WorkQueue.TAKE, "1000");
                group.enqueueToPeer(request);
            }
            Steps.receive(group, OpCode.RESPONSE).close();
        } // closing the group ends its channels
    }

    /// Works until all is done. While others work, one of their jobs may come back.
    private static long work(Ampe ampe, Address.Client address, WorkQueue jobs)
            throws InterruptedException {
        long sum = 0;
        try (Dispatcher dispatcher = new Dispatcher(ampe).start();
                Connector queue = Connector.to(dispatcher, address)) {
            while (jobs.jobs() > 0) {
                sum += workOnce(queue);
            }
        }
        return sum;
    }

    private static long workOnce(Connector queue) throws InterruptedException {
        String number;
        long job;
        try (Message given = ask(queue, WorkQueue.TAKE, "100")) { // waits so many milliseconds
            number = given.headers().first(WorkQueue.JOB);
            if (number == null) {
                return 0; // there is none just now
            }
            job = Long.parseLong(given.body().text());
        }
        ask(queue, WorkQueue.DONE, number).close();
        return job;
    }

    private static Message ask(Connector queue, String header, String value)
            throws InterruptedException {
        return queue.askAndWait(ask -> ask.headers().append(header, value), Steps.PATIENCE);
    }
}
