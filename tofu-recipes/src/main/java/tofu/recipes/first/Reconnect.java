package tofu.recipes.first;

import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.kit.Backoff;
import tofu.kit.Connector;
import tofu.kit.Dispatcher;

/// Connects to a server that is not there yet, or not there any more.
///
/// tofu never connects again by itself: what that should mean is the application's to say. It
/// takes a loop and a [Backoff]; or a [Connector], where the same thread has other things to do.
public final class Reconnect {
    private static final Duration FIRST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofMillis(50);

    private Reconnect() {}

    /// One thread, two engines: the server comes up after the client's third failure.
    public static String inOneThread(PrintStream out, Address.Server where)
            throws InterruptedException {
        Address.Server address = Steps.knownInAdvance(where);
        try (Ampe here = Ampe.open();
                ChannelGroup client = here.create();
                Ampe there = Ampe.open();
                ChannelGroup server = there.create()) {
            Backoff backoff = new Backoff(FIRST, LONGEST);
            int failures = 0;
            while (failures < 3) {
                int channel = Steps.tryConnect(here, client, Address.connectTo(address.toString()));
                if (channel != 0) {
                    return "somebody else listens on " + address;
                }
                failures++;
                // Waiting is receiving: what arrives meanwhile is not missed.
                here.put(client.waitReceive(backoff.next()));
                out.println("failure " + failures);
            }
            Address.Client up = Steps.listen(there, server, address);
            int channel = Steps.hello(here, client, up);
            try (Message hello = Steps.receive(server, OpCode.HELLO_REQUEST)) {
                Steps.answer(server, hello);
            }
            Steps.receive(client, OpCode.HELLO_RESPONSE).close();
            out.println("connected on channel " + channel);
            return "connected after " + failures + " failures";
        }
    }

    /// Two threads: the server comes, goes, and comes again; the client follows.
    public static String inThreads(PrintStream out, Address.Server where)
            throws InterruptedException, ExecutionException {
        Address.Server address = Steps.knownInAdvance(where);
        CountDownLatch failed = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create()) {
            Future<Integer> client =
                    threads.submit(() -> connectTwice(ampe, group, address, failed));
            failed.await();
            out.println("the client has tried in vain; the server comes up");
            serveOneHello(address);
            out.println("the server has gone, and comes again");
            serveOneHello(address);
            return "connected " + client.get() + " times";
        }
    }

    private static int connectTwice(
            Ampe ampe, ChannelGroup group, Address.Server address, CountDownLatch failed)
            throws InterruptedException {
        Backoff backoff = new Backoff(FIRST, LONGEST);
        int connections = 0;
        while (connections < 2) {
            int channel = Steps.tryConnect(ampe, group, Address.connectTo(address.toString()));
            if (channel == 0) {
                failed.countDown();
                ampe.put(group.waitReceive(backoff.next()));
            } else {
                connections++;
                backoff.reset();
                Steps.awaitEnd(group, channel); // the server goes
            }
        }
        return connections;
    }

    /// A server with a short life. Closing the engine sends what was enqueued before.
    private static Address serveOneHello(Address.Server address) throws InterruptedException {
        try (Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create()) {
            Address up = Steps.listen(ampe, group, address);
            try (Message hello = Steps.receive(group, OpCode.HELLO_REQUEST)) {
                Steps.answer(group, hello);
            }
            return up;
        }
    }

    /// A [Connector] of the kit, beside other business of the same loop.
    public static String withConnector(PrintStream out, Address.Server where)
            throws InterruptedException, ExecutionException {
        Address.Server address = Steps.knownInAdvance(where);
        CompletableFuture<Integer> up = new CompletableFuture<>();
        AtomicInteger others = new AtomicInteger();
        try (Ampe ampe = Ampe.open();
                Dispatcher dispatcher = new Dispatcher(ampe).start();
                Connector connector =
                        Connector.builder(dispatcher)
                                .to(Address.connectTo(address.toString()))
                                .backoff(FIRST, LONGEST)
                                .onUp(up::complete)
                                .start()) {
            CountDownLatch failed = new CountDownLatch(1);
            dispatcher.every(
                    FIRST,
                    () -> {
                        others.incrementAndGet(); // stands for other business
                        if (connector.failures() >= 3) {
                            failed.countDown();
                        }
                    });
            failed.await();
            out.println("three failures; the server comes up");
            serveOneHello(address);
            out.println("connected on channel " + up.get());
            return "connected late, other business: " + (others.get() > 0 ? "done" : "not done");
        }
    }
}
