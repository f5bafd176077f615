package tofu.recipes.first;

import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tofu.api.AllocationStrategy;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.Options;
import tofu.api.Status;

/// Opens and closes engines and channel groups.
public final class Lifecycle {
    private Lifecycle() {}

    /// An engine is a resource: opened with options, used, closed. Closing it twice does no harm,
    /// and a closed engine says so.
    public static String engine(PrintStream out) {
        Options options =
                Options.builder()
                        .maxPoolMessages(1_000)
                        .closeTimeout(Duration.ofSeconds(1))
                        .build();
        out.println(options);
        Ampe engine = Ampe.open(options);
        try (engine;
                Message message = engine.get(AllocationStrategy.POOL_ONLY)) {
            out.println("a new message: " + (message == null ? "none" : message.header()));
        }
        engine.close();
        try {
            return "a group of a closed engine: " + engine.create();
        } catch (AmpeException e) {
            return "closed: " + e.status();
        }
    }

    /// A group may be closed by any thread. Whoever waits in it is told; other groups of the
    /// engine go on.
    public static String group(PrintStream out) throws InterruptedException, ExecutionException {
        // The engine comes last, so it is closed first: then no thread waits any more.
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Ampe ampe = Ampe.open()) {
            ChannelGroup first = ampe.create();
            ChannelGroup second = ampe.create();
            Future<Status> waiting = threads.submit(() -> nextStatus(first));
            first.close(); // the same as ampe.destroy(first)
            Status ofFirst = waiting.get();
            out.println("who waited in the closed group was told " + ofFirst);
            second.updateReceiver(null);
            Status ofSecond = nextStatus(second);
            out.println("the other group works: " + ofSecond);
            return ofFirst + ", " + ofSecond;
        }
    }

    private static Status nextStatus(ChannelGroup group) throws InterruptedException {
        try (Message message = group.waitReceive()) {
            return message.status();
        } catch (AmpeException e) {
            return e.status();
        }
    }
}
