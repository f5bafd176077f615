package tofu.engine;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Asks the system, on a few threads that end when they are not needed.
///
/// Platform threads: a lookup blocks in native code, and would pin the carriers of the
/// application's virtual threads.
///
/// Threads: any.
final class SystemResolver implements Resolver {
    private static final int THREADS = 4;

    private final ThreadPoolExecutor threads;

    SystemResolver() {
        threads =
                new ThreadPoolExecutor(
                        THREADS,
                        THREADS,
                        1,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        Thread.ofPlatform().daemon().name("tofu-resolver-", 0).factory());
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public void resolve(String host, Consumer<List<InetAddress>> found) {
        try {
            threads.execute(() -> found.accept(lookUp(host)));
        } catch (RejectedExecutionException closed) {
            found.accept(List.of());
        }
    }

    private static List<InetAddress> lookUp(String host) {
        try {
            return List.of(InetAddress.getAllByName(host));
        } catch (UnknownHostException | RuntimeException e) {
            // Whatever it is, somebody waits for an answer.
            return List.of();
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
