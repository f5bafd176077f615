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
import tofu.kit.Dispatcher;
import tofu.kit.Server;
import tofu.kit.Slow;
import tofu.kit.Topics;
import tofu.recipes.first.Steps;

/// Publish and subscribe: a broker, three subscribers of two topics, and a publisher. The broker is
/// the kit's; the others need nothing of it.
public final class PublishSubscribe {
    private static final int ITEMS = 10;
    private static final String END = "the end";

    private PublishSubscribe() {}

    /// Runs the recipe.
    public static String run(PrintStream out, Address.Server where)
            throws InterruptedException, ExecutionException {
        List<List<String>> wishes =
                List.of(List.of("news"), List.of("sport"), List.of("news", "sport"));
        List<String> heard = new ArrayList<>();
        long missed;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Ampe ampe = Ampe.open();
                Dispatcher dispatcher = new Dispatcher(ampe).start()) {
            Topics topics = new Topics(dispatcher, Slow.DROP_OLDEST);
            Server broker =
                    Server.builder(dispatcher)
                            .listenOn(where)
                            .sessions((peer, hello) -> topics.session(peer))
                            .start();
            Address.Client address = broker.listening().join().getFirst();
            CountDownLatch subscribed = new CountDownLatch(wishes.size());
            List<Future<Integer>> subscribers = new ArrayList<>();
            for (List<String> wish : wishes) {
                subscribers.add(threads.submit(() -> subscribe(ampe, address, wish, subscribed)));
            }
            subscribed.await();
            publish(ampe, address);
            for (int i = 0; i < wishes.size(); i++) {
                heard.add(wishes.get(i) + " " + subscribers.get(i).get());
            }
            missed = topics.missed();
        }
        heard.forEach(out::println);
        return String.join(", ", heard) + ", missed " + missed;
    }

    private static int subscribe(
            Ampe ampe, Address.Client address, List<String> topics, CountDownLatch subscribed)
            throws InterruptedException {
        int items = 0;
        try (ChannelGroup group = ampe.create()) {
            int channel = Steps.connect(ampe, group, address);
            for (String topic : topics) {
                try (Message request = ampe.get().channel(channel)) {
                    request.headers().append(Topics.SUBSCRIBE, topic);
                    group.enqueueToPeer(request);
                }
                Steps.receive(group, OpCode.RESPONSE).close();
            }
            subscribed.countDown();
            int ended = 0;
            while (ended < topics.size()) {
                try (Message item = Steps.receive(group, OpCode.SIGNAL)) {
                    boolean end = item.body().text().equals(END);
                    ended += end ? 1 : 0;
                    items += end ? 0 : 1;
                }
            }
            Steps.bye(ampe, group, channel);
        }
        return items;
    }

    private static void publish(Ampe ampe, Address.Client address) throws InterruptedException {
        try (ChannelGroup group = ampe.create()) {
            int channel = Steps.connect(ampe, group, address);
            for (int i = 1; i <= ITEMS + 1; i++) {
                for (String topic : List.of("news", "sport")) {
                    try (Message item = ampe.get()) {
                        item.opCode(OpCode.SIGNAL).channel(channel);
                        item.headers().append(Topics.PUBLISH, topic);
                        item.body().append(i <= ITEMS ? topic + " " + i : END);
                        group.enqueueToPeer(item);
                    }
                }
            }
            Steps.bye(ampe, group, channel);
        }
    }
}
