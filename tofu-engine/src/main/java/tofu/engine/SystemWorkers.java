package tofu.engine;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import tofu.engine.link.Workers;
import tofu.engine.loop.EngineThread;

/// A few threads of the system, which end when they are not needed.
///
/// As few as leave the loops a processor: more would make no handshake faster, and what there is
/// waits in line. The line is bounded by itself, as a connection has one thing in it at a time; and
/// by a number.
///
/// Threads: any.
final class SystemWorkers implements Workers {
    /// What waits in line at most; who comes then is refused.
    static final int MOST_WAITING = 4_096;

    static final int MOST_THREADS = 4;

    private final ThreadPoolExecutor threads;

    /// Threads in the group of who opens the engine, not of whoever happens to need one.
    SystemWorkers() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        AtomicInteger next = new AtomicInteger();
        int count = Math.clamp(Runtime.getRuntime().availableProcessors() - 1L, 1, MOST_THREADS);
        threads =
                new ThreadPoolExecutor(
                        count,
                        count,
                        1,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(MOST_WAITING),
                        work ->
                                EngineThread.unstarted(
                                        group, "tofu-worker-" + next.getAndIncrement(), work));
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public boolean run(Runnable work) {
        try {
            threads.execute(work);
            return true;
        } catch (RuntimeException | Error unable) {
            // Too much waits, or there is no thread, or no memory: it costs this piece of work.
            return false;
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
